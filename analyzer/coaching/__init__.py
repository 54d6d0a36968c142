"""Words: findings from observations, the catalogue that a coach can edit, the language check, the trainable menu."""
