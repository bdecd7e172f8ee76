"""Names are resolved once; the connection goes to exactly what was looked at."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress

import httpcore

from adapters.web.addresses import all_public, parse_ip
from adapters.web.urls import Target
from core.domain.errors import RefusedError, TransientError

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""Returns the addresses of a name, in the order to be tried; raises OSError when it has none."""


async def system_resolver(host: str, port: int) -> Sequence[str]:
    """Ask the system, as other programs do (hosts file, DNS)."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


async def resolve(target: Target, resolver: Resolver) -> Sequence[str]:
    """Return the addresses of a target.

    Raises RefusedError for a name that does not exist, TransientError when nobody answers.
    """
    if parse_ip(target.host) is not None:
        return [target.host]
    return await _asked(target, resolver)


def refuse_private(target: Target, found: Sequence[str], allow_key: str) -> None:
    """Raise RefusedError when any of the addresses of a target is not public."""
    addresses = [address for address in map(parse_ip, found) if address is not None]
    if len(addresses) != len(found) or not all_public(addresses):
        message = (
            f"{target.authority} leads into a private network, which is refused; "
            f"only the owner can allow it, in {allow_key}."
        )
        raise RefusedError(message)


async def _asked(target: Target, resolver: Resolver) -> Sequence[str]:
    try:
        found = await resolver(target.host, target.port)
    except OSError as error:
        if isinstance(error, socket.gaierror) and error.errno != socket.EAI_AGAIN:
            message = f"There is no host named {target.host!r}."
            raise RefusedError(message) from error
        message = f"The name {target.host!r} could not be looked up right now."
        raise TransientError(message) from error
    if not found:
        message = f"There is no host named {target.host!r}."
        raise RefusedError(message)
    return found


class PinnedBackend(httpcore.AsyncNetworkBackend):
    """Connects to given addresses whatever the name; TLS and the Host header keep the name."""

    def __init__(
        self, addresses: Sequence[str], inner: httpcore.AsyncNetworkBackend | None = None
    ) -> None:
        self._addresses = addresses
        self._inner = inner or httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature is httpcore's
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Try the addresses in order; `timeout` is for each, in seconds."""
        *others, last = self._addresses
        for address in others:
            with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                return await self._inner.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
        return await self._inner.connect_tcp(last, port, timeout, local_address, socket_options)
