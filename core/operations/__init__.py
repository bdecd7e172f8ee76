"""The operation log, the action registry, retry and undo."""
