"""Seated slump test."""
