"""The web: one safe client, and the actions that use it."""
