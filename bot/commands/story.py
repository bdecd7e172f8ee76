"""Commands about what happened: why and undo."""

from collections.abc import Sequence

from bot.commands.registry import Call
from core.operations.undo import ask_undo
from core.telemetry.why import why


async def why_of(call: Call) -> Sequence[str]:
    """Tell the story of a goal, card, operation or message."""
    name = call.words[0] if call.words else None
    return [await why(call.app.kernel, call.conversation, name)]


async def undo(call: Call) -> Sequence[str]:
    """Open the card that shows what would be undone; the card asks."""
    name = call.words[0] if call.words else None
    await ask_undo(call.app.kernel, call.conversation, name, call.by, call.key)
    await call.app.engine.wake(call.conversation)
    return []
