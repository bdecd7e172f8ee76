"""What somebody stated as a secret stands in prompts as a reference, and is filled in afterwards.

A model works with `[[SABCDEFGH password]]`: it can say that there is one, put it into a reply or an
argument, and never has it. Everything inside Equerry is in clear: the prompt is changed on its way
out, and the answer on its way in. An answer fills in only what stood in its own prompt, in its text
and in what it submits; what a loop asks a read-only tool keeps the reference.
"""

import asyncio
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from core.domain.events import NewEvent
from core.domain.events.personal import SecretStated
from core.domain.ids import short_id
from core.domain.secret_forms import FoldedSearch, fold, folded_forms
from core.domain.stated import stated
from core.ports.event_log import EventLog, EventQuery
from core.ports.model import ModelAnswer, ModelMessage, ModelRequest, OnDelta, ToolCall
from core.ports.read_models import ReadModels, RowQuery

NOTE = """\
[[S… password]] and the like are references to secrets of the owner. Copy a reference exactly, with
its brackets, wherever its value is wanted, in replies and in arguments: the value is put in after
you. To the owner and to whoever gets the text it is no placeholder."""
SPELT = 5000
"""Secrets whose forms are kept at hand: a few kilobytes each, and a millisecond to make them."""
SEEN = 500
"""Secrets that only a prompt stated are remembered up to this many, newest first."""
SHORT_NUMBER = 8
"""Numbers of up to so many digits count only where they stand alone: not in dates and times."""
_REFERENCE = re.compile(r"\[\[\s*(S[A-Z2-7]{8})\b[^\[\]\n]{0,40}\]\]|(?<!\w)(S[A-Z2-7]{8})(?!\w)")
_BEGUN = re.compile(r"\[(?:\[[^\[\]\n]{0,55}\]?)?$")
"""The beginning of a reference at the end of a streamed text: it waits for the rest."""


@dataclass(frozen=True, slots=True)
class Secret:
    """One stated secret under its reference."""

    id: str
    kind: str
    value: str

    @property
    def reference(self) -> str:
        """What stands for it in a prompt."""
        return f"[[{self.id} {self.kind}]]"


@dataclass(frozen=True, slots=True)
class Shielded:
    """A request with references in it, and the values that they stand for."""

    request: ModelRequest
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def explained(self) -> ModelRequest:
        """The request with a word on what the references are, where there are any."""
        if not self.values:
            return self.request
        messages = list(self.request.messages)
        first = next((n for n, m in enumerate(messages) if m.role != "system"), len(messages))
        messages.insert(first, ModelMessage(role="system", content=NOTE))
        return self.request.model_copy(update={"messages": tuple(messages)})

    def filled(self, answer: ModelAnswer) -> ModelAnswer:
        """Return the answer with the values: in its text, and in what it submits."""
        if not self.values:
            return answer
        calls = tuple(self._call(call) for call in answer.tool_calls)
        update = {"text": self.text(answer.text), "tool_calls": calls}
        return answer.model_copy(update=update)

    def text(self, text: str, escape: Callable[[str], str] = str) -> str:
        """Return a text with the values; references that stood in no prompt stay."""

        def value(match: re.Match[str]) -> str:
            found = self.values.get(match[1] or match[2])
            return match[0] if found is None else escape(found)

        return _REFERENCE.sub(value, text)

    def streamed(self, on_delta: OnDelta | None) -> OnDelta | None:
        """Return what takes the pieces of a text and passes them on with the values."""
        if on_delta is None or not self.values:
            return on_delta
        held = ""

        def take(piece: str) -> None:
            nonlocal held
            text = held + piece
            begun = _BEGUN.search(text)
            held = begun[0] if begun else ""
            if shown := self.text(text[: len(text) - len(held)]):
                on_delta(shown)

        return take

    def _call(self, call: ToolCall) -> ToolCall:
        if not call.name.startswith("submit_"):
            return call
        arguments = self.text(call.arguments, lambda value: json.dumps(value)[1:-1])
        return call.model_copy(update={"arguments": arguments})


