"""Text as vectors."""

from array import array
from collections.abc import Sequence
from typing import Protocol

Vector = array
"""Floats of four bytes (`array("f")`), of length 1 when squared and summed up."""


class Embedder(Protocol):
    """Turns text into vectors whose product tells how near two texts are in meaning."""

    @property
    def space(self) -> str:
        """The name of the model and its version: vectors of other spaces cannot be compared."""
        ...

    async def documents(self, texts: Sequence[str]) -> list["Vector[float]"]:
        """Return a vector for each text. Raises EmbeddingError when it cannot."""
        ...

    async def query(self, text: str) -> "Vector[float]":
        """Return the vector of a question. Raises EmbeddingError when it cannot."""
        ...
