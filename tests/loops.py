"""What is left of an event loop that ended: connections are closed with it, and told.

A test that ends while a connection is being made, on a busy machine, leaves it to whichever test
the interpreter collects it in, and that one would fail. Open ones are a warning in the summary of
the run that names the test which left them.
"""

import warnings
from asyncio.selector_events import BaseSelectorEventLoop
from typing import Any

LEFT_OPEN = "connections left open as their loop ended"


def close_connections_with_loops() -> None:
    """Let every event loop of this process close its connections when it is closed itself."""
    close = BaseSelectorEventLoop.close

    def close_whole(loop: Any) -> None:  # noqa: ANN401 - its transports are no part of its interface
        left: list[Any] = []
        if not loop.is_running() and not loop.is_closed():
            left = [one for one in list(loop._transports.values()) if one._sock is not None]
        told = [repr(one) for one in left if not one.is_closing()]
        for one in left:
            one._sock.close()
            one._sock, one._closing = None, True
        close(loop)
        if told:
            warnings.warn(f"{LEFT_OPEN}: {', '.join(told)}", ResourceWarning, stacklevel=2)

    BaseSelectorEventLoop.close = close_whole  # type: ignore[method-assign,assignment]
