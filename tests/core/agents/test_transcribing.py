"""Voice messages as words: counted, capped, tried again, paid once."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest

from adapters.inmemory.transcriber import ScriptedTranscriber
from core.agents.call_events import unpacked
from core.agents.transcribing import transcribe
from core.domain.errors import (
    BudgetExceededError,
    EquerryError,
    ModelKeyError,
    ModelRefusedError,
    ModelUnreachableError,
    RefusedError,
)
from core.domain.events.gates import CardOpened
from core.domain.events.models import BudgetReserved, BudgetSettled, ModelCalled
from core.gates.budget import Caps
from core.goals.starting import start_goals
from core.ports.model import Usage
from core.ports.transcriber import Sound, Transcript
from tests.core.support.world import HERE, Setup, World

VOICE = Sound(data=b"OggS voice", name="v.oga", media_type="audio/ogg", seconds=20)
OTHER = VOICE.model_copy(update={"data": b"OggS other"})
SECRET = "hunter2-is-a-secret"
THERE = "memory:2"
AWAY = ModelUnreachableError("Away.", retry_after=0)


class Hearing:
    """A core with a transcriber, and a goal that a message began."""

    def __init__(self, *heard: Transcript | EquerryError | str, most: str = "0.02") -> None:
        """Script what is heard; `most` is the ceiling of a call, in US dollars."""
        self.ear = ScriptedTranscriber(heard, most=Decimal(most))
        self.world = World(Setup(secrets=[SECRET]))

    def capped(self, **caps: str) -> "Hearing":
        """Set caps, in US dollars."""
        self.world.setup.caps = Caps.model_validate(caps)
        self.world.restart()
        return self

    async def goal(self, where: str = HERE) -> str:
        """Begin a goal by a message."""
        await self.world.hear("(voice)", where=where)
        await start_goals(self.world.kernel, where)
        rows = await self.world.rows("goals", group=where)
        return max(rows, key=lambda row: int(row.doc["position"])).key

    async def hear(self, goal: str, sound: Sound = VOICE) -> str:
        """Transcribe."""
        kernel = replace(self.world.kernel, transcriber=self.ear)
        return await transcribe(kernel, goal, sound)

    @property
    def calls(self) -> list[ModelCalled]:
        """What the log has of the calls."""
        return self.world.events(ModelCalled)

    async def used(self, goal: str) -> Decimal:
        """Return what the goal has spent and reserved."""
        return await self.world.kernel.ledger.used(f"goal:{goal}")


async def test_a_recording_becomes_clean_words_and_one_counted_call() -> None:
    """Hidden signs and secrets are gone; the call is reserved at its highest and settled."""
    heard = Transcript(
        text=f" Tell\r\nBob\u202e {SECRET}\x00 ",
        usd=Decimal("0.004"),
        ms=9,
        model="scripted-ear",
        usage=Usage(tokens_in=60, tokens_out=7),
    )
    hearing = Hearing(heard)
    goal = await hearing.goal()
    assert await hearing.hear(goal) == "Tell\nBob [secret]"
    (call,) = await hearing.world.told(ModelCalled)
    assert (call.agent, call.tier, call.model) == ("transcriber", "transcription", "scripted-ear")
    assert (call.usd, call.tokens_in, call.tokens_out) == (Decimal("0.004"), 60, 7)
    assert (call.outcome, call.attempt) == ("ok", 1)
    assert call.answer is not None
    assert SECRET not in (unpacked(call.answer) or "")
    (reserved,) = hearing.world.events(BudgetReserved)
    assert (reserved.usd, reserved.agent, reserved.tier) == (
        Decimal("0.02"),
        "transcriber",
        "transcription",
    )
    assert [p.usd for p in hearing.world.events(BudgetSettled)] == [Decimal("0.004")]
    assert await hearing.used(goal) == Decimal("0.004")
    rows = await hearing.world.rows("costs", "agent", "tier")
    assert {row.doc["name"]: row.doc["usd"] for row in rows} == {
        "transcriber": "0.004",
        "transcription": "0.004",
    }


async def test_a_call_that_costs_nothing_is_on_the_log_too() -> None:
    """A model of one's own reserves nothing, and is counted as a call."""
    hearing = Hearing("hello", most="0")
    assert await hearing.hear(await hearing.goal()) == "hello"
    assert [call.outcome for call in hearing.calls] == ["ok"]
    assert hearing.world.events(BudgetReserved) == []


async def test_without_a_model_the_setting_is_named() -> None:
    """Where none is configured one sentence says what to set, and nothing is counted."""
    hearing = Hearing()
    goal = await hearing.goal()
    with pytest.raises(RefusedError, match=r"set llm\.transcription\.model"):
        await transcribe(hearing.world.kernel, goal, VOICE)
    assert hearing.calls == []


async def test_what_passes_is_tried_again() -> None:
    """Two failures and an answer are three counted attempts of one call."""
    hearing = Hearing(AWAY, ModelUnreachableError("Cut.", retry_after=0, usd=Decimal("0.01")), "hi")
    goal = await hearing.goal()
    assert await hearing.hear(goal) == "hi"
    assert [(call.attempt, call.outcome) for call in hearing.calls] == [
        (1, "unreachable"),
        (2, "unreachable"),
        (3, "ok"),
    ]
    assert {call.tier for call in hearing.calls} == {"transcription"}
    assert await hearing.used(goal) == Decimal("0.03")


