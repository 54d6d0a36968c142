"""How a long job tells how far it is."""

from collections.abc import Callable

ProgressCallback = Callable[[str, int, int], None]
"""Called with the stage in words, what is done of it, and how much there is in all."""
