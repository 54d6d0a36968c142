"""The names of the files of one result."""

from analyzer.export.files import FILES as EXPORTS

TRACK_FILE = "track.npz"
KEPT_FILE = "kept.zip"

EXTRAS = ("overlay.json", "clip.mp4", "client.html")
"""What a page in a browser shows of a result, beside the report."""

THUMB_FILE = "thumb.jpg"
"""One small picture of the clip, for lists."""

FILES = (
    TRACK_FILE, KEPT_FILE, "angles.csv", "angles.png", "annotated.mp4", THUMB_FILE, *EXTRAS, "report.html", *EXPORTS,
    "analysis.json",
)  # fmt: skip
"""Moved into place in this order: where `analysis.json` lies, the rest is complete."""
