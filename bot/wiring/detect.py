"""Tiers where none are configured: a well-known key or an Ollama on this machine is enough."""

import socket
from collections.abc import Callable, Mapping
from typing import NamedTuple

OLLAMA = ("127.0.0.1", 11434)
PROBE_S = 0.2


class Choice(NamedTuple):
    """The models of the tiers, and why they were chosen, in a sentence for the owner."""

    fast: str
    balanced: str
    deep: str
    why: str
    free: bool = False


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


def ollama_runs() -> bool:
    """Return whether an Ollama listens on this machine; asks for 0.2 s at the most."""
    try:
        with socket.create_connection(OLLAMA, timeout=PROBE_S):
            return True
    except OSError:
        return False


def detect(environ: Mapping[str, str], ollama: Callable[[], bool] = ollama_runs) -> Choice | None:
    """Return the tiers for the first well-known key in the environment, else a local Ollama."""
    for name, models in WELL_KNOWN.items():
        if environ.get(name):
            said = f"{name} is set, so {models[1]} answers (llm.tiers in config.yaml changes that)."
            return Choice(*models, said)
    if ollama():
        model = "ollama/llama3.2"
        said = f"An Ollama runs here, so {model} answers (llm.tiers in config.yaml changes that)."
        return Choice(model, model, model, said, free=True)
    return None
