"""`http.request` against a real server: which hosts, which addresses, and what is asked."""

from adapters.inmemory.model import ScriptedModel
from bot.app import Overrides
from tests.scenarios.places import Place
from tests.scenarios.plans import Task, does, plan
from tests.scenarios.sitting import sitting
from tests.servers.http import HttpServer, json_reply


def host_of(server: HttpServer) -> str:
    """Return host and port as the configuration names them."""
    return server.url.removeprefix("http://")


def allow(place: Place, host: str) -> Place:
    """List a host that is at a private address."""
    place.configure(actions={"http": {"allow": [host], "allow_private": [host]}})
    return place


def call(method: str, url: str, body: object = None) -> Task:
    """Return a task that makes a request."""
    args = {"method": method, "url": url} | ({} if body is None else {"json": body})
    return does("t1", "http.request", args)


async def test_a_read_runs_by_itself_and_a_write_is_asked(
    place: Place, http_server: HttpServer
) -> None:
    """The method decides the impact: GET has none, POST is high and waits for the owner."""
    http_server.always("/orders", json_reply({"open": 3}))
    url = f"{http_server.url}/orders"
    model = ScriptedModel([plan(call("GET", url)), plan(call("POST", url, {"id": 7}))])
    async with sitting(allow(place, host_of(http_server)), Overrides(model=model)) as talk:
        assert "200" in await talk.say("how many orders are open?")
        await talk.say("order one more")
        assert [r.method for r in http_server.requests] == ["GET"]
        assert talk.card.items[0].ruling.impact == "high"
        await talk.say("accept")
    assert [r.method for r in http_server.requests] == ["GET", "POST"]
    assert http_server.requests[1].json() == {"id": 7}


async def test_a_private_address_is_refused(place: Place, http_server: HttpServer) -> None:
    """A listed host that leads into a private network gets no request unless that is allowed."""
    place.configure(actions={"http": {"allow": [host_of(http_server)]}})
    await refused(place, http_server, "private")


async def test_a_host_that_is_not_listed_is_refused(place: Place, http_server: HttpServer) -> None:
    """The sentence names the key that lists hosts."""
    hosts = {"allow": ["api.example"], "allow_private": [host_of(http_server)]}
    place.configure(actions={"http": hosts})
    await refused(place, http_server, "actions.http.allow")


async def refused(place: Place, server: HttpServer, word: str) -> None:
    """Ask for a page of the server: one sentence with `word` in it comes back, and no request."""
    model = ScriptedModel([plan(call("GET", f"{server.url}/"))])
    async with sitting(place, Overrides(model=model)) as talk:
        said = await talk.say("look")
        assert word in said
        assert len(said.splitlines()) == 1
        (failed,) = await talk.events("task.failed.v1")
        assert failed.payload["kind"] == "refused"
    assert server.requests == []
