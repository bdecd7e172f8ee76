"""Which network addresses are out in the open, and which belong to somebody's own network."""

import ipaddress
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Our own list and not `is_global`, which moved between patch releases of Python. Source: the IANA
# special-purpose registries (RFC 6890 and later), plus the metadata service that is not in them.
_NOT_PUBLIC_4 = tuple(
    ipaddress.IPv4Network(net)
    for net in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",
        "168.63.129.16/32",  # the metadata and DNS service of Azure, a public address
        "169.254.0.0/16",  # link-local, most metadata services
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
_GLOBAL_6 = ipaddress.IPv6Network("2000::/3")
_NOT_PUBLIC_6 = tuple(
    ipaddress.IPv6Network(net)
    for net in (
        "2001::/23",  # Teredo, ORCHID and other protocols
        "2001:db8::/32",
        "2002::/16",  # 6to4: leads to the IPv4 address inside
        "2620:4f:8000::/48",
        "3fff::/20",
    )
)
_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class NoHostError(ValueError):
    """A text that names no host."""


def is_public(address: Address) -> bool:
    """Say whether an address is one of the open Internet.

    An address of the NAT64 prefix is judged by the IPv4 address inside: in a network without IPv4 a
    resolver gives these for every old server. All other wrappings of IPv4 are refused.
    """
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in net for net in _NOT_PUBLIC_4)
    if address.scope_id is not None:
        return False
    if address in _NAT64:
        return is_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return address in _GLOBAL_6 and not any(address in net for net in _NOT_PUBLIC_6)


def parse_ip(host: str) -> Address | None:
    """Return the address that `host` literally is, None for a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class HostRule:
    """One entry of a list of hosts: `host`, `host:port` or `*.domain`; no port means any."""

    host: str
    port: int | None = None

    def matches(self, host: str, port: int) -> bool:
        """Say whether a normal host (see `normal_host`) at a port is meant."""
        if self.port not in {None, port}:
            return False
        if self.host.startswith("*."):
            return host.endswith(self.host[1:]) and len(host) >= len(self.host)
        return host == self.host


@dataclass(frozen=True, slots=True)
class HostList:
    """The owner's list of hosts."""

    rules: tuple[HostRule, ...] = ()

    @classmethod
    def of(cls, entries: Iterable[str]) -> "HostList":
        """Read the entries of a list in the config.

        Raises ValueError naming the entry for one that is no host, such as a URL.
        """
        return cls(tuple(_rule(entry) for entry in entries))

    def has(self, host: str, port: int) -> bool:
        """Say whether a normal host at a port is on the list."""
        return any(rule.matches(host, port) for rule in self.rules)


def normal_host(host: str) -> str:
    """Return the one spelling of a host: lower case, IDNA 2008, no dot at the end.

    Raises NoHostError for what is no host, and for numbers that only some programs take for an
    address (`0x7f.1`, `2130706433`, `0177.0.0.1`).
    """
    bracketed = host.startswith("[") and host.endswith("]")
    ip = parse_ip(host[1:-1] if bracketed else host)
    if ip is not None:
        return str(ip)
    name = host.lower() if host.isascii() else _ascii(host)
    name = name.removesuffix(".")
    if not _NAME.fullmatch(name):
        raise NoHostError(host)
    ip = parse_ip(name)
    if ip is not None:
        return str(ip)
    last = name.rpartition(".")[2]
    if last.isdigit() or last.startswith("0x"):
        raise NoHostError(host)
    return name


def _ascii(host: str) -> str:
    import idna

    try:
        return idna.encode(host, uts46=True).decode().lower()
    except idna.IDNAError as error:
        raise NoHostError(host) from error


def _rule(entry: str) -> HostRule:
    text = entry.strip()
    if parse_ip(text) is not None:
        return HostRule(normal_host(text))
    host, colon, port = text.rpartition(":")
    if not colon or text.endswith("]"):
        host, port = text, ""
    star = "*." if host.startswith("*.") else ""
    try:
        return HostRule(star + normal_host(host.removeprefix("*.")), int(port) if port else None)
    except ValueError as error:
        message = f"{entry!r} is no host; write example.com, example.com:8443 or *.example.com"
        raise ValueError(message) from error


def all_public(addresses: Collection[Address]) -> bool:
    """Say whether there are addresses and every one is public: one bad one spoils the name."""
    return bool(addresses) and all(is_public(address) for address in addresses)
