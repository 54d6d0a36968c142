"""Results: the published schema, stored tracks, cached artifacts and the names of the output files."""
