"""Working summaries of conversations and projects: decisions, why, what is open, what worked."""
