"""File names of one result. This module imports nothing, so that every other module may import it."""

TRACK_FILE = "track.npz"
CACHE_FILE = "kept.zip"

BROWSER_FILES = ("overlay.json", "clip.mp4", "client.html")
"""Files beside the report that a page in a browser shows."""

EXPORT_FILES = (
    "analysis.xlsx", "angles.parquet", "reps.parquet", "holds.parquet", "stages.parquet", "markers.trc", "angles.mot",
)  # fmt: skip
"""All files that the exports of `analyzer.export` may write."""

THUMBNAIL_FILE = "thumb.jpg"
"""A small picture of the clip for lists."""

ANALYSIS_FILES = (
    TRACK_FILE, CACHE_FILE, "angles.csv", "angles.png", "annotated.mp4", THUMBNAIL_FILE, *BROWSER_FILES,
    "report.html", *EXPORT_FILES,
    "analysis.json",
)  # fmt: skip
"""All files, in the order in which they are moved into place: if `analysis.json` is there, the result is complete."""
