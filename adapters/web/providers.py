"""The search services that are spoken, each to its documented JSON interface.

SearXNG: https://docs.searxng.org/dev/search_api.html
Brave: https://api-dashboard.search.brave.com/app/documentation/web-search/get-started
Tavily: https://docs.tavily.com/documentation/api-reference/endpoint/search
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlencode

from adapters.web.client import Request

ProviderName = Literal["searxng", "brave", "tavily"]
MAX_RESULTS = 10

_BRAVE = "https://api.search.brave.com/res/v1/web/search"
_TAVILY = "https://api.tavily.com/search"


@dataclass(frozen=True, slots=True)
class SearchConfig:
    """`actions.web.search`: which service, where (None: its public address), and the key to it.

    Raises ValueError for a SearXNG without a url and for another service without a key.
    """

    provider: ProviderName
    url: str | None = None
    key: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.provider == "searxng" and not self.url:
            message = "actions.web.search.url is missing: the address of your SearXNG."
            raise ValueError(message)
        if self.provider != "searxng" and not self.key:
            message = f"actions.web.search.key is missing: {self.provider} needs one."
            raise ValueError(message)


@dataclass(frozen=True, slots=True)
class Provider:
    """How to ask a service, and where its results and their summaries stand in the answer."""

    ask: Callable[[SearchConfig, str], Request]
    path: tuple[str, ...]
    snippet: str

    def results(self, answer: Any) -> list[dict[str, Any]] | None:  # noqa: ANN401 - any JSON value
        """Return the results in an answer, None where it is no answer of this service."""
        for name in self.path:
            answer = answer.get(name) if isinstance(answer, dict) else None
        if not isinstance(answer, list):
            return None
        return [one for one in answer if isinstance(one, dict)]


def _searxng(config: SearchConfig, query: str) -> Request:
    headers = {"Accept": "application/json"}
    if config.key:
        headers["Authorization"] = f"Bearer {config.key}"
    url = _endpoint(config, "", "/search")
    return Request("GET", f"{url}?{urlencode({'q': query, 'format': 'json'})}", headers)


def _brave(config: SearchConfig, query: str) -> Request:
    headers = {"Accept": "application/json", "X-Subscription-Token": config.key or ""}
    asked = {"q": query, "count": MAX_RESULTS, "result_filter": "web"}
    return Request("GET", f"{_endpoint(config, _BRAVE, '/search')}?{urlencode(asked)}", headers)


def _tavily(config: SearchConfig, query: str) -> Request:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {config.key}"}
    body = json.dumps({"query": query, "max_results": MAX_RESULTS}).encode()
    return Request("POST", _endpoint(config, _TAVILY, "/search"), headers, body)


def _endpoint(config: SearchConfig, default: str, path: str) -> str:
    """Return where to ask; an owner may give the base address or the whole one."""
    url = (config.url or default).rstrip("/")
    return url if url.endswith(path) else url + path


PROVIDERS: dict[ProviderName, Provider] = {
    "searxng": Provider(_searxng, ("results",), "content"),
    "brave": Provider(_brave, ("web", "results"), "description"),
    "tavily": Provider(_tavily, ("results",), "content"),
}
