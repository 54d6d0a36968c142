"""Repeatability: the measurement error of clips in which the same people did the same thing again."""
