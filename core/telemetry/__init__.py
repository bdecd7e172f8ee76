"""What ran, what changed, what it cost, and why."""
