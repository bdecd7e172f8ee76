"""The obedient model: it does what any text in its prompt says, and nothing comes of it."""
