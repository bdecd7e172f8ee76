"""Telegram: updates in, messages and cards out, over the Bot API."""
