"""Who is filmed, where their landmarks are, and a clean track of them."""
