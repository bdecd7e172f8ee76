"""Redaction, cache, circuit, fallback, and the events that tell of a call."""

import asyncio
import json
from decimal import Decimal
from typing import Any

import pytest

from adapters.inmemory.model import called
from core.agents.call_events import unpacked
from core.agents.calls import CACHE_TTL_S, FALLBACK, Called
from core.agents.circuit import FAILURES, PAUSE
from core.agents.routing import CACHED
from core.domain.errors import ModelRefusedError, ModelUnreachableError
from core.domain.events import decode
from core.domain.events.health import HealthChanged
from core.domain.events.models import BudgetReserved, BudgetSettled, ModelCalled
from core.gates.budget import Caps
from core.ports.model import ModelAnswer, ModelMessage, ModelRequest, OnDelta, ToolCall, Usage
from tests.core.support.calling import GOAL, SECRET, Calling, Doing, asking
from tests.waiting import PATIENCE_S

PRICED = ModelAnswer(
    text="hi",
    usage=Usage(tokens_in=100, tokens_out=20, cached_in=60),
    usd=Decimal("0.02"),
    model="gpt-x",
)
DOWN = ModelUnreachableError("It is down.", retry_after=0)


async def ask(calling: Calling, text: str = "hello", **fields: Any) -> Called:  # noqa: ANN401
    """Make a call, and append what it leaves to be appended."""
    got, _ = await calling.wait(calling.calls.complete(GOAL, asking(text, **fields)))
    if got.events:
        await calling.store.append(got.events)
    return got


async def test_a_call_is_an_event_with_all_that_counts() -> None:
    """Agent, tier, model, tokens, price, latency, attempt, outcome and what chose the tier."""
    calling = Calling(PRICED)
    await ask(calling, words="quickly please")
    (event,) = calling.told(ModelCalled)
    assert event.agent == "assistant"
    assert (event.tier, event.chosen) == ("fast", "urgency: the owner said quick")
    assert (event.model, event.outcome, event.attempt) == ("gpt-x", "ok", 1)
    assert (event.tokens_in, event.tokens_out, event.tokens_cached) == (100, 20, 60)
    assert (event.usd, event.day) == (Decimal("0.02"), "2026-11-02")
    assert event.latency_ms >= 0
    (stored,) = [e for e in calling.store.stored if e.type == ModelCalled.wire]
    assert stored.goal == GOAL
    (reserved,) = calling.told(BudgetReserved)
    (settled,) = calling.told(BudgetSettled)
    assert reserved.call == settled.call == event.call
    assert (reserved.agent, reserved.tier, reserved.model) == ("assistant", "fast", "scripted")
    assert (reserved.usd, settled.usd) == (Decimal("0.10"), Decimal("0.02"))


async def test_prompt_and_answer_are_kept_without_secrets_and_compressed() -> None:
    """What was asked and answered can be read back; a secret left the process in neither."""
    answer = called("submit_result", {"text": f"use {SECRET}"})
    calling = Calling(answer.model_copy(update={"text": f"it is {SECRET} " * 50}))
    said = ToolCall(id="c", name="submit_result", arguments=json.dumps({"text": SECRET}))
    messages = (
        ModelMessage(role="user", content=f"the key is {SECRET} " * 50),
        ModelMessage(role="assistant", content="", tool_calls=(said,)),
    )
    await ask(calling, messages=messages)
    assert SECRET not in calling.scripted.requests[0].model_dump_json()
    assert all(SECRET not in (row.body or "") for row in calling.store.contents.values())
    stored = await calling.store.inflated(calling.store.stored)
    (event,) = [p for p in map(decode, stored) if isinstance(p, ModelCalled)]
    assert event.prompt is not None
    assert event.answer is not None
    prompt, text = unpacked(event.prompt), unpacked(event.answer)
    assert prompt is not None
    assert text is not None
    assert json.loads(prompt)[0]["content"] == "the key is [secret] " * 50
    assert json.loads(text)["text"] == "it is [secret] " * 50
    packed = calling.store.contents[event.prompt.ref].body or ""
    assert len(packed) < len(prompt) / 3
    await calling.store.erase([event.prompt.ref])
    emptied = decode((await calling.store.inflated(calling.store.stored))[-2])
    assert isinstance(emptied, ModelCalled)
    assert emptied.prompt is not None
    assert unpacked(emptied.prompt) is None


