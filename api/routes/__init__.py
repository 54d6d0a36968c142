"""Routes, one module for each noun."""