async def test_what_does_not_pass_is_told_in_a_sentence() -> None:
    """After the last attempt the owner reads why, and nothing stays reserved."""
    hearing = Hearing(AWAY, AWAY, AWAY, "too late")
    goal = await hearing.goal()
    with pytest.raises(RefusedError, match=r"could not be turned into words: Away\."):
        await hearing.hear(goal)
    assert [call.outcome for call in hearing.calls] == ["unreachable"] * 3
    assert await hearing.used(goal) == 0


@pytest.mark.parametrize("error", [ModelKeyError(f"Wrong {SECRET}."), ModelRefusedError("No.")])
async def test_a_refusal_is_not_tried_again(error: ModelRefusedError) -> None:
    """Neither a wrong key nor a recording of another form gets better; no secret is told."""
    hearing = Hearing(error, "never")
    with pytest.raises(RefusedError, match="could not be turned into words") as caught:
        await hearing.hear(await hearing.goal())
    assert SECRET not in str(caught.value)
    assert [call.outcome for call in hearing.calls] == ["refused"]


@pytest.mark.parametrize("text", ["", " \n\u202e"])
async def test_silence_is_told(text: str) -> None:
    """A recording without words is paid for and says so, instead of an empty message."""
    hearing = Hearing(text)
    goal = await hearing.goal()
    with pytest.raises(RefusedError, match="No words"):
        await hearing.hear(goal)
    assert await hearing.used(goal) == Decimal("0.02")


async def test_a_cap_is_asked_about_before_the_call() -> None:
    """A recording that would pass a cap is not sent: a card asks, and once raised it is heard."""
    hearing = Hearing("hello").capped(goal="0.01")
    goal = await hearing.goal()
    for _ in range(2):
        with pytest.raises(BudgetExceededError):
            await hearing.hear(goal)
    assert hearing.ear.sounds == []
    assert [card.kind for card in hearing.world.events(CardOpened)] == ["budget"]
    await hearing.world.drain(HERE)
    hearing.world.model.then("Planned.")
    await hearing.world.decide()
    assert await hearing.hear(goal) == "hello"


async def test_a_card_of_another_goal_is_named() -> None:
    """While another goal asks about the day, the owner reads which card to answer first."""
    hearing = Hearing("hello").capped(day="0.01")
    with pytest.raises(BudgetExceededError):
        await hearing.hear(await hearing.goal())
    (card,) = hearing.world.events(CardOpened)
    with pytest.raises(RefusedError, match=f"Card {card.card} asks you about it"):
        await hearing.hear(await hearing.goal(THERE), OTHER)
    assert len(hearing.world.events(CardOpened)) == 1


@pytest.mark.parametrize(("most", "heard"), [("0.02", False), ("0", True)])
async def test_who_spends_no_more_is_not_made_to(most: str, *, heard: bool) -> None:
    """After `cheaper` no recording is paid for; a model that is free goes on."""
    hearing = Hearing("hello", most="0.02").capped(goal="0.01")
    goal = await hearing.goal()
    with pytest.raises(BudgetExceededError):
        await hearing.hear(goal)
    await hearing.world.drain(HERE)
    (item,) = hearing.world.card.items
    hearing.world.model.then("Planned.")
    await hearing.world.decide("edit", edits={item.marker: {"then": "cheaper"}})
    hearing.ear = ScriptedTranscriber(["hello"], most=Decimal(most))
    if heard:
        assert await hearing.hear(goal) == "hello"
        return
    with pytest.raises(RefusedError, match="you chose to spend no more here"):
        await hearing.hear(goal)
    assert hearing.ear.sounds == []


async def test_a_budget_that_runs_short_is_told() -> None:
    """Three quarters that a recording used are told like those that a model used."""
    hearing = Hearing("hello").capped(goal="0.025")
    await hearing.hear(await hearing.goal())
    hearing.world.model.then("Planned.")
    await hearing.world.drain(HERE)
    assert "Three quarters of the budget of this goal" in "\n".join(hearing.world.surface.texts)


async def test_what_was_heard_is_not_paid_for_again() -> None:
    """The words of the very recording are taken from the log; another one is a call."""
    hearing = Hearing("hello", "other")
    goal = await hearing.goal()
    assert [await hearing.hear(goal) for _ in range(2)] == ["hello", "hello"]
    assert await hearing.hear(goal, OTHER) == "other"
    assert hearing.ear.sounds == [VOICE, OTHER]


class _Hanging(ScriptedTranscriber):
    """Hears without end."""

    def __init__(self) -> None:
        super().__init__(most=Decimal("0.02"))
        self.begun = asyncio.Event()

    async def transcribe(self, sound: Sound) -> Transcript:
        """Begin, and never end."""
        self.begun.set()
        await asyncio.Event().wait()
        raise AssertionError


async def test_a_call_that_is_stopped_midway_counts_at_its_highest_cost() -> None:
    """When the step ends while the call is under way nobody knows what was charged."""
    hearing = Hearing()
    hearing.ear = ear = _Hanging()
    goal = await hearing.goal()
    task = asyncio.ensure_future(hearing.hear(goal))
    await ear.begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [(call.outcome, call.usd) for call in hearing.calls] == [("unknown", Decimal("0.02"))]
    assert await hearing.world.kernel.ledger.settle_orphans() == 0
