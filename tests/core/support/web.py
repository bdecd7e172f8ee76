"""A small web of pages, a mail action, and answers of a model that researches."""

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from adapters.inmemory.model import ScriptedModel
from core.domain.cards import Impact
from core.domain.errors import RefusedError
from core.domain.sources import Source
from core.ports.action import Action, ActionArgs, ActionContext, ActionResult, Preview
from core.ports.model import ModelAnswer, ToolCall


class UrlArgs(ActionArgs):
    """An address."""

    url: str


class QueryArgs(ActionArgs):
    """Words."""

    query: str


class Fetch(Action[UrlArgs]):
    """Reads one of the given pages."""

    name: ClassVar[str] = "web.fetch"
    summary: ClassVar[str] = "read a web page"
    Args = UrlArgs
    declared: ClassVar[Impact] = "none"
    control: ClassVar[frozenset[str]] = frozenset({"url"})
    idempotent: ClassVar[bool] = True
    gives_private: ClassVar[bool] = False

    def __init__(self, pages: Mapping[str, str]) -> None:
        """Take texts by address; `asked` is what was fetched."""
        self.pages, self.asked = pages, list[str]()

    def preview(self, args: UrlArgs) -> Preview:
        """Return the address."""
        return Preview(title=f"Read {args.url}")

    async def run(self, args: UrlArgs, context: ActionContext) -> ActionResult:
        """Return the page."""
        self.asked.append(args.url)
        if args.url not in self.pages:
            message = f"{args.url} answered 404."
            raise RefusedError(message)
        output = {"url": args.url, "title": "A page", "text": self.pages[args.url]}
        source = Source(kind="web", ref=args.url)
        return ActionResult(output=output, said=f"Read {args.url}.", sources=(source,))


class Search(Action[QueryArgs]):
    """Finds the given results, whatever is asked."""

    name: ClassVar[str] = "web.search"
    summary: ClassVar[str] = "search the web"
    Args = QueryArgs
    declared: ClassVar[Impact] = "none"
    control: ClassVar[frozenset[str]] = frozenset({"query"})
    idempotent: ClassVar[bool] = True
    gives_private: ClassVar[bool] = False

    def __init__(self, *found: tuple[str, str]) -> None:
        """Take addresses with snippets; `asked` are the queries."""
        self.found, self.asked = found, list[str]()

    def preview(self, args: QueryArgs) -> Preview:
        """Return the query."""
        return Preview(title=f"Search for {args.query}")

    async def run(self, args: QueryArgs, context: ActionContext) -> ActionResult:
        """Return the results."""
        self.asked.append(args.query)
        results = [{"title": "A page", "url": url, "snippet": text} for url, text in self.found]
        sources = tuple(Source(kind="web", ref=url) for url, _ in self.found)
        return ActionResult(output={"results": results}, said="Searched.", sources=sources)


class MailArgs(ActionArgs):
    """A mail."""

    to: tuple[str, ...]
    subject: str = ""
    body: str


class Mail(Action[MailArgs]):
    """Keeps what it would send."""

    name: ClassVar[str] = "mail.send"
    summary: ClassVar[str] = "send a mail"
    Args = MailArgs
    control: ClassVar[frozenset[str]] = frozenset({"to", "subject"})
    leaves: ClassVar[frozenset[str]] = frozenset({"subject", "body"})
    pinned: ClassVar[frozenset[str] | None] = frozenset({"to"})
    idempotent: ClassVar[bool] = True

    def __init__(self) -> None:
        """Begin with nothing sent."""
        self.sent: list[MailArgs] = []

    def preview(self, args: MailArgs) -> Preview:
        """Return the mail."""
        return Preview(title=f"Send mail to {', '.join(args.to)}", body=args.body)

    async def run(self, args: MailArgs, context: ActionContext) -> ActionResult:
        """Send it."""
        self.sent.append(args)
        return ActionResult(output={"to": list(args.to)}, said=f"Sent to {', '.join(args.to)}.")


def calls(*wanted: tuple[str, dict[str, Any] | str]) -> ModelAnswer:
    """Return an answer that calls several tools at once."""
    made = tuple(
        ToolCall(id=f"c{n}", name=name, arguments=a if isinstance(a, str) else json.dumps(a))
        for n, (name, a) in enumerate(wanted)
    )
    return ModelAnswer(tool_calls=made, model=ScriptedModel.name)


def search(query: str) -> ModelAnswer:
    """Return a call of web__search."""
    return calls(("web__search", {"query": query}))


def fetch(*urls: str) -> ModelAnswer:
    """Return calls of web__fetch."""
    return calls(*(("web__fetch", {"url": url}) for url in urls))


def found(
    text: str, *findings: tuple[str, str], found: bool = True, confidence: float = 0.9
) -> ModelAnswer:
    """Return the researcher's result; findings are (source, quote)."""
    told = [{"source": s, "quote": q, "confidence": confidence} for s, q in findings]
    return calls(("submit_result", {"text": text, "findings": told, "found": found}))


def judged(verdict: str, *reasons: str) -> ModelAnswer:
    """Return the reviewer's result."""
    return calls(("submit_result", {"verdict": verdict, "reasons": list(reasons)}))
