"""Durable jobs: the queue, and how one job is run."""
