"""Analyses: results and comparisons, changes of details, best events and repeatability."""
