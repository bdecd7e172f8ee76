"""Profile, short-term window, facts, and recall: what goes into a prompt, and why."""
