"""What deletes data: on request, after its retention, and files that no row refers to."""
