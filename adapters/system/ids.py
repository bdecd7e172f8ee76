"""Random names."""

from uuid import uuid4


class SystemIds:
    """Makes names from 122 random bits."""

    def new(self) -> str:
        """Return a fresh id of 32 hexadecimal characters."""
        return uuid4().hex
