"""Still pictures of the key moments."""
