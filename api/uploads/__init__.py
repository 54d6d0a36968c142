"""Accepting clips: resumable uploads, options of a repeat, and the rows and jobs of a new analysis."""
