"""The load: where a barbell's plate is seen from the side, its path over each lift; NumPy and OpenCV, no model."""
