"""Compare two or three clips, or parts of one: what changed clearly, in words, numbers, pictures and a video."""
