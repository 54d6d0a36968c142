"""Two or three clips, or parts of one, against each other: what changed clearly, told and shown."""
