"""Plank on forearms or hands."""
