"""A small application behind the terminal: it answers, asks with cards, and remembers decisions."""

import asyncio
import hashlib
import mimetypes
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from adapters.terminal.desk import Edits
from core.domain.cards import CardItem, CardKind, Confidence, Ruling, Verdict
from core.domain.erasable import Erasable
from core.domain.errors import BadInputError, EquerryError, UnknownThingError
from core.domain.sources import Source
from core.ports.chat_surface import CardView, ChatSurface, Enclosure, Outbound, Progress

BODY = "Subject: Invoice 2026-114\nHi Bob,\nthe invoice for November is attached.\n\nBest\nAnn"
ARGS: dict[str, Any] = {"to": ["bob@acme.com"], "subject": "Invoice 2026-114", "body": BODY}


class StillClock:
    """A clock that stands at 09:14 UTC and counts how long others wanted to wait."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def now(self) -> datetime:
        """Return the one time there is."""
        return datetime(2026, 11, 23, 9, 14, tzinfo=UTC)

    async def sleep(self, seconds: float) -> None:
        """Note the wish and go on."""
        self.slept.append(seconds)
        await asyncio.sleep(0)


def item(title: str = "Send mail to bob@acme.com", **more: Any) -> CardItem:  # noqa: ANN401 - any field of an item
    """Return an item of a card; `more` overrides its fields."""
    fields: dict[str, Any] = {
        "marker": f"m-{title}",
        "task": "t1",
        "action": "mail.send",
        "args": Erasable.of(ARGS, "s"),
        "title": Erasable.of(title, "s"),
        "body": Erasable.of(BODY, "s"),
        "ruling": ruling(),
    }
    return CardItem(**{**fields, **more})


def ruling(**more: Any) -> Ruling:  # noqa: ANN401 - any field of a ruling
    """Return the ruling of a mail; `more` overrides its fields."""
    fields: dict[str, Any] = {
        "route": "review",
        "rule": "mail is always asked",
        "reasons": (),
        "impact": "high",
        "confidence": Confidence(claimed=0.86, earned=0.69, accepted=18, decided=21),
        "sources": (Source(kind="file", ref="invoice-114.pdf"),),
    }
    return Ruling(**{**fields, **more})


def card(name: str = "CAB12CD34", kind: CardKind = "operation", **more: Any) -> CardView:  # noqa: ANN401 - any field of a view
    """Return an open card about a mail; `more` overrides its fields."""
    fields: dict[str, Any] = {
        "card": name,
        "goal": "G41",
        "kind": kind,
        "conversation": "terminal",
        "title": "Send mail to bob@acme.com",
        "why": 'you asked on Friday to "send Bob the invoice once it is ready" (G41).',
        "route": "review",
        "items": (item(),),
    }
    return CardView(**{**fields, **more})


class FakeDesk:
    """Echoes messages; `mail` opens a card; `accept`, `reject` and `edit` decide the newest one."""

    def __init__(self, surface: ChatSurface) -> None:
        self.surface = surface
        self.lines: list[tuple[str, str]] = []
        self.decisions: list[
            tuple[str, Verdict, Mapping[str, dict[str, Any]] | None, str | None]
        ] = []
        self.cards: dict[str, CardView] = {}
        self.hold: asyncio.Event | None = None
        self.trouble: EquerryError | None = None
        self._work: list[asyncio.Task[None]] = []

    async def submit(self, line: str, dedupe: str) -> Sequence[str] | None:
        """Do as the class says; `/boom` is a bug, `/bad` a refusal."""
        self.lines.append((line, dedupe))
        word = line.split(maxsplit=1)[0]
        if word == "/boom":
            raise RuntimeError("a bug")
        if word == "/bad":
            raise BadInputError("There is no command '/bad'; /help lists them.")
        if word.startswith("/"):
            return [f"output of {line}"]
        if word in {"accept", "reject"}:
            verdict: Verdict = "accept" if word == "accept" else "reject"
            return [
                await self.decide(list(self.cards)[-1], verdict, None, line[len(word) :].strip())
            ]
        self._work.append(asyncio.create_task(self._reply(line)))
        return None

    async def decide(
        self, card: str, verdict: Verdict, edits: Edits | None, reason: str | None
    ) -> str:
        """Keep the decision and rewrite the card."""
        if card not in self.cards:
            raise UnknownThingError(f"There is no open card {card!r}.")
        self.decisions.append((card, verdict, edits, reason))
        decided = self.cards.pop(card).model_copy(
            update={
                "state": "decided",
                "verdict": verdict,
                "decided_by": "owner",
                "decided_at": "2026-11-23T09:14:00+00:00",
                "note": reason or "",
                "difference": ("- subject: Invoice", "+ subject: Bill") if edits else (),
            }
        )
        await self.surface.update_card(decided, card)
        return ""

    async def preview_edit(self, card: str, marker: str, args: dict[str, Any]) -> Sequence[str]:
        """Tell the changed fields; refuse a recipient without an @."""
        if not all("@" in address for address in args["to"]):
            raise BadInputError(f"to: {args['to'][0]!r} is no address.")
        return [
            line
            for name, new in args.items()
            if new != ARGS.get(name)
            for line in (f"- {name}: {ARGS.get(name)}", f"+ {name}: {new}")
        ]

    async def why(self, name: str) -> str:
        """Give a reason."""
        return f"because of {name}"

    async def settled(self) -> None:
        """Wait for the replies."""
        await asyncio.gather(*self._work)
        self._work.clear()
        if self.trouble is not None:
            raise self.trouble

    def commands(self) -> Sequence[tuple[str, str]]:
        """Return two commands."""
        return [("help", "what I can do"), ("status", "how things are")]

    async def open_cards(self) -> Sequence[CardView]:
        """Return the open ones."""
        return list(self.cards.values())

    def banner(self) -> str:
        """Say hello."""
        return "Equerry is here."

    async def ask(self, view: CardView) -> None:
        """Open a card."""
        self.cards[view.card] = view
        await self.surface.show_card(view)

    async def _reply(self, line: str) -> None:
        self.surface.progress(Progress("terminal", "G1", status="planning"))
        if self.hold is not None:
            self.surface.progress(Progress("terminal", "G1", delta=f"so you say {line}"))
            await self.hold.wait()
        await asyncio.sleep(0)
        if line.startswith("mail"):
            await self.ask(card(f"CAB12CD{len(self.cards)}4"))
            return
        await self.surface.send(message(f"you said {line}", goal="G1"))


def enclosure(name: str, data: bytes, **more: Any) -> Enclosure:  # noqa: ANN401 - any other field
    """Return a file that goes with a message."""
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    digest = hashlib.sha256(data).hexdigest()
    return Enclosure(name=name, media_type=kind, digest=digest, data=data, **more)


def message(text: str, **more: Any) -> Outbound:  # noqa: ANN401 - any field of a message
    """Return a reply to print; `more` overrides its fields."""
    fields: dict[str, Any] = {
        "message": "M1",
        "conversation": "terminal",
        "kind": "reply",
        "text": text,
    }
    return Outbound(**{**fields, **more})
