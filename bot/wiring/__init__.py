"""The composition root in rooms: what is built from which part of the configuration."""
