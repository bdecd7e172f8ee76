"""Memory as commands use it: files read, answers told."""
