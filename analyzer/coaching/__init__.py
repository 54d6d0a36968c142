"""Coaching: symptom reports and marks, findings in words from the catalogue, and next steps from the trainable menu."""
