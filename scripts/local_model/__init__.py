"""A small local model for `make smoke`: put together, and served on this machine alone.

Both programs run in an environment of their own, `.venv-smoke`, and import nothing of Equerry.
"""
