"""An action that takes as long as a test wants."""

import asyncio
from typing import ClassVar

from core.domain.cards import Impact
from core.ports.action import Action, ActionArgs, ActionContext, ActionResult, Preview


class SlowArgs(ActionArgs):
    """What it is called."""

    name: str


class Slow(Action[SlowArgs]):
    """Begins, and ends when `go` is set; `begun` and `ended` tell which ones, in order."""

    name: ClassVar[str] = "test.slow"
    summary: ClassVar[str] = "take a long time"
    Args = SlowArgs
    declared: ClassVar[Impact] = "none"
    idempotent: ClassVar[bool] = True

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.news = asyncio.Event()
        self.begun: list[str] = []
        self.ended: list[str] = []

    def preview(self, args: SlowArgs) -> Preview:
        """Show the name."""
        return Preview(title=args.name)

    async def run(self, args: SlowArgs, context: ActionContext) -> ActionResult:
        """Wait to be let go."""
        self.begun.append(args.name)
        self.news.set()
        await self.go.wait()
        self.ended.append(args.name)
        return ActionResult(output={"name": args.name}, said=f"{args.name} is through.")
