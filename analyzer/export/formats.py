"""Which exports there are, and writing those that are wanted."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from analyzer.report.analyzed_clip import AnalyzedClip

EXPORT_FORMATS = ("xlsx", "parquet", "trc", "mot")


def parse_export_formats(text: str) -> tuple[str, ...]:
    """The kinds that "xlsx,trc" or "all" names; raises ValueError for one that there is not."""
    named = [part.strip().lower() for part in text.split(",") if part.strip()]
    strange = [part for part in named if part not in (*EXPORT_FORMATS, "all")]
    if strange or not named:
        raise ValueError(
            f"{', '.join(strange) or 'nothing'}: expected {', '.join(EXPORT_FORMATS)} or all, parted by commas"
        )
    return EXPORT_FORMATS if "all" in named else tuple(kind for kind in EXPORT_FORMATS if kind in named)


def write_exports(work: "AnalyzedClip", folder: Path, kinds: Sequence[str]) -> None:
    """Write these kinds into an existing folder."""
    # Late: each brings a library of its own, and most runs want none of them.
    if "xlsx" in kinds:
        from analyzer.export.xlsx import write_xlsx

        write_xlsx(work.analysis, folder / "analysis.xlsx")
    if "parquet" in kinds:
        from analyzer.export.parquet import write_parquet

        write_parquet(work.analysis, folder)
    if "trc" in kinds:
        from analyzer.export.trc import write_trc

        height_cm = work.analysis.provenance.settings.get("height_cm")
        write_trc(work.track.times_s, work.table, height_cm, folder / "markers.trc")
    if "mot" in kinds:
        from analyzer.export.mot import write_mot

        write_mot(work.analysis.angles, work.view.facing, folder / "angles.mot")
