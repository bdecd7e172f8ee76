import ipaddress

import pytest

from adapters.web.addresses import HostList, NoHostError, is_public, normal_host


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",  # noqa: S104 - nothing is bound to it
        "10.1.2.3",
        "100.64.0.1",
        "100.100.100.200",
        "127.0.0.1",
        "127.255.255.254",
        "168.63.129.16",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.7",
        "203.0.113.7",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:127.0.0.1",
        "::ffff:93.184.216.34",
        "64:ff9b::127.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:5db8:d822::1",
        "3fff::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "2606:4700::1%eth0",
        "fec0::1",
        "ff02::1",
    ],
)
def test_an_address_of_somebodys_own_network_is_not_public(address: str) -> None:
    """Private, local, shared, reserved, multicast, metadata and wrapped addresses are told."""
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "93.184.216.34",
        "172.32.0.1",
        "100.128.0.1",
        "2606:4700::1111",
        "64:ff9b::1.1.1.1",
    ],
)
def test_an_address_of_the_open_internet_is_public(address: str) -> None:
    """The neighbours of private ranges and translated public addresses are open."""
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    ("host", "normal"),
    [
        ("Example.COM.", "example.com"),
        ("localhost.", "localhost"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("ⓛocalhost", "localhost"),
        ("127。0。0。1", "127.0.0.1"),
        ("[::1]", "::1"),
        ("[0:0:0:0:0:0:0:1]", "::1"),
        ("searxng_app", "searxng_app"),
    ],
)
def test_a_host_has_one_spelling(host: str, normal: str) -> None:
    """Different spellings of a host come out the same, look-alike letters included."""
    assert normal_host(host) == normal


@pytest.mark.parametrize(
    "host",
    ["", ".", "a..b", "2130706433", "0x7f.1", "0x7f000001", "017700000001", "127.1", "0177.0.0.1",
     "1.2.3.4.5", "a b", "a%2eb", "a/b", "[::1", "☕.example", "a." + "b" * 64, "-%-"],
)  # fmt: skip
def test_what_only_some_programs_take_for_an_address_is_no_host(host: str) -> None:
    """Decimal, octal, hexadecimal and short forms, and broken names, are refused."""
    with pytest.raises(NoHostError):
        normal_host(host)


def test_a_list_of_hosts_knows_hosts_ports_and_subdomains() -> None:
    """An entry without a port means any port; a glob means names below, not the name itself."""
    hosts = HostList.of(["API.example.com", "localhost:8443", "*.x.example", "::1", "[::1]:9"])
    assert hosts.has("api.example.com", 1)
    assert (hosts.has("localhost", 8443), hosts.has("localhost", 80)) == (True, False)
    assert (hosts.has("a.b.x.example", 80), hosts.has("x.example", 80)) == (True, False)
    assert not hosts.has("evilx.example", 80)
    assert not hosts.has("api.example.com.evil.example", 80)
    assert hosts.has("::1", 80)


@pytest.mark.parametrize("entry", ["https://x.example", "", "*", "a b", "x.example:http"])
def test_an_entry_that_is_no_host_is_refused(entry: str) -> None:
    """A URL or a broken host in the config is named."""
    with pytest.raises(ValueError, match="is no host"):
        HostList.of([entry])