async def test_a_failed_call_keeps_its_prompt_too() -> None:
    """What nobody answered is on the log with what was asked."""
    calling = Calling(ModelRefusedError(f"Bad request: {SECRET}"))
    with pytest.raises(ModelRefusedError):
        await ask(calling)
    (event,) = calling.told(ModelCalled)
    assert event.prompt is not None
    assert event.answer is None
    assert event.error == "Bad request: [secret]"


async def test_the_same_question_is_asked_once() -> None:
    """An exact repeat is answered from the cache for a day, free, and counted as such."""
    calling = Calling(PRICED, PRICED, PRICED, cached=True)
    await ask(calling)
    hit = await ask(calling)
    assert hit.answer.from_cache
    assert (hit.answer.text, hit.answer.usd) == ("hi", Decimal(0))
    await ask(calling, "hello, again")
    assert calling.outcomes == ["ok", "cached", "ok"]
    assert calling.told(ModelCalled)[1].chosen == CACHED
    assert await calling.used() == Decimal("0.04")
    calling.clock.advance(CACHE_TTL_S)
    await ask(calling)
    assert calling.outcomes[-1] == "ok"


@pytest.mark.parametrize(
    "change",
    [
        {"max_tokens": 5},
        {"require": "submit_result"},
        {"agent": "reviewer"},
    ],
)
async def test_another_request_is_another_question(change: dict[str, Any]) -> None:
    """All that is sent is in the key."""
    calling = Calling(PRICED, PRICED, cached=True)
    await ask(calling)
    await ask(calling, **change)
    assert len(calling.scripted.requests) == 2


async def test_another_model_is_another_question() -> None:
    """An answer of one model is not given for another."""
    calling = Calling(PRICED, PRICED, cached=True)
    await ask(calling)
    calling.scripted.names = ("other",)
    await ask(calling)
    assert len(calling.scripted.requests) == 2


async def test_planning_is_never_answered_from_the_cache() -> None:
    """The same words may want another plan today."""
    calling = Calling(PRICED, PRICED, cached=True)
    await ask(calling, agent="planner")
    await ask(calling, agent="planner")
    assert len(calling.scripted.requests) == 2


async def test_a_repair_is_never_answered_from_the_cache() -> None:
    """What did not validate yesterday gets a fresh answer today."""
    calling = Calling(PRICED, PRICED, cached=True)
    said = ModelMessage(role="assistant", content="wrong")
    messages = (*asking().messages, said)
    await ask(calling, messages=messages)
    await ask(calling, messages=messages)
    assert len(calling.scripted.requests) == 2


async def test_the_circuit_opens_and_closes_and_the_log_knows() -> None:
    """After repeated failures nobody waits; when the model is back it answers again."""
    calling = Calling(*[DOWN] * FAILURES, PRICED)
    first = await ask(calling)
    assert first.fallback == "It is down."
    second = await ask(calling)
    assert calling.calls.circuit.open
    assert len(calling.scripted.requests) == FAILURES
    assert second.answer.model == "offline"
    third = await ask(calling)
    assert third.fallback == "The model failed repeatedly and is left alone until 09:00:30."
    assert len(calling.scripted.requests) == FAILURES
    (opened,) = calling.told(HealthChanged)
    assert (opened.part, opened.state) == ("model", "failing")
    calling.clock.advance(PAUSE.total_seconds())
    back = await ask(calling)
    assert (back.answer.text, back.fallback) == ("hi", None)
    assert [p.state for p in calling.told(HealthChanged)] == ["failing", "well"]


