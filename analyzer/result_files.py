"""The names of the files of one result. This module imports nothing, so that any other may import it."""

TRACK_FILE = "track.npz"
KEPT_FILE = "kept.zip"

EXTRAS = ("overlay.json", "clip.mp4", "client.html")
"""What a page in a browser shows of a result, beside the report."""

EXPORTS = (
    "analysis.xlsx", "angles.parquet", "reps.parquet", "holds.parquet", "stages.parquet", "markers.trc", "angles.mot",
)  # fmt: skip
"""All files that the exports of `analyzer.export` may write."""

THUMB_FILE = "thumb.jpg"
"""One small picture of the clip, for lists."""

FILES = (
    TRACK_FILE, KEPT_FILE, "angles.csv", "angles.png", "annotated.mp4", THUMB_FILE, *EXTRAS, "report.html", *EXPORTS,
    "analysis.json",
)  # fmt: skip
"""Moved into place in this order: where `analysis.json` lies, the rest is complete."""
