"""Building HTTP responses: problems, ETags, byte ranges, pages of lists and small HTML pages."""
