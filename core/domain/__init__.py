"""The words of Equerry as frozen models; no I/O."""
