"""Prompts without secrets: what a message says, and what it has tools called with."""

from core.domain.redaction import Redactor
from core.ports.model import ModelMessage


def redacted(message: ModelMessage, redactor: Redactor) -> ModelMessage:
    """Return the message as it may be sent and kept."""
    calls = tuple(
        call.model_copy(update={"arguments": redactor.text(call.arguments)})
        for call in message.tool_calls
    )
    update = {"content": redactor.text(message.content), "tool_calls": calls}
    return message.model_copy(update=update)
