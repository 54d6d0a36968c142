"""Clips: probing them, reading their frames with true times, and writing H.264."""
