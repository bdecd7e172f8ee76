"""Short-term storage in Redis."""
