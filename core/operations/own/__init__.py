"""Actions on the owner's own data: their effect is an event, keyed by the operation's marker."""
