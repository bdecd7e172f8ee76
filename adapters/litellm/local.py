"""Which models cost nothing because they run on a machine of the owner's."""

from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from adapters.litellm.openrouter import PREFIX

_OLLAMA: Final = "ollama"
_OWN: Final = (".localhost", ".local", ".lan", ".home.arpa", ".internal")
"""Endings that no public name has; one without any dot is none either."""


def is_local(name: str, api_base: str | None) -> bool:
    """Return whether a model is the owner's own: an Ollama's, or at an address of no public net."""
    if name.startswith(PREFIX):
        return False  # who stands between us and OpenRouter makes it no cheaper
    return name.startswith(_OLLAMA) or (api_base is not None and _is_private(api_base))


def _is_private(address: str) -> bool:
    try:
        host = (urlsplit(address).hostname or "").rstrip(".").lower()
    except ValueError:
        return False
    try:
        return not ip_address(host).is_global
    except ValueError:
        return bool(host) and ("." not in host or host.endswith(_OWN))
