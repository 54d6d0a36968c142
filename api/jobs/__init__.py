"""Durable jobs: what is queued, what a job does, and the process that works them off."""
