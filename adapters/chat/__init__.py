"""What chat surfaces share: cards as lines, outside text made harmless."""
