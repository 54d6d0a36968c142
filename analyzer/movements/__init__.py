"""Movements: recognised, cut into reps, holds and stages, measured. NumPy and SciPy only."""
