"""HTML pages of one result: the client's page and the coach's page."""
