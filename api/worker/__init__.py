"""The worker process: takes jobs from the queue, feeds large batches, recovers lost jobs and deletes old data."""
