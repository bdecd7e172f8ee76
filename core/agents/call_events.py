"""The event of a model call: who, which model, tokens, price, latency, attempt, outcome."""

import base64
import zlib
from dataclasses import dataclass
from decimal import Decimal

from core.domain.canonical import canonical
from core.domain.erasable import Erasable
from core.domain.errors import EquerryError, ModelRefusedError, ModelUnreachableError
from core.domain.events import NewEvent
from core.domain.events.models import CallOutcome, ModelCalled
from core.domain.money import ZERO
from core.domain.redaction import Redactor
from core.ports.model import ModelAnswer, ModelRequest

ESTIMATED = "It may be charged all the same: counted at an estimate that is never too low."


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One attempt of a call: its number from 1, its latency in milliseconds, the owner's day.

    `tier` is what it is counted as.
    """

    call: str
    goal: str
    day: str
    tier: str
    model: str
    attempt: int
    latency_ms: int


def answered(
    record: CallRecord, request: ModelRequest, answer: ModelAnswer, redactor: Redactor
) -> NewEvent:
    """Return the event of a call that was answered, prompt and answer redacted and packed."""
    calls = [{"id": c.id, "name": c.name, "arguments": c.arguments} for c in answer.tool_calls]
    payload = ModelCalled(
        call=record.call,
        day=record.day,
        agent=request.agent,
        tier=record.tier,
        model=answer.model,
        tokens_in=answer.usage.tokens_in,
        tokens_out=answer.usage.tokens_out,
        tokens_cached=answer.usage.cached_in,
        usd=answer.usd,
        latency_ms=record.latency_ms,
        attempt=record.attempt,
        outcome="cached" if answer.from_cache else "ok",
        chosen=request.chosen,
        prompt=packed(_prompt(request)),
        answer=packed({"text": redactor.text(answer.text), "calls": redactor.redact(calls)}),
    )
    return _event(record, payload)


def failed(
    record: CallRecord,
    request: ModelRequest,
    error: EquerryError | None,
    redactor: Redactor,
    usd: Decimal = ZERO,
) -> NewEvent:
    """Return the event of a call that came to nothing; `error` None is one that was stopped midway.

    What it may cost all the same is counted: the estimate of the error, else `usd`.
    """
    outcome: CallOutcome = "refused" if isinstance(error, ModelRefusedError) else "unreachable"
    usd = usd if error is None else may_cost(error)
    tokens_in, tokens_out = error.tokens if isinstance(error, ModelUnreachableError) else (0, 0)
    said = "It was stopped while it was under way." if error is None else str(error)
    payload = ModelCalled(
        call=record.call,
        day=record.day,
        agent=request.agent,
        tier=record.tier,
        model=record.model,
        tokens_in=tokens_in,
        tokens_out=tokens_out,
        usd=usd,
        latency_ms=record.latency_ms,
        attempt=record.attempt,
        outcome="unknown" if error is None else outcome,
        error=redactor.text(f"{said} {ESTIMATED}" if usd else said),
        chosen=request.chosen,
        prompt=packed(_prompt(request)),
    )
    return _event(record, payload)


def may_cost(error: EquerryError) -> Decimal:
    """Return what a failed call may cost all the same, in US dollars."""
    return error.usd if isinstance(error, ModelUnreachableError) else ZERO


def _prompt(request: ModelRequest) -> list[dict[str, object]]:
    return [m.model_dump(mode="json", exclude_defaults=True) for m in request.messages]


def packed(value: object) -> Erasable:
    """Return a JSON value compressed (zlib, base 64), erasable like any text."""
    raw = zlib.compress(canonical(value).encode("utf-8", "surrogatepass"), 6)
    return Erasable.of({"zlib": base64.b64encode(raw).decode()})


def unpacked(value: Erasable) -> str | None:
    """Return the JSON text of a packed value; None when it was erased, or damaged."""
    packed = value.value.get("zlib") if isinstance(value.value, dict) else None
    try:
        raw = zlib.decompress(base64.b64decode(packed or ""))
        return raw.decode("utf-8", "surrogatepass")
    except (TypeError, ValueError, zlib.error):
        return None


def calls_stream(goal: str) -> str:
    """Return the stream of a goal's calls: not its own, which a plan is proposed at."""
    return f"calls:{goal}"


def _event(record: CallRecord, payload: ModelCalled) -> NewEvent:
    stream = calls_stream(record.goal)
    return NewEvent(stream=stream, payload=payload, goal=record.goal, actor=payload.agent)
