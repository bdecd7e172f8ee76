"""The assistant on a phone: the real application over a Bot API emulator."""
