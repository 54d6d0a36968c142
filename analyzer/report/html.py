"""`report.html`: one file that needs no network and opens on a phone; the client's page, then the coach's."""

import base64
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from markupsafe import Markup
from matplotlib.figure import Figure

from analyzer.files import atomic_write
from analyzer.kinematics.back_line import BackLine
from analyzer.kinematics.view import gives_degrees
from analyzer.report import coach
from analyzer.report.back import back_told
from analyzer.report.bands import bands_of
from analyzer.report.chart import chart_json, packed_plotly_js
from analyzer.report.client import client_page
from analyzer.report.events import event_tables
from analyzer.report.keyframes import KeyFrame
from analyzer.report.labels import Image8
from analyzer.report.load_table import load_told
from analyzer.report.moments import main_angle
from analyzer.report.names import ANGLES
from analyzer.report.plain import number_text
from analyzer.report.plot import columns_with_data, figure_svg
from analyzer.report.screen import screen_of
from analyzer.report.templates import template
from analyzer.result import Analysis

_JPEG_QUALITY = 78
_SMALL_PX = 320  # the longer side of a picture where the client sees several; chosen

_TEMPLATE = template("report.html.j2")


def write_report(
    analysis: Analysis,
    angles: pd.DataFrame,
    pictures: Sequence[KeyFrame],
    best: Sequence[KeyFrame],
    figure: Figure,
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
    figure : the angles over time, for where no script runs.
    path : of the HTML file.
    back : the line of the back in every row of `angles`.
    """
    degrees = gives_degrees(analysis.view.grade)
    charted = analysis.view.grade != "refused" and bool(columns_with_data(angles, tuple(ANGLES)))
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
        best=[_Picture(picture, _SMALL_PX if len(best) > 1 else None) for picture in best],
        pictures=_anchored([_Picture(picture) for picture in pictures]),
        ranges=coach.ranges(analysis, angles) if charted and degrees else [],
        has_tall=bool((analysis.measures.get("own_tall") or {}).get("angles")),
        degrees=degrees,
        charted=charted,
        bands=bands,
        svg=Markup(figure_svg(figure)) if charted else "",
        chart=Markup(chart_json(angles, degrees=degrees, bands=bands, shown=shown)) if charted else "",
        plotly_js=packed_plotly_js() if charted else "",
        details=coach.details(analysis),
    )
    with atomic_write(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


class _Picture:
    """A picture as the page has it."""

    def __init__(self, picture: KeyFrame, long_side_px: int | None = None) -> None:
        self.title, self.event = picture.moment.title, picture.moment.event
        self.anchor = ""
        self.time = f"{picture.moment.time_s:.1f}"
        self.angles = ", ".join(
            f"{ANGLES[name].label} {number_text(value)}" for name, value in picture.angles.items() if np.isfinite(value)
        )
        image = _reduced(picture.image, long_side_px) if long_side_px else picture.image
        self.height_px, self.width_px = image.shape[:2]
        self.url = _jpeg_url(image)


def _anchored(pictures: list[_Picture]) -> list[_Picture]:
    """Let the first picture of each rep, hold or stage be found by its name."""
    seen = {""}
    for picture in pictures:
        picture.anchor = "" if picture.event in seen else picture.event
        seen.add(picture.event)
    return pictures


def _reduced(image: Image8, long_side_px: int) -> Image8:
    scale = min(1.0, long_side_px / max(image.shape[:2]))
    size = round(scale * image.shape[1]), round(scale * image.shape[0])
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _jpeg_url(image: Image8) -> str:
    """Give the picture as a `data:` address."""
    options = [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY]
    _, jpeg = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), options)
    return "data:image/jpeg;base64," + base64.b64encode(jpeg.tobytes()).decode()
