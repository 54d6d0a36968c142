"""Hip hinge and deadlift."""
