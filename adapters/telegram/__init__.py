"""Telegram: the assistant on a phone."""