async def test_a_fresh_process_says_that_the_model_is_back() -> None:
    """What the log says of the model is put right by the first call that succeeds."""
    calling = Calling(*[DOWN] * FAILURES, PRICED, PRICED)
    await ask(calling)
    await ask(calling)
    calling.calls.circuit.succeeded()
    calling.calls._told = None
    await ask(calling)
    await ask(calling)
    assert [p.state for p in calling.told(HealthChanged)] == ["failing", "well"]


async def test_a_busy_server_does_not_open_the_circuit() -> None:
    """A 429 says that the server is well: talk does not go offline for it."""
    busy = ModelUnreachableError("Busy.", retry_after=0, busy=True)
    calling = Calling(*[busy] * (2 * FAILURES), PRICED)
    for _ in range(4):
        got = await ask(calling)
    assert not calling.calls.circuit.open
    assert got.answer.text == "hi"


async def test_the_offline_model_says_why_it_answers() -> None:
    """The reason stands in its prompt, without the secret that a server repeated."""
    seen: list[ModelRequest] = []

    async def watched(request: ModelRequest, on_delta: OnDelta | None) -> ModelAnswer:
        seen.append(request)
        return ModelAnswer(text="offline", model="offline")

    offline = Doing(watched, lambda _: Decimal(0))
    down = ModelUnreachableError(f"Down: {SECRET}.", retry_after=0)
    calling = Calling(*[down] * 3, offline=offline)
    got = await ask(calling)
    assert got.fallback == "Down: [secret]."
    assert seen[0].messages[1].content == f"{FALLBACK}Down: [secret]."
    assert calling.outcomes == ["unreachable"] * 3 + ["ok"]
    assert calling.told(ModelCalled)[-1].usd == 0


async def test_an_unknown_price_is_refused_before_the_call() -> None:
    """A model that nobody priced is never called, and never counted as free."""

    def unknown(_request: ModelRequest) -> Decimal:
        message = "The price is unknown."
        raise ModelRefusedError(message)

    async def never(request: ModelRequest, on_delta: OnDelta | None) -> ModelAnswer:
        raise AssertionError

    calling = Calling(model=Doing(never, unknown))
    with pytest.raises(ModelRefusedError, match="price is unknown"):
        await ask(calling)
    assert calling.told(ModelCalled) == []


async def test_calls_run_side_by_side() -> None:
    """Many calls are under way at the same time, and each is counted once."""
    inside, together = 0, asyncio.Event()

    async def meet(request: ModelRequest, on_delta: OnDelta | None) -> ModelAnswer:
        nonlocal inside
        inside += 1
        if inside == 32:
            together.set()
        await together.wait()
        return PRICED

    caps = Caps(goal=Decimal(100), day=Decimal(100), month=Decimal(100))
    calling = Calling(caps=caps, model=Doing(meet))
    async with asyncio.timeout(PATIENCE_S):
        await asyncio.gather(*(calling.calls.complete(GOAL, asking(str(n))) for n in range(32)))
    assert calling.outcomes == ["ok"] * 32
    assert await calling.used() == Decimal("0.64")


async def test_a_budget_that_runs_short_chooses_a_cheaper_tier() -> None:
    """From three quarters on the tier goes down a step, and the event says for which budget."""
    calling = Calling(*[PRICED.model_copy(update={"usd": Decimal("0.09")})] * 9, PRICED)
    calling.ledger.caps = Caps(goal=Decimal(1))
    for number in range(10):
        await ask(calling, str(number))
    tiers = [(event.tier, event.chosen) for event in calling.told(ModelCalled)]
    assert tiers[8] == ("balanced", "contract")
    assert tiers[9] == ("fast", f"budget: goal:{GOAL} is three quarters used")
