"""The command line: one module for each group of commands, combined in `main`."""
