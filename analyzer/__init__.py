"""Spine and hip angles, reps and a few helpful words from a side-view phone clip."""

__version__ = "0.1.0"
