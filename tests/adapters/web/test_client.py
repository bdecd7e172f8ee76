import gzip
import ssl
from collections.abc import Sequence

import pytest
import trustme

from adapters.web.client import Limits, Request, SafeClient
from core.domain.errors import RefusedError, TransientError
from tests.adapters.web.network import (
    PUBLIC,
    Internet,
    Names,
    bomb,
    dripping,
    dropping,
    endless,
    raw_server,
    silent,
)
from tests.servers.http import HttpServer, Reply
from tests.servers.process import LOOPBACK, free_port

SMALL = Limits(body_bytes=100_000, total_s=0.5, connect_s=0.3)


def port_of(server: HttpServer) -> int:
    """Return the port a server listens on."""
    return int(server.url.rpartition(":")[2])


def moved(to: str, status: int = 302) -> Reply:
    """Make a redirect."""
    return Reply(status, b"moved", headers=(("location", to),))


async def test_the_connection_goes_to_the_address_that_was_judged(http_server: HttpServer) -> None:
    """The name is resolved once, and kept for the Host header."""
    names = Names(site_example=[[PUBLIC], [LOOPBACK]])
    net = Internet(port_of(http_server))
    client = SafeClient(resolver=names, backend=net)
    answer = await client.read(Request("GET", "http://site.example/a?b=c"))
    assert (answer.status, answer.url) == (200, "http://site.example/a?b=c")
    assert names.asked == ["site.example"]
    assert net.reached == [(PUBLIC, 80)]
    (got,) = http_server.requests
    assert (got.path, got.headers["host"]) == ("/a?b=c", "site.example")


async def test_a_name_that_is_bound_anew_is_judged_anew(http_server: HttpServer) -> None:
    """A name that turns to a private address between two hops is refused at the second."""
    names = Names(site_example=[[PUBLIC], [LOOPBACK]])
    net = Internet(port_of(http_server))
    http_server.answer(moved("/again"))
    with pytest.raises(RefusedError, match="private network"):
        await SafeClient(resolver=names, backend=net).read(Request("GET", "http://site.example/"))
    assert net.reached == [(PUBLIC, 80)]


@pytest.mark.parametrize(
    "found", [["10.0.0.1"], [PUBLIC, "127.0.0.1"], ["::1"], ["::ffff:10.0.0.1"], ["nonsense"]]
)
async def test_one_private_address_spoils_a_name(found: Sequence[str]) -> None:
    """A name is refused when any of its addresses is not public; nothing is connected to."""
    net = Internet(1)
    client = SafeClient(resolver=Names(site_example=[found]), backend=net, allow_key="the.key")
    with pytest.raises(RefusedError, match=r"the\.key"):
        await client.read(Request("GET", "http://site.example/"))
    assert net.reached == []


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://localhost./",
        "http://LOCALHOST/",
        "http://ⓛocalhost/",
        "http://127。0。0。1/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[2002:7f00:1::]/",
        "http://[fe80::1]/",
        "http://0.0.0.0/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[fd00:ec2::254]/",
        "http://2130706433/",
        "http://0x7f.0.0.1/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://public.example@127.0.0.1/",
        "http://127.0.0.1#@public.example/",
        "http://127.0.0.1\\@public.example/",
    ],
)
async def test_the_own_network_is_out_of_reach(http_server: HttpServer, url: str) -> None:
    """No spelling of an own address is connected to, with the resolver of the system."""
    net = Internet(port_of(http_server))
    with pytest.raises(RefusedError):
        await SafeClient(backend=net).read(Request("GET", url))
    assert net.reached == []


@pytest.mark.parametrize(
    "place", ["http://127.0.0.1/", "http://[::1]/", "//10.0.0.1/", "file:///x"]
)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_into_the_own_network_is_refused(
    http_server: HttpServer, place: str, status: int
) -> None:
    """Every hop is judged like the first."""
    http_server.answer(moved(place, status))
    net = Internet(port_of(http_server))
    client = SafeClient(resolver=Names(site_example=[[PUBLIC]]), backend=net)
    with pytest.raises(RefusedError):
        await client.read(Request("GET", "http://site.example/"))
    assert net.reached == [(PUBLIC, 80)]


async def test_a_listed_host_may_be_private(http_server: HttpServer) -> None:
    """The owner's list opens a host, or one port of it, and nothing else."""
    port = port_of(http_server)
    client = SafeClient(allow_private=[f"{LOOPBACK}:{port}"])
    assert (await client.read(Request("GET", http_server.url))).status == 200
    http_server.answer(moved(f"http://localhost:{port}/"))
    with pytest.raises(RefusedError, match="localhost"):
        await client.read(Request("GET", http_server.url))
    with pytest.raises(RefusedError, match="private"):
        await client.read(Request("GET", f"http://{LOOPBACK}:{port + 1}/"))


async def test_secrets_stay_at_their_origin(http_server: HttpServer) -> None:
    """A redirect to another origin takes no header of the caller along but harmless ones."""
    headers = {"Authorization": "Bearer s", "X-Key": "k", "Cookie": "c", "Accept": "text/html"}
    http_server.answer(
        moved("/two"), moved("http://other.example/three"), moved("http://site.example/")
    )
    names = Names(site_example=[[PUBLIC]], other_example=[[PUBLIC]])
    client = SafeClient(resolver=names, backend=Internet(port_of(http_server)))
    answer = await client.read(Request("GET", "http://site.example/one", headers))
    assert answer.url == "http://site.example/"
    one, two, *others = [set(got.headers) for got in http_server.requests]
    assert {"authorization", "x-key", "cookie", "accept"} <= one & two
    for other in others:
        assert not {"authorization", "x-key", "cookie"} & other
        assert "accept" in other


