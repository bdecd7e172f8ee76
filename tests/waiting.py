"""How long tests wait for what must happen: far beyond what a busy machine takes."""

PATIENCE_S = 60.0
PROGRAM_S = 240.0
"""For a program that is started, works and ends."""
