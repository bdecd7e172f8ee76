import httpx
import pytest

from tests.servers.http import HttpServer, Reply, Request, json_reply


async def ask(server: HttpServer, path: str = "/", **options: float) -> httpx.Response:
    """Post a small JSON value."""
    async with httpx.AsyncClient(base_url=server.url, timeout=options.get("timeout", 5)) as client:
        return await client.post(path, json={"a": 1}, headers={"X-Key": "k"})


async def test_a_request_is_recorded(http_server: HttpServer) -> None:
    """Method, path with query, headers and body can be read back."""
    await ask(http_server, "/v1?q=1")
    (request,) = http_server.requests
    assert (request.method, request.path, request.json()) == ("POST", "/v1?q=1", {"a": 1})
    assert request.headers["x-key"] == "k"


async def test_queued_replies_come_first(http_server: HttpServer) -> None:
    """Queued replies are used up in order, then the reply of the path stands."""
    http_server.always("/v1", json_reply("always"))
    http_server.answer(json_reply("one", 201), Reply(429, headers=(("retry-after", "3"),)))
    one, two, three = [await ask(http_server, "/v1") for _ in range(3)]
    assert (one.status_code, one.json()) == (201, "one")
    assert (two.status_code, two.headers["retry-after"]) == (429, "3")
    assert (three.status_code, three.json()) == (200, "always")


async def test_a_cut_reply_breaks_in_its_middle(http_server: HttpServer) -> None:
    """The client of a cut reply sees the connection break."""
    http_server.answer(Reply(body=b"0123456789", cut=True))
    with pytest.raises(httpx.RemoteProtocolError):
        await ask(http_server)


async def test_a_late_reply_runs_into_the_time_out(http_server: HttpServer) -> None:
    """A delayed reply comes too late for an impatient client."""
    http_server.answer(Reply(delay_s=0.3))
    with pytest.raises(httpx.ReadTimeout):
        await ask(http_server, timeout=0.05)


def test_a_body_is_parsed_on_demand() -> None:
    """A request without JSON can be recorded all the same."""
    request = Request("GET", "/", {}, b"")
    with pytest.raises(ValueError, match="Expecting value"):
        request.json()
