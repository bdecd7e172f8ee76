"""A make-believe Internet: names, addresses and what listens there, all on loopback."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager

import httpcore

from tests.servers.process import LOOPBACK

PUBLIC = "93.184.216.34"
"""An address of the open Internet; in these tests nobody is there but whom we put there."""


class Names:
    """A resolver whose answers are scripted: each call uses up one, the last one stays."""

    def __init__(self, **answers: Sequence[Sequence[str]]) -> None:
        self.answers = {name.replace("_", "."): list(found) for name, found in answers.items()}
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """Answer as scripted; unknown names do not exist."""
        self.asked.append(host)
        found = self.answers.get(host, [[]])
        return found.pop(0) if len(found) > 1 else found[0]


class Internet(httpcore.AsyncNetworkBackend):
    """Takes connections to any public address to one local port, and notes where they went."""

    def __init__(self, port: int, dead: Iterable[str] = ()) -> None:
        self.port = port
        self.dead = frozenset(dead)
        self.reached: list[tuple[str, int]] = []

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature is httpcore's
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the local port."""
        self.reached.append((host, port))
        if host in self.dead:
            raise httpcore.ConnectError(host)
        return await httpcore.AnyIOBackend().connect_tcp(LOOPBACK, self.port, timeout)


Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def raw_server(script: Script) -> AsyncIterator[int]:
    """Run a server that does with each connection what `script` says; gives its port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            await script(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()

    server = await asyncio.start_server(serve, LOOPBACK, 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        mine = [task for task in others if "raw_server" in repr(task.get_coro())]
        for task in mine:
            task.cancel()
        await asyncio.gather(*mine, return_exceptions=True)
        await asyncio.sleep(0)


async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send a body without an end, as fast as it is taken."""
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n")
    while True:
        writer.write(b"x" * 65_536)
        await writer.drain()


async def dripping(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send one byte of the body now and then, for ever."""
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.02)


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Take the request and never answer."""
    await asyncio.sleep(60)


async def dropping(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Take the request and break the connection."""
    writer.transport.abort()


def bomb(megabytes: int) -> bytes:
    """Pack many zeros into few bytes."""
    return gzip.compress(bytes(megabytes * 1_000_000))
