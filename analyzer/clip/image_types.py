"""Array types of pictures."""

import numpy as np
from numpy.typing import NDArray

RgbImage = NDArray[np.uint8]
"""(height, width, 3) red, green, blue."""
GreyImage = NDArray[np.uint8]
"""(height, width)."""
