"""Times in the owner's words: a small grammar of its own, dateparser for what is left."""
