"""Against a real local model: `make smoke` only, because it needs a download and minutes."""
