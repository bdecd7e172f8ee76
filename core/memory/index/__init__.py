"""The index of what lasts: filled from the log, given vectors, kept whole."""
