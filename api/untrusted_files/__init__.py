"""Files from outside, not yet trusted: multipart bodies, zips, and probing of clips in separate processes."""
