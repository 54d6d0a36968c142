"""Plots, HTML report, annotated video and tables."""
