"""What OpenRouter's models cost: its own catalogue, kept on disk for when it cannot be asked.

https://openrouter.ai/docs/api-reference/list-available-models: prices are texts, in US dollars for
a token; -1 stands for one that is not known before the call.
"""

import asyncio
import json
import time
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

PREFIX: Final = "openrouter/"
ADDRESS: Final = "https://openrouter.ai/api/v1"
FRESH_S: Final = 24 * 3600.0
"""Prices change within weeks; a catalogue of a day ago is asked for anew."""
AGAIN_S: Final = 600.0
"""Who could not be asked is left alone for so long."""
_TIMEOUT_S: Final = 5.0
_MOST_BYTES: Final = 16 * 1024 * 1024
"""It has 400 models in 1 MB."""
_MOST_USD: Final = 10
"""For a token, or a request: what is above it is no price."""
_NAMES: Final = {
    "prompt": "input_cost_per_token",
    "completion": "output_cost_per_token",
    "input_cache_read": "cache_read_input_token_cost",
    "input_cache_write": "cache_creation_input_token_cost",
    "internal_reasoning": "output_cost_per_token_of_thought",
    "request": "cost_per_request",
}
"""Its names of prices, and those of litellm's table."""

Entry = Mapping[str, Any]


class Catalogue:
    """The models of OpenRouter by name; empty until it was loaded once."""

    def __init__(self, file: Path, address: str = ADDRESS) -> None:
        """Keep the catalogue in `file`."""
        self._file, self._address = file, address.rstrip("/")
        self._models: dict[str, Entry] = {}
        self._next = 0.0
        self._turn = asyncio.Lock()

    @property
    def names(self) -> list[str]:
        """The names of the models, as litellm writes them."""
        return [f"{PREFIX}{name}" for name in self._models]

    def entry(self, model: str) -> Entry | None:
        """Return the prices of a model as litellm's table would have them, None where unknown."""
        name = model.removeprefix(PREFIX)
        return self._models.get(name) or self._models.get(name.removeprefix("openai/"))

    async def load(self) -> None:
        """Ask for the catalogue where the one at hand is old; without an answer that one stays."""
        async with self._turn:
            if time.monotonic() < self._next:
                return
            self._next = time.monotonic() + AGAIN_S
            kept, age_s = await asyncio.to_thread(self._kept)
            self._models = self._models or await asyncio.to_thread(_models, kept)
            if self._models and 0 <= age_s < FRESH_S:
                return
            body = await self._fetched()
            if found := await asyncio.to_thread(_models, body):
                self._models, self._next = found, time.monotonic() + FRESH_S
                await asyncio.to_thread(self._keep, body)

    def _kept(self) -> tuple[bytes, float]:
        try:
            return self._file.read_bytes(), time.time() - self._file.stat().st_mtime
        except OSError:
            return b"", 0.0

    def _keep(self, body: bytes) -> None:
        new = self._file.with_suffix(".new")
        try:
            new.write_bytes(body)
            new.replace(self._file)
        except OSError:
            return  # it is asked for again next time

    async def _fetched(self) -> bytes:
        """Return what the catalogue's address answers, nothing where that is no answer."""
        import httpx

        body = bytearray()
        client = httpx.AsyncClient(timeout=_TIMEOUT_S, headers={"accept-encoding": "identity"})
        try:
            async with (
                asyncio.timeout(_TIMEOUT_S),
                client,
                client.stream("GET", f"{self._address}/models") as response,
            ):
                async for piece in response.raise_for_status().aiter_raw():
                    body += piece
                    if len(body) > _MOST_BYTES:
                        return b""
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError):
            return b""
        return bytes(body)


def is_openrouter(model: str, api_base: str | None) -> bool:
    """Return whether a model is asked through OpenRouter."""
    try:
        host = urlsplit(api_base or "").hostname or ""
    except ValueError:  # no address at all
        host = ""
    return model.startswith(PREFIX) or host == "openrouter.ai" or host.endswith(".openrouter.ai")


def _models(body: bytes) -> dict[str, Entry]:
    return dict(read(body))


def read(body: bytes) -> Iterator[tuple[str, Entry]]:
    """Yield the models that have prices in a catalogue; nothing of what is none."""
    try:
        listed = json.loads(body)["data"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return
    for model in listed if isinstance(listed, list) else ():
        pricing = model.get("pricing") if isinstance(model, dict) else None
        if isinstance(pricing, dict) and (entry := _entry(pricing)) is not None:
            yield str(model.get("id")), entry


def _entry(pricing: Mapping[str, object]) -> Entry | None:
    """Return prices in litellm's names; None where one is missing or not known beforehand."""
    entry: dict[str, Any] = {"litellm_provider": "openrouter", "mode": "chat"}
    for theirs, ours in _NAMES.items():
        told = pricing.get(theirs)
        if told is None and theirs not in {"prompt", "completion"}:
            continue
        try:
            price = Decimal(str(told))
        except InvalidOperation:
            return None
        if not price.is_finite() or not 0 <= price <= _MOST_USD:
            return None
        entry[ours] = str(price)
    thought = Decimal(entry.pop("output_cost_per_token_of_thought", "0"))
    entry["output_cost_per_token"] = str(max(thought, Decimal(entry["output_cost_per_token"])))
    return entry
