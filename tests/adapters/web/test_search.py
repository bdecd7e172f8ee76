from decimal import Decimal
from typing import Any

import pytest

from adapters.web.client import SafeClient
from adapters.web.providers import ProviderName, SearchConfig
from adapters.web.search import SearchArgs, WebSearch
from core.domain.errors import EquerryError, RefusedError, TransientError
from core.domain.sources import Source
from core.ports.action import ActionResult
from tests.adapters.web.contexts import context
from tests.servers.http import HttpServer, Reply, json_reply
from tests.servers.process import free_port

NAMES: list[ProviderName] = ["searxng", "brave", "tavily"]
FOUND = {
    "title": "Tea &amp; more",
    "url": "https://tea.example/a?b",
    "text": "All <b>about</b> tea",
}


def answer(provider: ProviderName, *found: dict[str, Any]) -> Reply:
    """Make the answer that a service gives for results with `title`, `url` and `text`."""
    snippet = "description" if provider == "brave" else "content"
    results = [{**one, snippet: one["text"], "score": 1} for one in found]
    return json_reply(
        {"web": {"results": results}} if provider == "brave" else {"results": results}
    )


def search(provider: ProviderName, url: str, key: str | None = "k3y") -> WebSearch:
    """Make the action over a service at a private address of the config."""
    return WebSearch(SearchConfig(provider, url, key))


async def ask(action: WebSearch, query: str = "green tea?") -> ActionResult:
    """Search."""
    return await action.run(SearchArgs(query=query), context())


@pytest.mark.parametrize("provider", NAMES)
async def test_results_come_as_outside_text(
    http_server: HttpServer, provider: ProviderName
) -> None:
    """Title, address and summary are plain lines, and every result is a source."""
    http_server.answer(answer(provider, FOUND, {**FOUND, "url": "http://two.example"}))
    result = await ask(search(provider, http_server.url))
    first = {"title": "Tea & more", "url": "https://tea.example/a?b", "snippet": "All about tea"}
    assert result.output == {"results": [first, {**first, "url": "http://two.example/"}]}
    assert result.sources == (
        Source(kind="web", ref="https://tea.example/a?b"),
        Source(kind="web", ref="http://two.example/"),
    )
    assert result.said == "Searched the web for 'green tea?' and found 2 results."


async def test_searxng_is_asked_as_documented(http_server: HttpServer) -> None:
    """The query and the format go in the address, whether or not the url ends in /search."""
    for url in (http_server.url, f"{http_server.url}/", f"{http_server.url}/search"):
        http_server.answer(answer("searxng"))
        await ask(search("searxng", url, key=None))
    for got in http_server.requests:
        assert (got.method, got.path) == ("GET", "/search?q=green+tea%3F&format=json")
        assert "authorization" not in got.headers


async def test_brave_is_asked_as_documented(http_server: HttpServer) -> None:
    """The key goes in its header, the query in the address."""
    http_server.answer(answer("brave"))
    await ask(search("brave", f"{http_server.url}/res/v1/web/search"))
    (got,) = http_server.requests
    assert got.path == "/res/v1/web/search?q=green+tea%3F&count=10&result_filter=web"
    assert got.headers["x-subscription-token"] == "k3y"


async def test_tavily_is_asked_as_documented(http_server: HttpServer) -> None:
    """The query is posted as JSON with the key as bearer token."""
    http_server.answer(answer("tavily"))
    await ask(search("tavily", http_server.url))
    (got,) = http_server.requests
    assert (got.method, got.path) == ("POST", "/search")
    assert got.json() == {"query": "green tea?", "max_results": 10}
    assert got.headers["authorization"] == "Bearer k3y"


@pytest.mark.parametrize("provider", NAMES)
async def test_results_that_lead_nowhere_are_left_out(
    http_server: HttpServer, provider: ProviderName
) -> None:
    """Odd addresses are dropped, the rest is bounded in number and size."""
    odd = [{**FOUND, "url": url} for url in ("", "javascript:x", "http://a@b/", "http://0x7f.1/")]
    many = [{**FOUND, "text": "long " * 500}] * 30
    http_server.answer(answer(provider, *odd, *many))
    results = (await ask(search(provider, http_server.url))).output["results"]
    assert len(results) == 10
    assert len(results[0]["snippet"]) == 500


async def test_nothing_found_is_said(http_server: HttpServer) -> None:
    """An empty answer is an answer."""
    http_server.answer(answer("searxng"))
    result = await ask(search("searxng", http_server.url))
    assert (result.output, result.sources) == ({"results": []}, ())
    assert result.said.endswith("found nothing.")


