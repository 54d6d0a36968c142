"""`report.html`: one file that needs no network and opens on a phone; the client's page, then the coach's."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from markupsafe import Markup

from analyzer.atomic_files import atomic_write
from analyzer.kinematics.back_rounding import BackRounding
from analyzer.kinematics.camera_view import allows_angles
from analyzer.report.charts.angle_series import columns_with_data
from analyzer.report.charts.event_bands import list_event_bands
from analyzer.report.charts.interactive_chart import build_chart_json, pack_plotly_js
from analyzer.report.movement_words import select_main_angle
from analyzer.report.pages import coach_content as coach
from analyzer.report.pages.back_table import ROUNDING_RANGES, build_back_table
from analyzer.report.pages.client_content import build_client_content
from analyzer.report.pages.event_overview import build_event_overview
from analyzer.report.pages.event_tables import build_event_tables
from analyzer.report.pages.load_table import build_load_table
from analyzer.report.pages.screening_table import build_screening_table
from analyzer.report.pages.templates import load_template
from analyzer.report.stills.page_pictures import EncodedPicture, PagePicture
from analyzer.results.schema import Analysis
from analyzer.vocabulary.angles import ANGLE_DISPLAYS
from analyzer.vocabulary.terms import GRADE_TEXTS, UNKNOWN_MOVEMENT_TEXT
from analyzer.vocabulary.units import format_about

_TEMPLATE = load_template("report.html.j2")


def write_report(
    analysis: Analysis,
    angles: pd.DataFrame,
    coach_pictures: Sequence[EncodedPicture],
    client_pictures: Sequence[EncodedPicture],
    svg: str,
    path: str | Path,
    back: BackRounding | None = None,
) -> None:
    """Write the report.

    Parameters
    ----------
    analysis : the result.
    angles : columns of `angles.csv`.
    coach_pictures : with the angles drawn.
    client_pictures : without angles drawn on them.
    svg : drawing of the angles over time, for where no script runs.
    path : of the HTML file.
    back : the line of the back in every row of `angles`; None where it was not measured.
    """
    degrees = allows_angles(analysis.view.grade)
    charted = bool(columns_with_data(angles, tuple(ANGLE_DISPLAYS)))
    bands, highlighted = list_event_bands(analysis), select_main_angle(analysis)
    chart = build_chart_json(angles, degrees=degrees, bands=bands, highlighted=highlighted) if charted else ""
    anchored = _set_anchors([PagePicture(picture) for picture in coach_pictures])
    text = _TEMPLATE.render(
        clip=analysis.clip,
        client=build_client_content(analysis),
        unknown_movement=UNKNOWN_MOVEMENT_TEXT,
        screen=build_screening_table(analysis.measures),
        view=analysis.view,
        grade=GRADE_TEXTS[analysis.view.grade],
        about=format_about,
        refilm=() if degrees else coach.REFILM_ADVICE,
        recognised=coach.describe_recognition(analysis),
        key_measures=coach.list_key_measures(analysis),
        overview=build_event_overview(analysis),
        findings=coach.list_findings(analysis),
        summary=coach.summarize_measures(analysis),
        symptoms=coach.build_symptom_tables(analysis),
        notes=coach.list_context_notes(analysis),
        tables=build_event_tables(analysis),
        load=build_load_table(analysis),
        back=build_back_table(analysis, back, angles),
        rounding_ranges=ROUNDING_RANGES,
        tracked_percent=round(100 * analysis.quality.tracked_fraction),
        warnings=analysis.quality.warnings,
        client_pictures=[PagePicture(picture) for picture in client_pictures],
        coach_pictures=anchored,
        anchors={picture.anchor for picture in anchored},
        ranges=coach.list_angle_ranges(analysis, angles) if charted and degrees else [],
        has_tall=bool((analysis.measures.get("own_tall") or {}).get("angles")),
        degrees=degrees,
        charted=charted,
        bands=bands,
        svg=Markup(svg) if charted else "",
        chart=Markup(chart),
        plotly_js=pack_plotly_js() if charted else "",
        provenance=coach.list_provenance(analysis),
    )
    with atomic_write(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _set_anchors(pictures: list[PagePicture]) -> list[PagePicture]:
    """Make the first picture of each rep, hold or stage the target of links to it."""
    linked = {""}
    for picture in pictures:
        picture.anchor = "" if picture.event in linked else picture.event
        linked.add(picture.event)
    return pictures
