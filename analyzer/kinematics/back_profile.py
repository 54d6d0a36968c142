"""The outline of the back against the hip-shoulder line."""

import numpy as np

PLACES = np.linspace(-0.4, 1.25, 67)
"""Where the outline is taken: 0 at the hips, 1 at the shoulders, in hip-shoulder lengths."""
