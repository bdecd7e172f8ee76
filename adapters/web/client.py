"""The one HTTP client: it cannot be talked into reaching the owner's own network.

See docs/adr/0006-one-safe-http-client.md.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpcore

from adapters.web.addresses import HostList
from adapters.web.body import TooLargeError, read_body
from adapters.web.pinning import PinnedBackend, Resolver, refuse_private, resolve, system_resolver
from adapters.web.response import Response
from adapters.web.urls import Target, parse_url
from core.domain.errors import OutcomeUnknownError, RefusedError, TransientError

USER_AGENT = "Equerry/0.1"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_HARMLESS = frozenset({"accept", "accept-language"})
_BROKEN = (
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.TimeoutException,
    OSError,
)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of everything: bytes of a decoded body, seconds in all and to connect, hops."""

    body_bytes: int = 2_000_000
    total_s: float = 20.0
    connect_s: float = 5.0
    redirects: int = 5


@dataclass(frozen=True, slots=True)
class Request:
    """What to ask for; `headers` are the caller's own."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None


Permit = Callable[[Target], None]
"""Raises RefusedError for a place that must not be asked; called for every hop."""


def anywhere(target: Target) -> None:
    """Permit every place; private addresses are refused all the same."""


async def _nothing() -> None:
    """Need no word before the request is written."""


class _Wire:
    """Awaits `before_write` once the connection stands, before the first byte of the request."""

    def __init__(self, before_write: Callable[[], Awaitable[None]]) -> None:
        self._before_write = before_write
        self.began = False

    async def __call__(self, name: str, info: dict[str, Any]) -> None:
        if name == "http11.send_request_headers.started":
            await self._before_write()
            self.began = True


class SafeClient:
    """Asks servers on the open Internet, and those in `allow_private` (`host` or `host:port`).

    A name is resolved once, every address of it is judged, and the connection goes to one of them.
    There are no proxies of the environment, no cookies, no connection that outlives its request.
    `allow_key` is where the owner writes that list, for the sentence that refuses a private host.
    `resolver`, `backend` and `tls_context` replace the system's for other networks and for tests.
    """

    def __init__(
        self,
        *,
        allow_private: Iterable[str] = (),
        allow_key: str = "actions.web.fetch.allow_private",
        limits: Limits | None = None,
        resolver: Resolver = system_resolver,
        backend: httpcore.AsyncNetworkBackend | None = None,
        tls_context: ssl.SSLContext | None = None,
    ) -> None:
        self._allow_private = HostList.of(allow_private)
        self._allow_key = allow_key
        self._limits = limits or Limits()
        self._resolver = resolver
        self._backend = backend
        self._tls_context = tls_context

    async def read(
        self,
        request: Request,
        permit: Permit = anywhere,
        before_write: Callable[[], Awaitable[None]] = _nothing,
    ) -> Response:
        """Ask for something that may be asked for twice, and follow redirects.

        `before_write` is awaited at every hop, as by `send`. Every hop is judged anew; headers of
        the caller do not leave the origin they were meant for. Raises RefusedError and
        TransientError, also for a body that is too large or never ends.
        """
        target, headers = parse_url(request.url), request.headers
        try:
            async with asyncio.timeout(self._limits.total_s):
                for _ in range(self._limits.redirects + 1):
                    permit(target)
                    found, location = await self._hop(target, request, headers, _Wire(before_write))
                    if location is None:
                        return found
                    origin, target = target.origin, parse_url(location, target)
                    if target.origin != origin:
                        headers = {k: v for k, v in headers.items() if k.lower() in _HARMLESS}
        except TimeoutError as error:
            message = f"{target.authority} took longer than {self._limits.total_s:.0f} s."
            raise TransientError(message) from error
        message = f"{request.url[:100]!r} redirects more than {self._limits.redirects} times."
        raise RefusedError(message)

    async def send(
        self,
        request: Request,
        before_write: Callable[[], Awaitable[None]] = _nothing,
        permit: Permit = anywhere,
    ) -> Response:
        """Send something that must not be sent twice; redirects are not followed.

        `before_write` is awaited when the connection stands and nothing of the request is written.
        Raises RefusedError and TransientError when nothing was written, OutcomeUnknownError when
        something was and no status came back. A body that is too large or slow is cut.
        """
        target, wire = parse_url(request.url), _Wire(before_write)
        permit(target)
        async with AsyncExitStack() as stack:
            try:
                with _translated(target, wire):
                    async with asyncio.timeout(self._limits.total_s):
                        opened = self._open(target, request, request.headers, wire)
                        answer = await stack.enter_async_context(opened)
            except TimeoutError as error:
                message = f"{target.authority} took longer than {self._limits.total_s:.0f} s"
                if wire.began:
                    message += "; the request was sent and may have had its effect."
                    raise OutcomeUnknownError(message) from error
                message += " to accept a connection; nothing was sent."
                raise TransientError(message) from error
            return await self._rest(target, answer)

    async def _hop(
        self, target: Target, request: Request, headers: Mapping[str, str], wire: _Wire
    ) -> tuple[Response, str | None]:
        """Return the response, or one without a body and where it sends us."""
        with _translated(target):
            async with self._open(target, request, headers, wire) as answer:
                named = _headers(answer)
                if answer.status in _REDIRECTS and named.get("location"):
                    return Response(answer.status, str(target), named, b""), named["location"]
                body = await read_body(
                    answer.aiter_stream(),
                    named.get("content-encoding", ""),
                    self._limits.body_bytes,
                )
                return Response(answer.status, str(target), named, body), None

    async def _rest(self, target: Target, answer: httpcore.Response) -> Response:
        """Read the body of an effect whose status is known: nothing it does changes that."""
        named = _headers(answer)
        encoding, limit = named.get("content-encoding", ""), self._limits.body_bytes
        body, complete = b"", True
        try:
            async with asyncio.timeout(self._limits.total_s):
                body = await read_body(answer.aiter_stream(), encoding, limit)
        except TooLargeError as large:
            body, complete = large.start, False
        except (*_BROKEN, RefusedError, TransientError):
            complete = False
        return Response(answer.status, str(target), named, body, complete)

    @asynccontextmanager
    async def _open(
        self, target: Target, request: Request, headers: Mapping[str, str], wire: _Wire
    ) -> AsyncIterator[httpcore.Response]:
        addresses = await resolve(target, self._resolver)
        if not self._allow_private.has(target.host, target.port):
            refuse_private(target, addresses, self._allow_key)
        async with (
            httpcore.AsyncConnectionPool(
                ssl_context=await self._tls(target),
                max_connections=1,
                network_backend=PinnedBackend(addresses, self._backend),
            ) as pool,
            pool.stream(
                request.method,
                httpcore.URL(
                    scheme=target.scheme,
                    host=target.host,
                    port=target.port,
                    target=target.path,
                ),
                headers=_wire_headers(target, headers),
                content=request.body,
                extensions={"trace": wire, "timeout": {"connect": self._limits.connect_s}},
            ) as answer,
        ):
            yield answer

    async def _tls(self, target: Target) -> ssl.SSLContext | None:
        if target.scheme == "https" and self._tls_context is None:
            self._tls_context = await asyncio.to_thread(httpcore.default_ssl_context)
        return self._tls_context


def _wire_headers(target: Target, headers: Mapping[str, str]) -> list[tuple[str, str]]:
    own = {
        "Host": target.authority,
        "User-Agent": USER_AGENT,
        "Accept-Encoding": "gzip",
        "Connection": "close",
    }
    given = {name.lower() for name in headers}
    return [*((k, v) for k, v in own.items() if k.lower() not in given), *headers.items()]


def _headers(answer: httpcore.Response) -> dict[str, str]:
    named: dict[str, str] = {}
    for raw_name, raw_value in answer.headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        named[name] = f"{named[name]}, {value}" if name in named else value
    return named


@contextmanager
def _translated(target: Target, wire: _Wire | None = None) -> Iterator[None]:
    """Say a failure of the network in one sentence; with a `wire`, whether anything was sent."""
    try:
        yield
    except TimeoutError:
        raise
    except _BROKEN as error:
        if wire is not None and wire.began:
            message = (
                f"The connection to {target.authority} ended before an answer; "
                "the request was sent and may have had its effect."
            )
            raise OutcomeUnknownError(message) from error
        if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in error.args):
            message = f"{target.authority} shows a certificate that cannot be trusted."
            raise RefusedError(message) from error
        message = f"{target.authority} could not be reached or broke off."
        raise TransientError(message) from error
