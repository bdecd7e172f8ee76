"""Which failures are tried again, how often, after which pause; and what the attempts cost."""

import asyncio
from decimal import Decimal

import pytest

from core.agents.attempts import LONGEST_WAIT_S, shortened
from core.agents.shown import BROKE_OFF
from core.domain.errors import (
    AnswerTooLongError,
    BudgetExceededError,
    ContextTooLongError,
    ModelKeyError,
    ModelRefusedError,
    ModelUnreachableError,
)
from core.domain.events.models import BudgetReserved, BudgetSettled, ModelCalled
from core.gates.budget import Caps
from core.ports.model import ModelAnswer, ModelMessage, ModelRequest, OnDelta
from tests.core.support.calling import GOAL, Calling, Doing, asking

AWAY = ModelUnreachableError("Away.")
OK = ModelAnswer(text="hi", usd=Decimal("0.02"), model="scripted")


def busy(pause: float | None) -> ModelUnreachableError:
    """Return a 429 that asks for a pause."""
    return ModelUnreachableError("Busy.", retry_after=pause, busy=True)


async def test_a_failure_is_tried_again_after_a_growing_pause() -> None:
    """Two failures cost half a second and two seconds; each attempt is an event with its number."""
    calling = Calling(AWAY, AWAY, OK)
    called, slept = await calling.wait(calling.calls.complete(GOAL, asking()))
    assert called.answer.text == "hi"
    assert slept == 2.5
    events = calling.told(ModelCalled)
    assert [event.attempt for event in events] == [1, 2, 3]
    assert [event.outcome for event in events] == ["unreachable", "unreachable", "ok"]
    assert [event.call.partition(".")[2] for event in events] == ["", "2", "3"]
    assert len({event.call.partition(".")[0] for event in events}) == 1
    assert {event.agent for event in events} == {"assistant"}
    assert {event.model for event in events} == {"scripted"}
    assert await calling.used() == Decimal("0.02")


@pytest.mark.parametrize("pause", [7.0, 0.0])
async def test_the_pause_that_the_server_asks_for_is_kept(pause: float) -> None:
    """`Retry-After` goes before our own pause."""
    calling = Calling(busy(pause), OK)
    _, slept = await calling.wait(calling.calls.complete(GOAL, asking()))
    assert slept == pause


async def test_an_answer_without_end_is_not_asked_for_again() -> None:
    """The next one would have no end either, and cost as much; the offline model answers."""
    calling = Calling(AnswerTooLongError("Far more.", usd=Decimal("0.05")), OK)
    called, slept = await calling.wait(calling.calls.complete(GOAL, asking()))
    assert called.fallback == "Far more."
    assert slept == 0
    assert len(calling.scripted.requests) == 1
    assert await calling.used() == Decimal("0.05")


async def test_nobody_waits_for_a_long_pause() -> None:
    """Where the server wants minutes the offline model answers, and the model is left alone."""
    calling = Calling(busy(LONGEST_WAIT_S + 90), OK)
    called, slept = await calling.wait(calling.calls.complete(GOAL, asking()))
    assert called.fallback == "Busy."
    assert slept == 0
    again, _ = await calling.wait(calling.calls.complete(GOAL, asking()))
    assert again.fallback
    assert "is left alone until 09:02:00" in again.fallback
    assert len(calling.scripted.requests) == 1
    calling.clock.advance(LONGEST_WAIT_S + 90)
    last, _ = await calling.wait(calling.calls.complete(GOAL, asking()))
    assert last.answer.text == "hi"


@pytest.mark.parametrize("error", [ModelKeyError("Wrong key."), ModelRefusedError("No.")])
async def test_a_refusal_is_not_tried_again(error: ModelRefusedError) -> None:
    """Neither a wrong key nor a bad request gets better by asking again."""
    calling = Calling(error, OK)
    with pytest.raises(type(error)):
        await calling.calls.complete(GOAL, asking())
    assert calling.outcomes == ["refused"]
    assert await calling.used() == 0


async def test_the_fallbacks_of_a_tier_are_asked_before_a_pause() -> None:
    """Each model is an attempt of its own, by its name; the first that answers counts."""
    calling = Calling(AWAY, OK)
    calling.scripted.names = ("one", "two")
    called, slept = await calling.wait(calling.calls.complete(GOAL, asking()))
    assert called.answer.text == "hi"
    assert slept == 0
    assert [request.model for request in calling.scripted.requests] == ["one", "two"]
    failed, _ = calling.told(ModelCalled)
    assert (failed.model, failed.outcome, failed.error) == ("one", "unreachable", "Away.")


async def test_a_long_prompt_is_shortened_once() -> None:
    """The longest message loses its middle; the prefix stays, and so does the end of a fence."""
    calling = Calling(ContextTooLongError("Too long."), OK)
    text = f"<<<outside\n{'word ' * 400}\nend>>>"
    await calling.calls.complete(GOAL, asking(text))
    first, second = calling.scripted.requests
    assert second.messages[0] == first.messages[0]
    cut = second.messages[1].content
    assert len(cut) < len(text) * 0.6
    assert cut.startswith("<<<outside")
    assert "[shortened here" in cut
    assert cut.endswith("end>>>")
    assert [event.attempt for event in calling.told(ModelCalled)] == [1, 2]


