"""The owner's profile: its form, its versions, and how it is changed while the core runs."""
