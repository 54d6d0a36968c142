"""The load: a barbell's plate in a side view, and its path over each lift; NumPy and OpenCV, no model."""