async def test_a_prompt_that_stays_too_long_is_refused() -> None:
    """Shortening is tried once, and the owner reads why it did not do."""
    calling = Calling(*[ContextTooLongError("Too long.")] * 2, OK)
    with pytest.raises(ContextTooLongError):
        await calling.calls.complete(GOAL, asking("word " * 100))
    assert calling.outcomes == ["refused", "refused"]


def test_a_prompt_without_anything_to_cut_stays() -> None:
    """The prefix alone is never cut."""
    prefix = ModelMessage(role="system", content="rules " * 100, stable=True)
    assert shortened(asking(messages=(prefix,))) is None


def breaking_off() -> Calling:
    """Return calls of a model that breaks off once."""
    broken = False

    async def work(request: ModelRequest, on_delta: OnDelta | None) -> ModelAnswer:
        nonlocal broken
        assert on_delta is not None
        on_delta("half ")
        if not broken:
            broken = True
            raise ModelUnreachableError("Cut.", usd=Decimal("0.03"), tokens=(10, 5))
        on_delta("whole")
        return ModelAnswer(text="half whole", usd=Decimal("0.01"), model="doing")

    return Calling(model=Doing(work))


async def test_text_that_was_shown_is_not_repeated_in_silence() -> None:
    """Where an answer breaks off after the owner saw some, the next one says so first."""
    talking, pieces = breaking_off(), list[str]()
    await talking.wait(talking.calls.complete(GOAL, asking(), pieces.append))
    assert pieces == ["half ", BROKE_OFF, "half ", "whole"]


async def test_a_broken_answer_counts_at_its_estimate() -> None:
    """What broke off may be charged: the event has the estimate and says that it is one."""
    talking = breaking_off()
    await talking.wait(talking.calls.complete(GOAL, asking(), lambda _: None))
    broken, _ = talking.told(ModelCalled)
    assert (broken.usd, broken.tokens_in, broken.tokens_out) == (Decimal("0.03"), 10, 5)
    assert "counted at an estimate" in broken.error
    assert await talking.used() == Decimal("0.04")
    assert [p.usd for p in talking.told(BudgetSettled)] == [Decimal("0.03"), Decimal("0.01")]


async def test_each_attempt_reserves_its_own_money() -> None:
    """Attempts that broke off use a cap up; the one that would pass it is not made."""
    calling = Calling(
        *[ModelUnreachableError("Cut.", usd=Decimal("0.10"))] * 2,
        OK,
        caps=Caps(goal=Decimal("0.25")),
    )
    with pytest.raises(BudgetExceededError):
        await calling.wait(calling.calls.complete(GOAL, asking()))
    assert len(calling.scripted.requests) == 2
    assert [p.usd for p in calling.told(BudgetReserved)] == [Decimal("0.10")] * 2
    assert await calling.used() == Decimal("0.20")


@pytest.mark.parametrize("failed", [False, True])
async def test_a_call_above_its_reservation_closes_the_cap(*, failed: bool) -> None:
    """What it was charged at counts in full, and nothing follows it in that goal."""
    told = Decimal("3.00")
    dear = (
        ModelUnreachableError("Away.", retry_after=LONGEST_WAIT_S + 1, usd=told)
        if failed
        else ModelAnswer(text="hi", usd=told, model="scripted")
    )
    calling = Calling(dear, OK)
    await calling.wait(calling.calls.complete(GOAL, asking()))
    calling.clock.advance(LONGEST_WAIT_S + 60)
    assert await calling.used() == told > Caps().goal
    with pytest.raises(BudgetExceededError) as caught:
        await calling.wait(calling.calls.complete(GOAL, asking()))
    assert caught.value.cap == "goal"
    assert len(calling.scripted.requests) == 1


async def test_a_call_that_is_stopped_midway_counts_at_its_highest_cost() -> None:
    """When a task ends while its call is under way nobody knows what was charged."""
    under_way = asyncio.Event()

    async def hang(request: ModelRequest, on_delta: OnDelta | None) -> ModelAnswer:
        under_way.set()
        await asyncio.Event().wait()
        raise AssertionError

    calling = Calling(model=Doing(hang))
    task = asyncio.ensure_future(calling.calls.complete(GOAL, asking()))
    await under_way.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    (lost,) = calling.told(ModelCalled)
    assert (lost.outcome, lost.usd) == ("unknown", Decimal("0.10"))
    assert "stopped while it was under way" in lost.error
    assert await calling.used() == Decimal("0.10")
    assert not calling.store.rows.keys() & {("spend", f"hold:{lost.call}")}


async def test_a_call_counts_on_the_day_it_was_made() -> None:
    """A call over midnight belongs to the day of its reservation, in cost and budget alike."""

    async def slow(request: ModelRequest, on_delta: OnDelta | None) -> ModelAnswer:
        calling.clock.advance(24 * 3600)
        return OK

    calling = Calling(model=Doing(slow))
    await calling.calls.complete(GOAL, asking())
    (event,) = calling.told(ModelCalled)
    (settled,) = calling.told(BudgetSettled)
    assert event.day == settled.day == "2026-11-02"
