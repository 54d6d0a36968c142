"""Person detection, choice of the subject, landmark tracking and track cleaning."""
