"""Signatures that only the user who runs Equerry can make."""

from typing import Protocol


class Signer(Protocol):
    """Signs texts with a key that is kept apart from all that it protects.

    A signature holds for one purpose: what was signed for an anchor is no answer of a model.
    """

    def sign(self, purpose: str, text: str) -> str:
        """Return the signature of a text, as hexadecimal digits."""
        ...

    def fits(self, purpose: str, text: str, signature: str) -> bool:
        """Return whether the signature was made here, for this purpose and this text."""
        ...
