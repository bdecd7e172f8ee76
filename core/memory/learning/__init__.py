"""Learning facts from what the owner says, by rules: no model, English, careful to replace."""
