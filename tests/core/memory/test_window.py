import json
import random
from typing import Any

from adapters.inmemory.clock import FakeClock
from adapters.inmemory.short_term import MemoryShortTerm
from core.domain.erasable import Erasable
from core.domain.errors import ShortTermDownError
from core.domain.events.health import HealthChanged
from core.domain.events.memory import FactForgotten
from core.domain.events.messages import MessageQueued
from core.memory.turns import CHARS_PER_TOKEN, KEPT, Turn, inside
from core.memory.window import Windows, WindowSize
from tests.core.support.actions import WEB
from tests.core.support.world import HERE, World
from tests.scenarios.plans import does, plan

NAME = f"window:{HERE}"


class Fickle(MemoryShortTerm):
    """A short-term memory that can be switched off, and counts what it is asked."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(clock)
        self.down = False
        self.asked = 0

    def _use(self) -> None:
        self.asked += 1
        if self.down:
            message = "Redis does not answer."
            raise ShortTermDownError(message)

    async def get(self, name: str) -> str | None:
        """Return what was put."""
        self._use()
        return await super().get(name)

    async def put(self, name: str, text: str, ttl_s: int) -> None:
        """Keep a text."""
        self._use()
        await super().put(name, text, ttl_s)

    async def drop(self, name: str) -> None:
        """Forget it."""
        self._use()
        await super().drop(name)


class Pair:
    """The same conversation through short-term memory and without."""

    def __init__(self) -> None:
        self.world = World()
        self.kept = Fickle(self.world.clock)
        store = self.world.store
        size = WindowSize(tokens=300, ttl_s=3600)
        self.windows = Windows(store, store, self.world.clock, self.kept, size)
        self.plain = Windows(store, store, self.world.clock, None, size)

    async def same(self) -> list[str]:
        """Assert that both give the same window; return the texts in it."""
        read, made = await self.windows.read(HERE), await self.plain.read(HERE)
        assert read == made
        return [turn.text or "" for turn in read.turns]

    async def document(self) -> dict[str, Any]:
        """Return the document in short-term memory."""
        found = await MemoryShortTerm.get(self.kept, NAME)
        return dict(json.loads(found or "{}"))

    async def plant(self, text: str) -> None:
        """Put a document of one's own."""
        await MemoryShortTerm.put(self.kept, NAME, text, 3600)


async def test_a_window_is_kept_and_only_what_is_new_is_added() -> None:
    """Two commands a turn; what is known is not read from the log again."""
    pair = Pair()
    await pair.world.say("hello", "Hello Ada.")
    assert await pair.same() == ["hello", "Hello Ada."]
    document = await pair.document()
    document["turns"][0]["text"] = "known"
    await pair.plant(json.dumps(document))
    await pair.world.say("and now?", "Nothing.")
    before = pair.kept.asked
    window = await pair.windows.read(HERE)
    assert [t.text for t in window.turns] == ["known", "Hello Ada.", "and now?", "Nothing."]
    assert pair.kept.asked - before == 2


async def test_what_was_lost_damaged_or_foreign_is_made_again() -> None:
    """Gone, expired, garbage, another version, another log, a log before a restore."""
    pair, other = Pair(), Pair()
    for number in range(3):
        await pair.world.say(f"hello {number}", "Hello.")
        await other.world.say(f"other {number}", "Hello.")
    texts = await pair.same()
    await other.same()
    good, foreign = await pair.document(), await other.document()
    await pair.kept.drop(NAME)
    assert await pair.same() == texts
    pair.world.clock.advance(3601)
    assert await pair.same() == texts
    ahead = {**good, "turns": [{**good["turns"][-1], "position": 10_000}]}
    for bad in ("", "{", "[]", "null", '"x"', '{"v": 1, "turns": [1]}', json.dumps(foreign)):
        await pair.plant(bad)
        assert await pair.same() == texts
    for changed in ({**good, "v": 2}, {**good, "more": 1}, ahead):
        await pair.plant(json.dumps(changed))
        assert await pair.same() == texts


