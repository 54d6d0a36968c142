"""Drawing on frames: skeleton, labels, load path, back line, blurred face."""
