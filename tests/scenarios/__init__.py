"""The whole program at work, from a line of the owner to its effect and back."""
