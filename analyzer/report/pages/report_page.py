"""`report.html`: one file that needs no network and opens on a phone; the client's page, then the coach's."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from markupsafe import Markup

from analyzer.atomic_files import atomic_write
from analyzer.kinematics.back_rounding import BackRounding
from analyzer.kinematics.camera_view import allows_angles
from analyzer.report.angle_names import ANGLE_DISPLAYS
from analyzer.report.charts.event_bands import list_event_bands
from analyzer.report.charts.interactive_chart import build_chart_json, pack_plotly_js
from analyzer.report.charts.static_chart import columns_with_data
from analyzer.report.key_moments import get_main_angle
from analyzer.report.pages import coach_content as coach
from analyzer.report.pages.back_table import build_back_table
from analyzer.report.pages.client_content import build_client_content
from analyzer.report.pages.event_tables import build_event_tables
from analyzer.report.pages.load_table import build_load_table
from analyzer.report.pages.screening_table import build_screening_table
from analyzer.report.pages.templates import template
from analyzer.report.stills.page_pictures import EncodedPicture, PagePicture
from analyzer.results.schema import Analysis

_TEMPLATE = template("report.html.j2")


def write_report(
    analysis: Analysis,
    angles: pd.DataFrame,
    pictures: Sequence[EncodedPicture],
    best: Sequence[EncodedPicture],
    svg: str,
    path: str | Path,
    back: BackRounding | None = None,
) -> None:
    """Write the report.

    Parameters
    ----------
    analysis : what was found.
    angles : columns of `angles.csv`.
    pictures : for the coach, with the angles drawn.
    best : for the client, without numbers.
    svg : drawing of the angles over time, for where no script runs.
    path : of the HTML file.
    back : the line of the back in every row of `angles`.
    """
    degrees = allows_angles(analysis.view.grade)
    charted = bool(columns_with_data(angles, tuple(ANGLE_DISPLAYS)))
    bands, shown = list_event_bands(analysis), get_main_angle(analysis.movement.name)
    view_title, view_words = coach.VIEW_TEXTS[analysis.view.grade]
    text = _TEMPLATE.render(
        clip=analysis.clip,
        client=build_client_content(analysis),
        screen=build_screening_table(analysis.measures),
        view=analysis.view,
        view_title=view_title,
        view_words=view_words,
        refilm=() if degrees else coach.REFILM_ADVICE,
        recognised=coach.describe_recognition(analysis),
        told=coach.list_findings(analysis),
        summary=coach.summarize_measures(analysis),
        felt=coach.build_symptom_tables(analysis),
        notes=coach.list_context_notes(analysis),
        tables=build_event_tables(analysis),
        load=build_load_table(analysis),
        back=build_back_table(analysis, back, angles),
        tracked_percent=round(100 * analysis.quality.tracked_fraction),
        warnings=analysis.quality.warnings,
        best=[PagePicture(picture) for picture in best],
        pictures=_anchored([PagePicture(picture) for picture in pictures]),
        ranges=coach.list_angle_ranges(analysis, angles) if charted and degrees else [],
        has_tall=bool((analysis.measures.get("own_tall") or {}).get("angles")),
        degrees=degrees,
        charted=charted,
        bands=bands,
        svg=Markup(svg) if charted else "",
        chart=Markup(build_chart_json(angles, degrees=degrees, bands=bands, shown=shown)) if charted else "",
        plotly_js=pack_plotly_js() if charted else "",
        details=coach.list_provenance(analysis),
    )
    with atomic_write(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _anchored(pictures: list[PagePicture]) -> list[PagePicture]:
    """Let the first picture of each rep, hold or stage be found by its name."""
    seen = {""}
    for picture in pictures:
        picture.anchor = "" if picture.event in seen else picture.event
        seen.add(picture.event)
    return pictures
