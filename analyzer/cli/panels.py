"""Headings under which `analyzer --help` groups the commands."""

ANALYSE = "Analyse"
SERVE = "Serve"
SYSTEM = "Models and system"
