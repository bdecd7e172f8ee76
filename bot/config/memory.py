"""Memory: how much of a talk is at hand, and what turns text into vectors."""

from pydantic import Field

from bot.config.section import Section
from bot.config.values import Amount, Folder, Hours, Text, Words


class Window(Section):
    """The last turns of a conversation."""

    tokens: Words = Field(300, description="Most tokens of a prompt that recent turns take.")
    ttl_hours: Hours = Field(24, description="How long a conversation's window stays in Redis.")


class Embedding(Section):
    """What turns text into vectors; a change makes the index anew in the background."""

    model: Text | None = Field(
        None, description="An embedding model of litellm; null: the one that comes with Equerry."
    )
    input_per_million: Amount | None = Field(
        None, description="Its price for a million tokens, where litellm cannot tell it."
    )
    path: Folder | None = Field(
        None, description="Folder with `model.onnx` and `tokenizer.json`, instead of that one."
    )


class Memory(Section):
    """What is remembered, and how it is found."""

    window: Window = Field(default_factory=Window, description="The last turns of a talk.")
    embedding: Embedding = Field(default_factory=Embedding, description="Text as vectors.")
