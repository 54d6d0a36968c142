"""Write `comparison.html`: one file that needs no network and opens on a phone."""

import base64
import re
from collections.abc import Sequence
from pathlib import Path

import cv2

from analyzer.atomic_files import atomic_write
from analyzer.coaching.catalogue import load_catalogue
from analyzer.compare.schema import Comparison, QuantityChange, SideSummary
from analyzer.movements.minimal_detectable_change import Unit
from analyzer.report.drawing.labels import RgbImage
from analyzer.report.pages.templates import template

_JPEG_QUALITY = 85
_UNITS: dict[Unit, tuple[str, float, int]] = {
    "deg": ("°", 1.0, 0),
    "pct": ("\N{NO-BREAK SPACE}%", 1.0, 0),
    "s": ("\N{NO-BREAK SPACE}s", 1.0, 1),
    "share": ("\N{NO-BREAK SPACE}%", 100.0, 0),
}


def write_comparison_html(
    comparison: Comparison, pictures: Sequence[RgbImage], path: str | Path, *, video: str | None
) -> None:
    """Write the page.

    Parameters
    ----------
    comparison : the result.
    pictures : one of each side; empty without video.
    path : where to write the HTML file.
    video : file name of the video beside the page; None without one.
    """
    sides = comparison.sides
    text = _TEMPLATE.render(
        comparison=comparison,
        title=" and ".join(dict.fromkeys(side.name for side in sides)),
        facts={side.label: _describe_side(side) for side in sides},
        pictures=list(zip(sides, map(_jpeg_url, pictures), strict=True)) if pictures else [],
        setting=load_catalogue().get_entry(f"compare.setting_{comparison.setting}").say,
        stacked=any(picture.shape[1] > picture.shape[0] for picture in pictures),
        video=video,
        glued=_keep_units_together,
        value=_value,
        change=_change,
    )
    with atomic_write(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


_TEMPLATE = template("compare.html.j2", Path(__file__).parent)


def _describe_side(side: SideSummary) -> str:
    """Task, load and reps in one line."""
    parts = [side.movement.replace("_", " ")]
    if side.variant:
        parts.append(side.variant.replace("_", " "))
    if side.load_kg is not None:
        parts.append(f"{side.load_kg:g}\N{NO-BREAK SPACE}kg" if side.load_kg else "no load")
    for many, one in ((side.reps, "rep"), (side.holds, "hold"), (side.stages, "stage")):
        if many:
            parts.append(f"{len(many)} {one}{'' if len(many) == 1 else 's'}")
            break
    return ", ".join(parts)


def _keep_units_together(text: str) -> str:
    """Keep numbers and their units in one line."""
    return re.sub(r"(\d) (s\b|%|kg\b)", "\\1\N{NO-BREAK SPACE}\\2", text)


def _value(row: QuantityChange, number: float, *, signed: bool = False) -> str:
    unit, by, decimals = _UNITS[row.unit]
    if row.unit == "s" and number == row.threshold < 1:
        decimals = 2
    text = f"{by * number:{'+' if signed else ''}.{decimals}f}"
    if float(text) == 0:
        text = text.lstrip("+-")
    return text.replace("-", "\N{MINUS SIGN}") + unit


def _change(row: QuantityChange) -> str:
    return _value(row, row.change, signed=True)


def _jpeg_url(image: RgbImage) -> str:
    """Give the picture as a `data:` address."""
    options = [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY]
    _, jpeg = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), options)
    return "data:image/jpeg;base64," + base64.b64encode(jpeg.tobytes()).decode()
