"""Times in the owner's words: a small grammar that uses every word, or asks."""
