"""`report.html`: one file that needs no network and opens on a phone; the client's page, then the coach's."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from markupsafe import Markup

from analyzer.files import atomic_write
from analyzer.kinematics.back_line import BackLine
from analyzer.kinematics.view import gives_degrees
from analyzer.report import coach
from analyzer.report.back import back_told
from analyzer.report.bands import bands_of
from analyzer.report.chart import chart_json, packed_plotly_js
from analyzer.report.client import client_page
from analyzer.report.events import event_tables
from analyzer.report.load_table import load_told
from analyzer.report.moments import main_angle
from analyzer.report.names import ANGLES
from analyzer.report.plot import columns_with_data
from analyzer.report.prints import PagePicture, Print
from analyzer.report.screen import screen_of
from analyzer.report.templates import template
from analyzer.result import Analysis

_TEMPLATE = template("report.html.j2")


def write_report(
    analysis: Analysis,
    angles: pd.DataFrame,
    pictures: Sequence[Print],
    best: Sequence[Print],
    svg: str,
    path: str | Path,
    back: BackLine | None = None,
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
    degrees = gives_degrees(analysis.view.grade)
    charted = bool(columns_with_data(angles, tuple(ANGLES)))
    bands, shown = bands_of(analysis), main_angle(analysis.movement.name)
    view_title, view_words = coach.VIEWS[analysis.view.grade]
    text = _TEMPLATE.render(
        clip=analysis.clip,
        client=client_page(analysis),
        screen=screen_of(analysis.measures),
        view=analysis.view,
        view_title=view_title,
        view_words=view_words,
        refilm=() if degrees else coach.REFILM,
        recognised=coach.recognised(analysis),
        told=coach.told(analysis),
        summary=coach.summary(analysis),
        felt=coach.felt(analysis),
        notes=coach.notes(analysis),
        tables=event_tables(analysis),
        load=load_told(analysis),
        back=back_told(analysis, back, angles),
        tracked_percent=round(100 * analysis.quality.tracked_fraction),
        warnings=analysis.quality.warnings,
        best=[PagePicture(picture) for picture in best],
        pictures=_anchored([PagePicture(picture) for picture in pictures]),
        ranges=coach.ranges(analysis, angles) if charted and degrees else [],
        has_tall=bool((analysis.measures.get("own_tall") or {}).get("angles")),
        degrees=degrees,
        charted=charted,
        bands=bands,
        svg=Markup(svg) if charted else "",
        chart=Markup(chart_json(angles, degrees=degrees, bands=bands, shown=shown)) if charted else "",
        plotly_js=packed_plotly_js() if charted else "",
        details=coach.details(analysis),
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
