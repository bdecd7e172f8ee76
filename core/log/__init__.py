"""What every event log does in the same way: sealing, admitting, folding, checking, following."""
