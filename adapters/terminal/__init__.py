"""The terminal as a chat surface: plain for pipes and scripts, drawn for people."""