async def test_nothing_changes_while_it_comes_and_goes() -> None:
    """Whatever happens to short-term memory in between, the window is that of the log."""
    pair, chance = Pair(), random.Random(7)
    for number in range(60):
        pair.kept.down = chance.random() < 0.3
        if chance.random() < 0.2:
            await MemoryShortTerm.drop(pair.kept, NAME)
        for _ in range(chance.choice((0, 1, 1, 1, 5))):
            await pair.world.say(f"hello {number}", "Hello.")
        pair.world.clock.advance(chance.choice((1, 20, 4000)))
        await pair.same()
    assert len((await pair.windows.read(HERE)).turns) == KEPT


async def test_an_outage_is_said_once_and_left_alone_for_a_while() -> None:
    """One failed command a pause; the end of it is said as well."""
    pair = Pair()
    await pair.world.say("hello", "Hello.")
    pair.kept.down = True
    for _ in range(3):
        await pair.same()
    assert pair.kept.asked == 1
    pair.world.clock.advance(11)
    await pair.same()
    assert pair.kept.asked == 2
    pair.kept.down = False
    pair.world.clock.advance(11)
    await pair.same()
    await pair.same()
    said = [(event.part, event.state) for event in pair.world.events(HealthChanged)]
    assert said == [("redis", "failing"), ("redis", "well")]


async def test_an_erased_text_is_in_no_window() -> None:
    """Dropped at once; and where that could not be done, void because of the erasure."""
    pair = Pair()
    await pair.world.say("my SECRETWORD", "Noted.")
    await pair.same()
    (row, _) = await pair.world.rows("window")
    pair.kept.down = True
    await pair.world.append("fact:F1", FactForgotten(fact="F1", erased=True))
    await pair.world.store.erase([row.doc["text"]["ref"]])
    await pair.windows.forget(HERE)
    pair.kept.down = False
    pair.world.clock.advance(11)
    assert "SECRETWORD" in json.dumps(await pair.document())
    assert await pair.same() == ["", "Noted."]
    assert "SECRETWORD" not in json.dumps(await pair.document())
    await pair.windows.forget(HERE)
    assert await pair.document() == {}


async def test_open_goals_are_there_with_how_they_stand() -> None:
    """What was asked names its card; a goal that ended, or is planned now, is left out."""
    pair = Pair()
    write = does("t1", "probe.high", {"to": "x"})
    await pair.world.say("do it", plan(write))
    (goal,) = (await pair.windows.read(HERE)).goals
    card = pair.world.card.card
    assert goal.line.endswith(f"do it: probe.high asked; waits for card {card}")
    await pair.same()
    message = (await pair.world.goals())[0].messages
    assert (await pair.windows.read(HERE, message)).goals == ()
    await pair.world.decide("reject")
    assert (await pair.windows.read(HERE)).goals == ()
    await pair.same()


async def test_the_prompt_names_open_goals_and_handles() -> None:
    """The section Active says what goes on; a reply made from outside text is only named."""
    pair = Pair()
    await pair.world.say("do it", plan(does("t1", "probe.high", {"to": "x"})))
    queued = MessageQueued(
        message="RX",
        conversation=HERE,
        kind="reply",
        text=Erasable.of("SECRETWORD"),
        sources=(WEB,),
    )
    await pair.world.append(f"conversation:{HERE}", queued)
    prompt = (await pair.world.kernel.recall.build(HERE, "and?")).prompt
    assert "Active:\n- [G1] do it: probe.high asked; waits for card" in prompt
    assert "[RX] a reply of yours" in prompt
    assert "SECRETWORD" not in prompt


def _turn(number: int, text: str | None = "word " * 10, **more: Any) -> Turn:  # noqa: ANN401
    given = {"who": "owner", "trusted": True, **more}
    return Turn(message=f"M{number}", text=text, at="", position=number, ref="c", **given)


def test_the_newest_turns_fit() -> None:
    """The newest are kept, in order, inside the tokens; erased ones and those of others are not."""
    turns = [_turn(number) for number in range(30)]
    kept = inside(turns, 100)
    assert kept == tuple(turns[-len(kept) :])
    assert sum(len(turn.line) + 3 for turn in kept) <= 100 * CHARS_PER_TOKEN
    assert len(kept) > 3
    odd = [_turn(1, None), _turn(2, who="other", trusted=False), _turn(3, trusted=False)]
    assert inside([*odd, _turn(4)], 100) == (_turn(4),)
