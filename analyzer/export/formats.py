"""The export formats, and writing a result in some of them."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from analyzer.report.analyzed_clip import AnalyzedClip

EXPORT_FORMATS = ("xlsx", "parquet", "trc", "mot")


def parse_export_formats(text: str) -> tuple[str, ...]:
    """Return the formats that a list such as "xlsx,trc" or "all" names, in the order of `EXPORT_FORMATS`.

    Raises ValueError for an unknown format.
    """
    names = [part.strip().lower() for part in text.split(",") if part.strip()]
    unknown = [name for name in names if name not in (*EXPORT_FORMATS, "all")]
    if unknown or not names:
        raise ValueError(
            f"{', '.join(unknown) or 'nothing'}: expected {', '.join(EXPORT_FORMATS)} or all, separated by commas"
        )
    return EXPORT_FORMATS if "all" in names else tuple(name for name in EXPORT_FORMATS if name in names)


def write_exports(clip_data: "AnalyzedClip", folder: Path, formats: Sequence[str]) -> None:
    """Write a result in these formats into an existing folder."""
    # Late: each brings a library of its own, and most runs need none of them.
    if "xlsx" in formats:
        from analyzer.export.xlsx import write_xlsx

        write_xlsx(clip_data.analysis, folder / "analysis.xlsx")
    if "parquet" in formats:
        from analyzer.export.parquet import write_parquet

        write_parquet(clip_data.analysis, folder)
    if "trc" in formats:
        from analyzer.export.trc import write_trc

        height_cm = clip_data.analysis.provenance.settings.get("height_cm")
        write_trc(clip_data.track.times_s, clip_data.table, height_cm, folder / "markers.trc")
    if "mot" in formats:
        from analyzer.export.mot import write_mot

        write_mot(clip_data.analysis.angles, clip_data.view.facing, folder / "angles.mot")
