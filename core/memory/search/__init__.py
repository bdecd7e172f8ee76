"""Finding what is known: words and meaning first, then who, when and what stands beside it."""
