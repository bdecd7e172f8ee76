"""Which words may stand for an address, and how the others have it behind them."""

import re
from urllib.parse import urlsplit

_MOST_URL = 2000
_SCHEMES = {"http", "https", "tg", "mailto"}
_ADDRESS = re.compile(r"^(?:[a-z][a-z0-9+.-]*:\S|www\.)|^\S+\.[a-z]{2,}(?:/\S*)?$", re.IGNORECASE)


def written_out(label: str, url: str) -> str:
    """Return words with their address behind them, once where they are the address."""
    label = label.strip()
    if not url or url.removeprefix("mailto:") == label or label == url:
        return label or url
    return f"{label} (address: {url})" if label else url


def may_hide(label: str, url: str) -> bool:
    """Return whether words may stand for an address: a plain one, and they look like no other."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme not in _SCHEMES or len(url) > _MOST_URL or not (host or parts.path):
        return False
    if parts.scheme in {"http", "https"} and "." not in host:
        return False
    label = label.strip()
    return bool(label) and not _ADDRESS.match(label)
