"""Angles, camera view and own reference from landmarks: pure functions over arrays, NumPy and SciPy only."""
