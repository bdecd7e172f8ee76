"""Tiers where none are configured: a well-known key or an Ollama on this machine is enough."""

import json
from collections.abc import Callable, Mapping
from http.client import HTTPConnection, HTTPException
from typing import NamedTuple
from urllib.parse import urlsplit

OLLAMA = "http://127.0.0.1:11434"
PROBE_S = 0.3
NO_CHAT = ("embed", "bge-", "minilm", "rerank")
"""What the names of models hold that cannot talk."""


class Choice(NamedTuple):
    """The models of the tiers, and why they were chosen, in a sentence for the owner.

    `free`: nothing is charged for them. `api_base` is set for a server on this machine.
    """

    fast: str
    balanced: str
    deep: str
    why: str
    free: bool = False
    api_base: str | None = None


WELL_KNOWN = {
    "ANTHROPIC_API_KEY": (
        "anthropic/claude-haiku-4-5",
        "anthropic/claude-sonnet-4-6",
        "anthropic/claude-opus-4-6",
    ),
    "OPENAI_API_KEY": ("openai/gpt-4.1-mini", "openai/gpt-5.1", "openai/gpt-5.5"),
    "GEMINI_API_KEY": (
        "gemini/gemini-2.5-flash-lite",
        "gemini/gemini-2.5-flash",
        "gemini/gemini-2.5-pro",
    ),
}

Installed = Callable[[str], list[str]]


def installed(address: str) -> list[str]:
    """Return the names of the models that an Ollama has, the smallest first; none where none runs.

    Waits for 0.3 s at the most.
    """
    place = urlsplit(address)
    connection = HTTPConnection(place.hostname or "", place.port or 11434, timeout=PROBE_S)
    try:
        connection.request("GET", "/api/tags")
        models = json.loads(connection.getresponse().read())["models"]
        by_size = sorted(models, key=lambda model: (int(model["size"]), model["name"]))
        names = [str(model["name"]) for model in by_size]
    except (OSError, HTTPException, ValueError, KeyError, TypeError):
        return []
    finally:
        connection.close()
    return [name for name in names if not any(part in name.lower() for part in NO_CHAT)]


def detect(environ: Mapping[str, str], ollama: Installed = installed) -> Choice | None:
    """Return the tiers for the first well-known key in the environment, else a local Ollama.

    `OLLAMA_API_BASE` says where that is when it is not at its usual port.
    """
    for name, models in WELL_KNOWN.items():
        if environ.get(name):
            said = f"{name} is set, so {models[1]} answers (llm.tiers in config.yaml changes that)."
            return Choice(*models, said)
    address = environ.get("OLLAMA_API_BASE") or OLLAMA
    found = ollama(address)
    if not found:
        return None
    fast, balanced, deep = (f"ollama_chat/{found[at]}" for at in (0, len(found) // 2, -1))
    said = f"An Ollama runs here, so {balanced} answers (llm.tiers in config.yaml changes that)."
    return Choice(fast, balanced, deep, said, free=True, api_base=address)