async def test_cookies_and_proxies_are_not_used(
    http_server: HttpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cookie that is set is not sent back, and a proxy of the environment is passed by."""
    monkeypatch.setenv("http_proxy", f"http://{LOOPBACK}:{free_port()}")
    monkeypatch.setenv("ALL_PROXY", f"http://{LOOPBACK}:{free_port()}")
    http_server.answer(Reply(302, b"", headers=(("location", "/b"), ("set-cookie", "a=b"))))
    client = SafeClient(allow_private=[LOOPBACK])
    await client.read(Request("GET", http_server.url))
    await client.read(Request("GET", http_server.url))
    assert len(http_server.requests) == 3
    assert not any("cookie" in got.headers for got in http_server.requests)


async def test_redirects_end(http_server: HttpServer) -> None:
    """Five redirects are followed, the sixth is refused."""
    client = SafeClient(allow_private=[LOOPBACK])
    http_server.answer(*[moved(f"/{n}") for n in range(5)])
    assert (await client.read(Request("GET", http_server.url))).url.endswith("/4")
    http_server.always("/loop", moved("/loop"))
    with pytest.raises(RefusedError, match="more than 5"):
        await client.read(Request("GET", f"{http_server.url}/loop"))
    assert len(http_server.requests) == 12


@pytest.mark.parametrize("packed", [False, True])
async def test_a_large_body_is_refused(http_server: HttpServer, *, packed: bool) -> None:
    """Bytes are counted as they come out of the decoder, so that a bomb is no way around."""
    body = bomb(300) if packed else bytes(200_000)
    assert len(body) < 400_000
    headers = (("content-encoding", "gzip"),) if packed else ()
    http_server.answer(Reply(body=body, headers=headers))
    client = SafeClient(allow_private=[LOOPBACK], limits=Limits(body_bytes=100_000))
    with pytest.raises(RefusedError, match="larger than 100,000 bytes"):
        await client.read(Request("GET", http_server.url))


async def test_a_packed_body_is_unpacked(http_server: HttpServer) -> None:
    """Gzip is understood; what was not asked for or is broken is said to be so."""
    text = b"Hello " * 1000
    client = SafeClient(allow_private=[LOOPBACK])
    gzipped = (("content-encoding", "gzip"),)
    http_server.answer(
        Reply(body=gzip.compress(text), headers=gzipped),
        Reply(body=b"no gzip at all", headers=gzipped),
        Reply(body=b"?", headers=(("content-encoding", "br"),)),
    )
    assert (await client.read(Request("GET", http_server.url))).body == text
    with pytest.raises(TransientError, match="unpacked"):
        await client.read(Request("GET", http_server.url))
    with pytest.raises(RefusedError, match="'br'"):
        await client.read(Request("GET", http_server.url))


async def test_an_endless_body_is_refused() -> None:
    """A body that never ends is stopped at the limit."""
    async with raw_server(endless) as port:
        client = SafeClient(allow_private=[LOOPBACK], limits=SMALL)
        with pytest.raises(RefusedError, match="larger than"):
            await client.read(Request("GET", f"http://{LOOPBACK}:{port}/"))


@pytest.mark.parametrize("script", [dripping, silent])
async def test_a_server_that_takes_its_time_is_left(script: object) -> None:
    """A body in drops and an answer that never comes run into one limit of time."""
    assert callable(script)
    async with raw_server(script) as port:
        client = SafeClient(allow_private=[LOOPBACK], limits=SMALL)
        with pytest.raises(TransientError, match="took longer"):
            await client.read(Request("GET", f"http://{LOOPBACK}:{port}/"))


async def test_a_server_that_is_away_may_come_back() -> None:
    """A refused connection and a broken one may be tried again."""
    client = SafeClient(allow_private=[LOOPBACK], limits=SMALL)
    with pytest.raises(TransientError, match="could not be reached"):
        await client.read(Request("GET", f"http://{LOOPBACK}:{free_port()}/"))
    async with raw_server(dropping) as port:
        with pytest.raises(TransientError, match="broke off"):
            await client.read(Request("GET", f"http://{LOOPBACK}:{port}/"))


async def test_the_next_address_is_tried(http_server: HttpServer) -> None:
    """When the first address of a name is dead, the second is used."""
    net = Internet(port_of(http_server), dead=["1.1.1.1"])
    names = Names(site_example=[["1.1.1.1", PUBLIC]])
    answer = await SafeClient(resolver=names, backend=net).read(
        Request("GET", "http://site.example")
    )
    assert answer.status == 200
    assert [host for host, _ in net.reached] == ["1.1.1.1", PUBLIC]


async def test_a_name_that_does_not_exist_is_refused() -> None:
    """A made-up name of the reserved kind is no host; nothing is asked to wait for it."""
    with pytest.raises(RefusedError, match="no host named"):
        await SafeClient(resolver=Names()).read(Request("GET", "http://gone.example/"))


async def test_tls_checks_the_name_and_not_the_address() -> None:
    """The certificate must be the name's, though the connection goes to an address."""
    authority, names = trustme.CA(), Names(site_example=[[PUBLIC]], other_example=[[PUBLIC]])
    side, trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("site.example").configure_cert(side)
    authority.configure_trust(trust)
    with HttpServer() as server:
        server._server.socket = side.wrap_socket(server._server.socket, server_side=True)
        net = Internet(port_of(server))
        client = SafeClient(resolver=names, backend=net, tls_context=trust)
        assert (await client.read(Request("GET", "https://site.example/"))).status == 200
        with pytest.raises(RefusedError, match="certificate"):
            await client.read(Request("GET", "https://other.example/"))
        with pytest.raises(RefusedError, match="certificate"):
            await SafeClient(resolver=names, backend=net).read(
                Request("GET", "https://site.example/")
            )
