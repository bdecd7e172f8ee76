"""The operating system: no chat platform, vendor SDK, database driver or web client in here."""
