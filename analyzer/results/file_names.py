"""The names of the files of one result. This module imports nothing, so that any other may import it."""

TRACK_FILE = "track.npz"
CACHE_FILE = "kept.zip"

BROWSER_FILES = ("overlay.json", "clip.mp4", "client.html")
"""What a page in a browser shows of a result, beside the report."""

EXPORT_FILES = (
    "analysis.xlsx", "angles.parquet", "reps.parquet", "holds.parquet", "stages.parquet", "markers.trc", "angles.mot",
)  # fmt: skip
"""All files that the exports of `analyzer.export` may write."""

THUMBNAIL_FILE = "thumb.jpg"
"""One small picture of the clip, for lists."""

ANALYSIS_FILES = (
    TRACK_FILE, CACHE_FILE, "angles.csv", "angles.png", "annotated.mp4", THUMBNAIL_FILE, *BROWSER_FILES,
    "report.html", *EXPORT_FILES,
    "analysis.json",
)  # fmt: skip
"""Moved into place in this order: where `analysis.json` lies, the rest is complete."""
