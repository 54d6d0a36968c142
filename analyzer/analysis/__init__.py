"""The analysis of one clip: track, fit, recognise, measure and write the outputs."""
