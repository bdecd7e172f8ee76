"""The index of what was learned: words and vectors in an SQLite file beside the log."""
