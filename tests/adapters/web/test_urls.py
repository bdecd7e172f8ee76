import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.web.urls import parse_url
from core.domain.errors import RefusedError


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("http://Example.com", "http://example.com/"),
        ("HTTPS://example.com:443/a?b#c", "https://example.com/a?b"),
        ("https://example.com:8443?q=1", "https://example.com:8443/?q=1"),
        ("http://bücher.example/ü?ß", "http://xn--bcher-kva.example/%C3%BC?%C3%9F"),
        ("http://x.example/a%20b%2Fc", "http://x.example/a%20b%2Fc"),
        ("http://[2606:4700::1]:81/", "http://[2606:4700::1]:81/"),
        ("http://x.example/@y?u=http://z@w", "http://x.example/@y?u=http://z@w"),
    ],
)
def test_a_url_is_read(url: str, read: str) -> None:
    """Scheme, host, port, path and query survive; the fragment stays at home."""
    assert str(parse_url(url)) == read


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.com",
        "//example.com",
        "ftp://example.com/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "gopher://127.0.0.1:25/",
        "http://",
        "http:///x",
        "http://user@example.com/",
        "http://user:secret@example.com/",
        "http://@example.com/",
        "http://good.example\\@evil.example/",
        "http://good.example\\.evil.example/",
        "http://good.example%40evil.example/",
        "http://exa mple.com/",
        "http://example.com/\r\nX: y",
        "http://exam\tple.com/",
        "http://example.com:99999/",
        "http://example.com:x/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0177.0.0.1/",
        "http://[::1/",
        "http://::1/",
        "http://1::2:3/",
        "http://a..b/",
        "http://exa\u202emple.com/",
        "http://exa\u200bmple.com/",
        "http://x.example/" + "a" * 4000,
    ],
)
def test_a_doubtful_url_is_refused(url: str) -> None:
    """Other schemes, user names, odd numbers and characters that confuse parsers are refused."""
    with pytest.raises(RefusedError) as refused:
        parse_url(url)
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 250


def test_a_redirect_is_read_against_its_place() -> None:
    """A relative redirect stays, an absolute one moves."""
    base = parse_url("https://x.example:8443/a/b?c")
    assert str(parse_url("../d", base)) == "https://x.example:8443/d"
    assert str(parse_url("//y.example/e", base)) == "https://y.example/e"


def test_a_bad_redirect_is_not_quoted() -> None:
    """What a server says in a redirect does not reach whoever reads the error."""
    base = parse_url("https://x.example/")
    with pytest.raises(RefusedError) as refused:
        parse_url("mailto:ignore-all-rules", base)
    assert "ignore" not in str(refused.value)
    assert "x.example" in str(refused.value)


@given(st.text(max_size=60))
def test_no_text_makes_two_hosts(text: str) -> None:
    """Whatever is accepted says the same when it is read again."""
    for url in (text, f"http://{text}", f"http://a.example{text}", f"http://{text}@a.example/"):
        try:
            once = parse_url(url)
        except RefusedError:
            continue
        assert parse_url(str(once)) == once
        assert str(once).isascii()
