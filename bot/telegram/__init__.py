"""Telegram in front of the application: who may talk, what they say and tap."""
