"""The owner's files: written exactly once, undoable."""
