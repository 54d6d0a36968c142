"""A whole folder of clips: which there are, what is left to do, doing it, and the tables over all of them."""
