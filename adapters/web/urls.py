"""A URL as this program understands it: read once, by one parser, and refused when in doubt."""

import re
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit

from adapters.web.addresses import NoHostError, normal_host
from core.domain.errors import RefusedError

MAX_URL = 4000
_SHOWN = 100
_PORTS = {"http": 80, "https": 443}
_AUTHORITY = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://([^/?#]*)")
_SAFE = "!#$%&'()*+,/:;=?@[]~"


@dataclass(frozen=True, slots=True)
class Target:
    """A place on the web: `host` is normal (see `normal_host`), `path` is ASCII with its query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def origin(self) -> tuple[str, str, int]:
        """What headers with secrets must not leave."""
        return self.scheme, self.host, self.port

    @property
    def authority(self) -> str:
        """The value of the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.path}"


def parse_url(url: str, base: Target | None = None) -> Target:
    """Return the place that `url` names; `base` is the place that redirects to it.

    Raises RefusedError, in one sentence, for other schemes than http and https, user names, odd
    spellings of addresses, and characters by which two programs could read two different hosts.
    What a redirect says is not quoted: it is outside text, and a planner may read the sentence.
    """
    shown = f"to which {base.authority} redirects" if base else _shown(url)
    if len(url) > MAX_URL:
        message = f"The address {shown} is longer than {MAX_URL} characters."
        raise RefusedError(message)
    if "\\" in url or any(c.isspace() or not c.isprintable() for c in url):
        message = f"The address {shown} holds a space, a backslash or a hidden character."
        raise RefusedError(message)
    try:
        parts = urlsplit(urljoin(str(base), url) if base else url)
        port = parts.port
    except ValueError as error:
        message = f"The address {shown} is no web address."
        raise RefusedError(message) from error
    scheme = parts.scheme.lower()
    if scheme not in _PORTS:
        message = f"The address {shown} is no http or https address."
        raise RefusedError(message)
    host = _host(parts.geturl(), shown)
    path = quote(parts.path or "/", safe=_SAFE)
    query = f"?{quote(parts.query, safe=_SAFE)}" if parts.query else ""
    return Target(scheme, host, _PORTS[scheme] if port is None else port, path + query)


def _host(url: str, shown: str) -> str:
    """Return the host between the slashes, without its port."""
    found = _AUTHORITY.match(url)
    authority = found[1] if found else ""
    if "@" in authority:
        message = f"The address {shown} holds a user name; leave it out."
        raise RefusedError(message)
    host = re.sub(r":[0-9]*$", "", authority)
    unbracketed = ":" in host and not host.startswith("[")
    try:
        return normal_host("" if unbracketed else host)
    except NoHostError as error:
        message = f"The address {shown} names no host in the usual spelling."
        raise RefusedError(message) from error


def _shown(url: str) -> str:
    """Return a URL as an error may show it."""
    text = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in url)
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "…")
