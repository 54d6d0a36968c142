"""Coaching sessions: start and change them, and compose their cards."""
