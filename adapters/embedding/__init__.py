"""Text as vectors on this machine."""
