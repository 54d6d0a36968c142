"""Distributed batches: submit a folder, feed the queue, report progress, collect results and tables."""
