"""Accuracy, speed, memory and robustness, each a command that prints one table."""
