"""What a phone shows while a goal with several steps is worked on."""

import asyncio
import time
from collections import defaultdict
from itertools import pairwise
from typing import Any

from adapters.inmemory.model import ScriptedModel
from bot.app import Overrides
from core.ports.action import ActionContext, ActionResult
from core.ports.model import ModelAnswer, ModelRequest
from tests.scenarios.plans import does, plan
from tests.scenarios.slow import Slow, SlowArgs
from tests.scenarios.telegram.phone import Phone
from tests.servers.telegram import Message

EDIT_EVERY_S = 1.0
QUIET_S = 3.0


class Gated(Slow):
    """Ends when its own gate is opened."""

    def __init__(self) -> None:
        super().__init__()
        self.gates: dict[str, asyncio.Event] = defaultdict(asyncio.Event)

    async def run(self, args: SlowArgs, context: ActionContext) -> ActionResult:
        """Wait for the gate."""
        await self.gates[args.name].wait()
        return ActionResult(output={"name": args.name}, said=f"{args.name} is through.")


def slow(name: str, *needs: str) -> dict[str, Any]:
    """Return a task that takes as long as the test wants."""
    return does(name, "test.slow", {"name": name}, *needs)


def note(*needs: str) -> dict[str, Any]:
    """Return a task that is asked."""
    return does("note", "note.append", {"text": "milk"}, *needs)


def _plans(*tasks: dict[str, Any], gated: Gated) -> Overrides:
    def answer(request: ModelRequest) -> ModelAnswer | str:
        going = "go" in request.messages[-1].content.split()
        return plan(*tasks) if going else "Right away."

    return Overrides(model=ScriptedModel(answer), actions=[gated])


def _visible(phone: Phone) -> list[str]:
    return [m.text for m in phone.chat.from_bot if "▸" in m.text or "✓" in m.text]


async def _gone(phone: Phone, message: Message) -> None:
    await phone.server.wait_async(lambda: message.deleted)


async def test_steps_are_one_quiet_message_that_is_edited(phone: Phone) -> None:
    """What is done, runs and waits is told at most once a second; the answer takes its place."""
    gated = Gated()
    async with phone.running(_plans(slow("one"), slow("two", "one"), gated=gated)):
        await phone.pair()
        begun = time.monotonic()
        phone.owner.say(phone.chat, "go")
        shown = await phone.chat.wait_async("▸ one\n· two")
        assert shown.at - begun >= QUIET_S
        assert shown.silent
        versions = len(shown.versions)
        await asyncio.sleep(2.6)
        assert len(shown.versions) == versions
        gated.gates["one"].set()
        await phone.chat.wait_async("✓ one\n▸ two", of=shown)
        gated.gates["two"].set()
        answer = await phone.chat.wait_async("two is through.")
        assert answer.id > shown.id
        assert not answer.silent
        await _gone(phone, shown)
        times = [shown.at, *shown.edited_at]
        assert all(later - earlier >= EDIT_EVERY_S for earlier, later in pairwise(times))
        assert _visible(phone) == []
        assert phone.server.violations == []


async def test_short_work_shows_no_steps(phone: Phone) -> None:
    """A goal of several tasks that is done within three seconds is answered and nothing else."""
    gated = Gated()
    for name in ("one", "two"):
        gated.gates[name].set()
    async with phone.running(_plans(slow("one"), slow("two", "one"), gated=gated)):
        await phone.pair()
        await phone.say("go", "two is through.")
        await asyncio.sleep(QUIET_S + 1)
        assert len(phone.server.calls_of("sendMessage")) == 2
        assert phone.server.calls_of("editMessageText") == []


async def test_one_task_keeps_its_status_line(phone: Phone) -> None:
    """A single task is told in a line, not as a list."""
    gated = Gated()
    async with phone.running(_plans(slow("one"), gated=gated)):
        await phone.pair()
        phone.owner.say(phone.chat, "go")
        shown = await phone.chat.wait_async("⏳ test.slow …")
        gated.gates["one"].set()
        await _gone(phone, shown)


async def test_what_waits_for_the_owner_says_so_below_its_card(phone: Phone) -> None:
    """The other branch goes on to be shown under the card; after a stop nothing is shown."""
    gated = Gated()
    phone.place.configure(gates={"actions": {"note.append": "review"}})
    async with phone.running(_plans(note(), slow("one"), slow("two", "one"), gated=gated)):
        await phone.pair()
        card = await phone.card("go")
        shown = await phone.chat.wait_async("▸ one", after=card.id)
        assert "· Add a note to notes.md (waits for you)" in shown.text
        phone.owner.say(phone.chat, "/status")
        await phone.chat.wait_async("waits for you", after=shown.id)
        await _gone(phone, shown)
        below = await phone.chat.wait_async("▸ one", after=shown.id)
        await phone.owner.tap_async(card, "Accept")
        await phone.chat.wait_async("✓ Add a note to notes.md", of=below)
        await phone.say("/stop", "Stopped G")
        await _gone(phone, below)
        await asyncio.sleep(QUIET_S + 1)
        assert _visible(phone) == []
        assert phone.server.violations == []


async def test_a_pause_that_telegram_asks_for_is_kept(phone: Phone) -> None:
    """Edits wait as long as they are told to, and the last state is what is shown then."""
    gated = Gated()
    async with phone.running(_plans(slow("one"), slow("two", "one"), gated=gated)):
        await phone.pair()
        phone.owner.say(phone.chat, "go")
        shown = await phone.chat.wait_async("▸ one")
        phone.server.faults.flood("editMessageText", 2)
        gated.gates["one"].set()
        await phone.chat.wait_async("✓ one\n▸ two", of=shown)
        gated.gates["two"].set()
        await phone.chat.wait_async("two is through.")
        await _gone(phone, shown)
        assert phone.server.violations == []
