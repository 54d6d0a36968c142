"""Conversion of rows of the database to response bodies; one module for each noun."""
