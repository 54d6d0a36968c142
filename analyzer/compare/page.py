"""Write `comparison.html`: one file that needs no network and opens on a phone."""

from collections.abc import Sequence
from pathlib import Path

from analyzer.atomic_files import atomic_write
from analyzer.clip.image_types import RgbImage
from analyzer.coaching.catalogue import load_catalogue
from analyzer.compare.schema import Comparison, PairComparison, QuantityChange, SideSummary
from analyzer.report.pages.templates import load_template
from analyzer.report.stills.page_pictures import encode_jpeg, make_jpeg_url
from analyzer.vocabulary.key_measures import (
    format_change,
    format_directed,
    format_interval,
    format_mdc,
    format_threshold,
    format_verdict,
)
from analyzer.vocabulary.terms import format_count, format_name
from analyzer.vocabulary.units import format_number, keep_units_together

_JPEG_QUALITY = 85  # larger pictures than those of a report; chosen


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
        pictures=list(zip(sides, map(_make_picture_url, pictures), strict=True)) if pictures else [],
        setting=load_catalogue().get_entry(f"compare.setting_{comparison.setting}").say,
        stacked=any(picture.shape[1] > picture.shape[0] for picture in pictures),
        video=video,
        glued=keep_units_together,
        value=format_number,
        change=_change,
        threshold=_threshold,
        other_rows={pair.after: _list_other_rows(pair) for pair in comparison.pairs},
        key_value=format_directed,
        key_interval=format_interval,
        key_change=format_change,
        key_mdc=format_mdc,
    )
    with atomic_write(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


_TEMPLATE = load_template("compare.html.j2", Path(__file__).parent)


def _describe_side(side: SideSummary) -> str:
    """Task, load and reps in one line."""
    parts = [format_name(side.movement)]
    if side.variant:
        parts.append(format_name(side.variant))
    if side.load_kg is not None:
        parts.append(format_number(side.load_kg, "kg") if side.load_kg else "no load")
    for many, one in ((side.reps, "rep"), (side.holds, "hold"), (side.stages, "stage")):
        if many:
            parts.append(format_count(len(many), one))
            break
    return ", ".join(parts)


def _list_other_rows(pair: PairComparison) -> list[QuantityChange]:
    """List the quantities that are no key measures."""
    shown = {change.quantity for change in pair.key_changes}
    return [row for row in pair.rows if row.key not in shown]


def _change(row: QuantityChange) -> str:
    return format_verdict(row.change, row.unit, row.threshold, row.clear, is_better=False)


def _threshold(row: QuantityChange) -> str:
    return format_threshold(row.change, row.unit, row.threshold, row.clear)


def _make_picture_url(image: RgbImage) -> str:
    return make_jpeg_url(encode_jpeg(image, _JPEG_QUALITY))
