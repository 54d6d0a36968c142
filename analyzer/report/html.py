"""`report.html`: one file that needs no network and opens on a phone."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from analyzer.files import atomic_write
from analyzer.kinematics.view import gives_degrees
from analyzer.report.chart import chart_json, packed_plotly_js
from analyzer.report.keyframes import KeyFrame
from analyzer.report.labels import Image8
from analyzer.report.names import ANGLES
from analyzer.report.plot import angles_svg, columns_with_data
from analyzer.result import Analysis, Grade

_VIEWS: dict[Grade, tuple[str, str]] = {
    "good": ("Good side view", "The camera stood square to the side, so the angles can be read in degrees."),
    "warn": (
        "Side view, a little turned",
        "The camera was turned somewhat off the side, so read the angles with a wider margin.",
    ),
    "shapes_only": (
        "Shapes only",
        "The camera was turned too far for degrees. The shape and the order of the movement can be read.",
    ),
    "refused": (
        "No angles from this view",
        "The camera was too far from the side. Film again square from the side, at hip height, 2.5 to 4 m away.",
    ),
}
_JPEG_QUALITY = 85


@dataclass(frozen=True)
class _Range:
    """One line of the table, as text."""

    title: str
    meaning: str
    lowest: str
    highest: str
    from_tall: str


def write_report(analysis: Analysis, angles: pd.DataFrame, pictures: Sequence[KeyFrame], path: str | Path) -> None:
    """Write the report.

    Parameters
    ----------
    analysis : what was found.
    angles : columns of `angles.csv`.
    pictures : from `key_frames`.
    path : of the HTML file.
    """
    degrees = gives_degrees(analysis.view.grade)
    charted = analysis.view.grade != "refused" and bool(columns_with_data(angles, tuple(ANGLES)))
    tall = (analysis.measures.get("own_tall") or {}).get("angles", {})
    view_title, view_words = _VIEWS[analysis.view.grade]
    text = _TEMPLATE.render(
        clip=analysis.clip,
        view=analysis.view,
        view_title=view_title,
        view_words=view_words,
        movement=" ".join(filter(None, [analysis.movement.name, analysis.movement.variant])).replace("_", " "),
        tracked_percent=round(100 * analysis.quality.tracked_fraction),
        warnings=analysis.quality.warnings,
        pictures=[(picture, _jpeg_url(picture.image)) for picture in pictures],
        ranges=_ranges(angles, tall) if charted and degrees else [],
        has_tall=bool(tall),
        degrees=degrees,
        charted=charted,
        svg=Markup(angles_svg(angles, degrees=degrees)) if charted else "",
        chart=Markup(chart_json(angles, degrees=degrees)) if charted else "",
        plotly_js=packed_plotly_js() if charted else "",
        details=_details(analysis),
    )
    with atomic_write(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


_TEMPLATE = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
).get_template("report.html.j2")


def _ranges(angles: pd.DataFrame, tall: dict[str, float]) -> list[_Range]:
    """Smallest and largest value of each angle, and the largest change from the person's own tall stance."""
    rows = []
    for column in columns_with_data(angles, tuple(ANGLES)):
        values = angles[column].to_numpy(dtype=float)
        values = values[np.isfinite(values)]
        change = values - tall[column] if tall.get(column) is not None else np.array([])
        rows.append(
            _Range(
                title=ANGLES[column].title,
                meaning=ANGLES[column].meaning.replace("is -", "is \N{MINUS SIGN}"),
                lowest=_degrees(values.min()),
                highest=_degrees(values.max()),
                from_tall=_degrees(change[np.abs(change).argmax()], signed=True) if len(change) else "",
            )
        )
    return rows


def _degrees(value: float, *, signed: bool = False) -> str:
    """Whole degrees: a phone clip bears no more."""
    whole = round(float(value))
    return (f"{whole:+d}°" if signed and whole else f"{whole}°").replace("-", "\N{MINUS SIGN}")


def _details(analysis: Analysis) -> list[tuple[str, str]]:
    """Where the numbers come from, as pairs of name and text."""
    clip, made = analysis.clip, analysis.provenance
    settings: dict[str, Any] = made.settings
    return [
        ("Clip", f"{clip.width_px} x {clip.height_px} pixels, {clip.frames} frames, {clip.mean_fps:.2f} a second"),
        ("SHA-256 of the clip", clip.sha256),
        ("Turned upright by", f"{clip.rotation_deg}°"),
        ("Person chosen by", f"{analysis.subject.chosen_by}; others seen: {analysis.subject.others_seen}"),
        ("Analyzer", made.analyzer),
        ("MediaPipe", made.mediapipe),
        ("SHA-256 of the pose model", made.model_sha256),
        *((f"Setting {name}", json.dumps(value, ensure_ascii=False)) for name, value in sorted(settings.items())),
    ]


def _jpeg_url(image: Image8) -> str:
    """Give the picture as a `data:` address."""
    options = [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY]
    _, jpeg = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), options)
    return "data:image/jpeg;base64," + base64.b64encode(jpeg.tobytes()).decode()
