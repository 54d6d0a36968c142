"""Training data and fit of the recognition of movements."""
