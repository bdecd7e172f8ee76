"""Loads litellm once, off the event loop, with everything off that talks or listens by itself."""

import asyncio
import logging
import os
import threading
import warnings
from concurrent.futures import Future
from importlib import import_module
from typing import Any

_QUIET = ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy", "httpx", "openai", "httpcore")

_NOISE = (
    ".*conflict with protected namespace.*",
    ".*attribute on the instance is deprecated.*",
    ".*`ReadOnly` qualifier.*",
)

_lock = threading.Lock()
_loading: list["Future[Any]"] = []


def warm() -> None:
    """Begin to load it in the background; returns at once, and does not hold up an exit."""
    _begun()


async def load_litellm() -> Any:  # noqa: ANN401 - a module without types
    """Return the module; the first call imports it in a thread (seconds of CPU)."""
    module = await asyncio.wrap_future(_begun())
    _quiet()  # litellm does so itself, once, when it is imported; filters may be reset since
    return module


def loaded_litellm() -> Any | None:  # noqa: ANN401 - as above
    """Return the module if it is loaded by now, without loading it."""
    done = [future for future in _loading if future.done() and future.exception() is None]
    return done[0].result() if done else None


async def close_clients() -> None:
    """Close the connections that litellm keeps, of all its models; nothing if it is not loaded."""
    litellm = loaded_litellm()
    if litellm is not None:
        await litellm.close_litellm_async_clients()
        # It would hand the closed ones out again.
        litellm.in_memory_llm_clients_cache.flush_cache()


def _quiet() -> None:
    for message in _NOISE:
        warnings.filterwarnings("ignore", message=message)


def _begun() -> "Future[Any]":
    """Return the one load of this process; it is begun by whoever asks first.

    Not the event loop's own pool: its threads are waited for at the end of the program.
    """
    with _lock:
        if not _loading:
            _loading.append(Future())
            _loading[0].set_running_or_notify_cancel()  # who stops waiting does not stop the load
            threading.Thread(target=_run, args=(_loading[0],), name="load", daemon=True).start()
        return _loading[0]


def _run(future: "Future[Any]") -> None:
    try:
        future.set_result(_load())
    except BaseException as error:  # noqa: BLE001 - it belongs to whoever waits for the module
        with _lock:
            _loading.clear()
        future.set_exception(error)


def _load() -> Any:  # noqa: ANN401 - as above
    # Without these it fetches a price list and reads a .env file of the working directory.
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    os.environ.setdefault("LITELLM_MODE", "PRODUCTION")
    import litellm

    import_module("openai.resources")  # its SDK would, on the event loop and at the first call
    _quiet()
    from adapters.litellm.counting import count_bytes

    count_bytes()
    litellm.telemetry = False
    litellm.suppress_debug_info = True
    litellm.drop_params = True
    litellm.disable_aiohttp_transport = True
    litellm.turn_off_message_logging = True
    for name in _QUIET:
        # Their lines may hold addresses with keys in them.
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return litellm