class Shield:
    """Knows the secrets that the owner stated, from the log, and finds those that a prompt states.

    The log has where a secret stands, never what it is: what is erased there is known no more.
    """

    def __init__(self, log: EventLog, rows: ReadModels) -> None:
        """Read from a log."""
        self._log, self._rows = log, rows
        self._seen: dict[str, str] = {}
        self._salt = b""

    async def note(self, texts: Mapping[str, str]) -> None:
        """Write down which secrets texts state; `texts` are the owner's, by content reference."""
        events = [
            _noted(ref, one.kind, one.start, one.end)
            for ref, text in texts.items()
            for one in await asyncio.to_thread(stated, text)
        ]
        if events:
            await self._log.append(events)

    async def over(self, request: ModelRequest) -> Shielded:
        """Return a request as a model may see it."""
        texts = [message.content for message in request.messages if not message.stable]
        known = await self._known(texts)
        used: dict[str, str] = {}
        messages = await asyncio.to_thread(_all_shielded, request.messages, known, used)
        if not used:
            return Shielded(request)
        words = await asyncio.to_thread(_replaced, request.words, known, used)
        return Shielded(request.model_copy(update={"messages": messages, "words": words}), used)

    async def text(self, text: str) -> str:
        """Return a text as it stands in prompts."""
        return await asyncio.to_thread(_replaced, text, await self._known([text]), {})

    async def _known(self, texts: Iterable[str]) -> list[Secret]:
        """Return the secrets of the log and of the texts, the longest first."""
        found = {secret.value: secret for secret in await self._kept()}
        for text in texts:
            for one in await asyncio.to_thread(stated, text):
                self._seen.pop(text[one.start : one.end], None)
                self._seen[text[one.start : one.end]] = one.kind
        while len(self._seen) > SEEN:
            del self._seen[next(iter(self._seen))]
        for value, kind in list(self._seen.items()):
            if value not in found:
                found[value] = Secret(await self._derived(value), kind, value)
        return sorted(found.values(), key=lambda secret: len(secret.value), reverse=True)

    async def _kept(self) -> list[Secret]:
        """Return what the owner stated, by its oldest reference, as far as it is not erased."""
        rows = await self._rows.find(RowQuery("stated", order="written"), limit=None)
        if not rows:
            return []
        values = await self._log.values(list({row.doc["text"] for row in rows}))
        found: dict[str, Secret] = {}
        for row in rows:
            doc, text = row.doc, values.get(row.doc["text"])
            value = str(text)[doc["start"] : doc["end"]] if text is not None else ""
            if value:
                found.setdefault(value, Secret(row.key, doc["kind"], value))
        return list(found.values())

    async def _derived(self, value: str) -> str:
        """Return the reference of what only a prompt stated: the same on this log, after a crash.

        It is in no event, so that nobody can try numbers against it once texts are erased.
        """
        if not self._salt:
            first = await self._log.read(EventQuery(), limit=1)
            self._salt = first[0].hash.encode() if first else b""
        return short_id("S", hmac.new(self._salt, value.encode(), hashlib.sha256).hexdigest())


def _noted(ref: str, kind: str, start: int, end: int) -> NewEvent:
    secret = short_id("S", ref, str(start))
    payload = SecretStated(secret=secret, kind=kind, text=ref, start=start, end=end)
    return NewEvent(stream="secrets", payload=payload, actor="owner", key=f"stated:{secret}")


def _all_shielded(
    messages: tuple[ModelMessage, ...], known: list[Secret], used: dict[str, str]
) -> tuple[ModelMessage, ...]:
    """Return messages with references: thousands of secrets in long texts take seconds."""
    return tuple(_shielded(message, known, used) for message in messages)


def _shielded(message: ModelMessage, known: list[Secret], used: dict[str, str]) -> ModelMessage:
    if message.stable:
        return message
    calls = tuple(
        call.model_copy(update={"arguments": _replaced(call.arguments, known, used)})
        for call in message.tool_calls
    )
    content = _replaced(message.content, known, used)
    return message.model_copy(update={"content": content, "tool_calls": calls})


def _replaced(text: str, known: list[Secret], used: dict[str, str]) -> str:
    """Return a text with references; `used` is filled with the values that they stand for."""
    for secret in known:
        for form in _forms(secret.value):
            if form in text:
                text, count = _with_reference(text, form, secret)
                if count:
                    used[secret.id] = secret.value
    seen = fold(text)  # once for all: for each of a thousand secrets it would take minutes
    for secret in known:
        search = _spelt(secret.value)
        if not search.is_in(seen):
            continue
        for start, end in reversed(search.spans(text)):
            used[secret.id] = secret.value
            text = text[:start] + secret.reference + text[end:]
        seen = fold(text)
    return text


def _with_reference(text: str, form: str, secret: Secret) -> tuple[str, int]:
    """Return a text with one form of a secret as its reference, and how often it stood there."""
    pattern = _pattern(form, secret.value)
    parts: list[str] = []
    last, at = 0, text.find(form)
    while at >= 0:
        if pattern.match(text, at):
            parts += (text[last:at], secret.reference)
            last = at + len(form)
        at = text.find(form, max(last, at + 1))
    return "".join([*parts, text[last:]]), len(parts) // 2


@lru_cache(maxsize=SPELT)
def _spelt(value: str) -> FoldedSearch:
    """Return what finds a value that is spelt in another way."""
    return FoldedSearch(folded_forms(value))


def _forms(value: str) -> Iterable[str]:
    """Return a value as it is, and as it stands inside JSON."""
    return dict.fromkeys(
        (value, json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1])
    )


@lru_cache(maxsize=SEEN)
def _pattern(form: str, value: str) -> re.Pattern[str]:
    """Return what matches a form of a value where it is a word of its own."""
    before, after = (r"(?<!\w)", r"(?!\w)")
    if value.isdigit() and len(value) <= SHORT_NUMBER:
        before, after = (r"(?<![\w\-:/.,+])", r"(?![\w\-:/]|[.,][0-9])")
    return re.compile(
        (before if form[0].isalnum() else "")
        + re.escape(form)
        + (after if form[-1].isalnum() else "")
    )
