"""Slash commands: they go round the queue and work in every surface."""
