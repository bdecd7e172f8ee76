"""Engines: what makes work run."""