@pytest.mark.parametrize("provider", NAMES)
@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(429, headers=(("retry-after", "3"),)), TransientError),
        (Reply(500), TransientError),
        (Reply(403), RefusedError),
        (Reply(422), RefusedError),
        (Reply(body=b"<html>"), RefusedError),
        (Reply(body=b"[]"), RefusedError),
        (Reply(body=b'{"results": 1, "web": {"results": null}}'), RefusedError),
        (Reply(body=b"0123456789", cut=True), TransientError),
    ],
)
async def test_a_service_that_fails_is_named(
    http_server: HttpServer, provider: ProviderName, reply: Reply, kind: type[EquerryError]
) -> None:
    """Busy and broken services may be tried again, others are refused; the key is never told."""
    http_server.answer(reply)
    with pytest.raises(EquerryError) as failed:
        await ask(search(provider, http_server.url))
    assert type(failed.value) is kind
    assert "k3y" not in str(failed.value)


@pytest.mark.parametrize("provider", NAMES)
async def test_a_service_that_is_away_may_come_back(provider: ProviderName) -> None:
    """A service that does not answer at all may be tried again."""
    with pytest.raises(TransientError):
        await ask(search(provider, f"http://127.0.0.1:{free_port()}"))


async def test_a_refusal_says_what_to_do(http_server: HttpServer) -> None:
    """A key that is not taken and a SearXNG without JSON are the usual reasons."""
    http_server.answer(Reply(403), Reply(401))
    with pytest.raises(RefusedError, match=r"search\.formats"):
        await ask(search("searxng", http_server.url))
    with pytest.raises(RefusedError, match=r"actions\.web\.search\.key"):
        await ask(search("brave", http_server.url))


async def test_only_the_services_own_place_may_be_private(http_server: HttpServer) -> None:
    """The configured address is the owner's word; where it sends us is not."""
    port = http_server.url.rpartition(":")[2]
    http_server.answer(Reply(302, headers=(("location", f"http://localhost:{port}/"),)))
    with pytest.raises(RefusedError, match="private network"):
        await ask(search("searxng", http_server.url))
    with pytest.raises(RefusedError, match="private network"):
        await ask(WebSearch(SearchConfig("searxng", http_server.url), SafeClient()))


def test_a_config_that_cannot_work_is_refused() -> None:
    """A SearXNG needs an address and the others a key, which no repr shows."""
    with pytest.raises(ValueError, match=r"actions\.web\.search\.url"):
        SearchConfig("searxng")
    with pytest.raises(ValueError, match=r"actions\.web\.search\.key"):
        SearchConfig("brave")
    assert "k3y" not in repr(SearchConfig("tavily", key="k3y"))


async def test_a_search_costs_what_config_says(http_server: HttpServer) -> None:
    """Before it and after it; nothing where nothing is said."""
    http_server.answer(answer("brave", FOUND))
    config = SearchConfig("brave", http_server.url, "k", usd_per_search=Decimal("0.005"))
    action = WebSearch(config)
    assert action.cost(SearchArgs(query="tea")) == (await ask(action)).usd == Decimal("0.005")
    free = WebSearch(SearchConfig("brave", key="k"))
    assert free.cost(SearchArgs(query="tea")) == 0


@pytest.mark.parametrize("provider", ["brave", "tavily"])
async def test_an_error_says_whether_the_search_may_be_charged(
    http_server: HttpServer, provider: ProviderName
) -> None:
    """One that broke off behind its request may; one turned down, or never sent, may not."""
    price = Decimal("0.005")
    action = WebSearch(SearchConfig(provider, http_server.url, "k", usd_per_search=price))
    cut = answer(provider, FOUND)._replace(cut=True)
    for reply, usd in ((cut, price), (Reply(503), Decimal(0)), (Reply(200, b"<html>"), price)):
        http_server.answer(reply)
        with pytest.raises(EquerryError) as caught:
            await ask(action)
        assert caught.value.usd == usd
    away = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(TransientError) as caught_away:
        await ask(WebSearch(SearchConfig(provider, away, "k", usd_per_search=price)))
    assert caught_away.value.usd == 0


def test_the_promises_of_the_action() -> None:
    """It reads, may be repeated, and its query decides."""
    action, args = WebSearch(SearchConfig("brave", key="k")), SearchArgs(query="tea")
    assert (action.impact(args), action.repeatable(args)) == ("none", True)
    assert action.control == {"query"}
    assert action.preview(args).title == "Search the web for 'tea'"
