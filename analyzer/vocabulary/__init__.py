"""The words and units that a reader meets, defined once: report, video, exports, batches, comparison, API and page."""
