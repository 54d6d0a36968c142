"""Where clips and results are stored: folders or an object store, their identity, free space and the clock."""
