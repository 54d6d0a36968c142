"""Clients: their timeline, and the export of all their data."""
