"""`web.search`: what a search service finds."""

from decimal import Decimal
from typing import Any, ClassVar

from pydantic import Field

from adapters.web.client import Request, SafeClient
from adapters.web.providers import MAX_RESULTS, PROVIDERS, SearchConfig
from adapters.web.response import BUSY, OK, REDIRECT, SERVER_ERROR, Response
from adapters.web.urls import parse_url
from adapters.web.words import short_line
from core.domain.cards import Impact
from core.domain.errors import EquerryError, OutcomeUnknownError, RefusedError, TransientError
from core.domain.money import ZERO
from core.domain.sources import Source
from core.ports.action import Action, ActionArgs, ActionContext, ActionResult, Preview

MAX_TITLE, MAX_SNIPPET = 200, 500
_LOGIN = frozenset({401, 403})


class SearchArgs(ActionArgs):
    """What to search for."""

    query: str = Field(min_length=1, max_length=400)


class WebSearch(Action[SearchArgs]):
    """Asks the configured search service; its results are outside text.

    Without a `client` it makes one that may reach the service's own address, also a private one:
    the owner wrote it into the config.
    """

    name: ClassVar[str] = "web.search"
    summary: ClassVar[str] = "search the web"
    Args = SearchArgs
    declared: ClassVar[Impact] = "none"
    control: ClassVar[frozenset[str]] = frozenset({"query"})
    idempotent: ClassVar[bool] = True
    gives_private: ClassVar[bool] = False

    def __init__(self, config: SearchConfig, client: SafeClient | None = None) -> None:
        self._config = config
        self._provider = PROVIDERS[config.provider]
        own = [_place(config.url)] if config.url else []
        self._client = client or SafeClient(allow_private=own)

    def impact(self, args: SearchArgs) -> Impact:
        """Return none: searching changes nothing."""
        return "none"

    def cost(self, args: SearchArgs) -> Decimal:
        """Return what the service charges for a search, as config says."""
        return self._config.usd_per_search

    def reaches(self, args: SearchArgs) -> str:
        """Return the search service."""
        return f"the search service {self._config.provider}"

    def preview(self, args: SearchArgs) -> Preview:
        """Show the query and who will see it."""
        return Preview(title=f"Search the web for {args.query!r}", body=self._config.provider)

    async def run(self, args: SearchArgs, context: ActionContext) -> ActionResult:
        """Return `results`, each with `title`, `url` and `snippet`, best first."""
        asked = _Asked()
        try:
            response = await self._asked(self._provider.ask(self._config, args.query), asked)
            asked.declined = response.status >= REDIRECT
            self._judge(response, context)
            results = self._results(response)
        except EquerryError as error:
            error.usd = self._config.usd_per_search if asked.may_be_charged else ZERO
            raise
        found = f"{len(results)} result{'' if len(results) == 1 else 's'}" if results else "nothing"
        return ActionResult(
            output={"results": results},
            said=f"Searched the web for {args.query!r} and found {found}.",
            usd=self._config.usd_per_search,
            sources=tuple(Source(kind="web", ref=one["url"]) for one in results),
        )

    async def _asked(self, request: Request, asked: "_Asked") -> Response:
        if request.method == "GET":
            return await self._client.read(request, before_write=asked.begin)
        try:
            response = await self._client.send(request, asked.begin)
        except OutcomeUnknownError as error:
            raise TransientError(self._says("gave no answer")) from error
        if not response.complete:
            raise TransientError(self._says("broke off in its answer"))
        return response

    def _judge(self, response: Response, context: ActionContext) -> None:
        """Raise unless the service answered the question."""
        status = response.status
        if OK <= status < REDIRECT:
            return
        if status in BUSY or status >= SERVER_ERROR:
            pause = response.retry_after(context.now)
            raise TransientError(self._says(f"answered {status}"), retry_after=pause)
        if status in _LOGIN and self._config.provider == "searxng":
            advice = "; its settings.yml must list json under search.formats"
        elif status in _LOGIN:
            advice = "; check actions.web.search.key"
        else:
            advice = ""
        raise RefusedError(self._says(f"answered {status}{advice}"))

    def _results(self, response: Response) -> list[dict[str, str]]:
        try:
            found = self._provider.results(response.json())
        except ValueError:
            found = None
        if found is None:
            advice = "answered something else; check actions.web.search"
            raise RefusedError(self._says(advice))
        return [one for one in map(self._result, found) if one is not None][:MAX_RESULTS]

    def _result(self, found: dict[str, Any]) -> dict[str, str] | None:
        """Return a result, None where it leads nowhere that could be read."""
        try:
            url = str(parse_url(str(found.get("url") or "")))
        except RefusedError:
            return None
        return {
            "title": short_line(found.get("title"), MAX_TITLE),
            "url": url,
            "snippet": short_line(found.get(self._provider.snippet), MAX_SNIPPET),
        }

    def _says(self, what: str) -> str:
        return f"The search service {self._config.provider} {what}."


class _Asked:
    """How far a search came: one that was sent, and not turned down, may be charged."""

    def __init__(self) -> None:
        self.sent = self.declined = False

    async def begin(self) -> None:
        """Note that it is being sent."""
        self.sent = True

    @property
    def may_be_charged(self) -> bool:
        """Whether the service may have searched."""
        return self.sent and not self.declined


def _place(url: str) -> str:
    """Return `host:port` of the service, as a list of hosts takes it."""
    target = parse_url(url)
    host = f"[{target.host}]" if ":" in target.host else target.host
    return f"{host}:{target.port}"
