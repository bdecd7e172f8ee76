"""`web.fetch`: the words of one page."""

import asyncio
from functools import partial
from typing import ClassVar

from pydantic import Field

from adapters.web.client import Request, SafeClient
from adapters.web.extract import is_page, plain_text
from adapters.web.pages import MemoryPages, Page, PageCache
from adapters.web.response import BUSY, OK, REDIRECT, SERVER_ERROR, Response
from adapters.web.urls import MAX_URL, Target, parse_url
from adapters.web.words import short_line
from core.domain.cards import Impact
from core.domain.errors import RefusedError, TransientError
from core.domain.sources import Source
from core.ports.action import Action, ActionArgs, ActionContext, ActionResult, Preview
from core.ports.documents import DocumentReader

MAX_TITLE = 200
MAX_TEXT = 40_000
"""Characters of a page that are kept: about ten thousand tokens."""

_ACCEPT = "text/html, application/xhtml+xml, application/json;q=0.9, text/*;q=0.8"


class FetchArgs(ActionArgs):
    """The address of a page."""

    url: str = Field(max_length=MAX_URL)


class WebFetch(Action[FetchArgs]):
    """Reads a page on the open Internet, or on a host that `client` was told is the owner's.

    All of it is outside text: `documents` reads a page where it can cost no more than a bound.
    `cache` replaces the one in memory, where several processes share.
    """

    name: ClassVar[str] = "web.fetch"
    summary: ClassVar[str] = "read a web page"
    Args = FetchArgs
    declared: ClassVar[Impact] = "none"
    control: ClassVar[frozenset[str]] = frozenset({"url"})
    idempotent: ClassVar[bool] = True
    gives_private: ClassVar[bool] = False

    def __init__(
        self, client: SafeClient, documents: DocumentReader, cache: PageCache | None = None
    ) -> None:
        self._client = client
        self._documents = documents
        self._cache = cache or MemoryPages()

    def impact(self, args: FetchArgs) -> Impact:
        """Return none: reading changes nothing."""
        return "none"

    def check(self, args: FetchArgs, context: ActionContext) -> None:
        """Raise RefusedError for what is no web address."""
        parse_url(args.url)

    def reaches(self, args: FetchArgs) -> str:
        """Return the site."""
        return parse_url(args.url).authority

    def preview(self, args: FetchArgs) -> Preview:
        """Show the address."""
        return Preview(title=f"Read {args.url}")

    async def run(self, args: FetchArgs, context: ActionContext) -> ActionResult:
        """Return `url`, `title`, `text` and `fetched_at`; `cut` when the page went on."""
        target = parse_url(args.url)
        _permit(target, target, context)
        page = await self._cache.get(str(target), context.now)
        if page is None:
            page = await self._fetched(target, context)
            await self._cache.put(str(target), page)
        return ActionResult(
            output=page.model_dump(mode="json"),
            said=f"Read {page.url}.",
            sources=(Source(kind="web", ref=page.url),),
        )

    async def _fetched(self, target: Target, context: ActionContext) -> Page:
        permit = partial(_permit, target, context=context)
        response = await self._client.read(Request("GET", str(target), {"Accept": _ACCEPT}), permit)
        _judge(response, context)
        title, text = await self._words(response)
        return Page(
            url=response.url,
            title=title,
            text=text[:MAX_TEXT],
            fetched_at=context.now,
            cut=len(text) > MAX_TEXT,
        )

    async def _words(self, response: Response) -> tuple[str, str]:
        """Return title and text of what came back."""
        if not is_page(response):
            return "", await asyncio.to_thread(plain_text, response)
        # Bytes let the parser find the charset in the page; the header's word counts for more.
        page = response.text().encode() if response.charset else response.body
        read = await self._documents.read_page(response.url, page)
        return short_line(read.title, MAX_TITLE), read.text


def _permit(first: Target, target: Target, context: ActionContext) -> None:
    """Raise RefusedError where a read leaves the hosts it is to keep to.

    A redirect may add no query either: both would tell somebody else what was read.
    """
    if context.hosts is None:
        return
    if target.host not in context.hosts or (target != first and "?" in target.path):
        message = "The page leads on to an address that this read is not to ask."
        raise RefusedError(message, plain=message)


def _judge(response: Response, context: ActionContext) -> None:
    """Raise unless the page is there."""
    if OK <= response.status < REDIRECT:
        return
    message = f"{response.url} answered {response.status}."
    plain = f"it was answered with {response.status}"
    if response.status in BUSY or response.status >= SERVER_ERROR:
        pause = response.retry_after(context.now)
        raise TransientError(message, retry_after=pause, plain=plain)
    raise RefusedError(message, plain=plain)
