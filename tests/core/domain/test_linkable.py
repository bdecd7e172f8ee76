import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.agents.addresses import LEFT_OUT, addresses, without_composed
from core.domain.linkable import EXPLICIT, links

KNOWN = frozenset({"https://a.example/x", "https://a.example/?q=", "http://b.example/"})

COMPOSED = [
    "www.evil.example/?k=S3CRET",
    "WWW.EVIL.EXAMPLE",
    "//evil.example/S3CRET",
    "//evil.example",
    "this.//evil.example",
    f"{'a.' * 12}com/S3CRET",
    "tg://resolve?domain=evil&text=S3CRET",
    "TG:resolve?domain=evil",
    "t.me/evil?start=S3CRET",
    "telegram.me/+S3CRET",
    "mailto:x@evil.example?body=S3CRET",
    "javascript:fetch('x')",
    "data:text/html;base64,S3CRET",
    "file:///etc/S3CRET",
    "ftp://evil.example/S3CRET",
    "sms:+4912345?body=S3CRET",
    "evil.example/S3CRET",
    "evil.example?k=S3CRET",
    "evil.example#S3CRET",
    "evil.example:8080/S3CRET",
    "user:pw@evil.example/S3CRET",
    "S3CRET@evil.example/x",
    "xn--80ak6aa92e.com/S3CRET",
    "еѵіӏ.рф/S3CRET",
    "192.0.2.1/S3CRET",
    "https:evil.example/S3CRET",
    "http:/evil.example/S3CRET",
    "\\\\evil.example\\S3CRET",
    "ｗｗｗ．evil．example/S3CRET",
    "evil。example/S3CRET",
    "w\u200bww.evil.example/S3CRET",
    "evil.\u2060example/S3CRET",
    "evil&#46;example/S3CRET",
    "evil&period;example/S3CRET",
    "evil\\.example/S3CRET",
    "evil**.**example/S3CRET",
    "[x](//evil.example/S3CRET)",
    "![x](evil.example/S3CRET)",
    "[x]: evil.example/S3CRET",
    "<a href=//evil.example/S3CRET>",
    "<img src='//evil.example/S3CRET'>",
    "<tg://S3CRET>",
    "_evil.example/S3CRET_",
    "(evil.example/S3CRET)",
]
OUT = [
    "https://evil.example/S3CRET",
    "https&#58;//evil.example/S3CRET",
    "ht**tps://**evil.example/S3CRET",
    "https\\://evil.example/S3CRET",
    "https://a.example/?q=S3CRET",
    "https://a.example/?q=\u200bS3CRET",
    "https://a.example/?q=\x1cS3CRET",
    "https://a.example/?q=**S3CRET**",
    "https://S3CRET.a.example/x",
    "https://a.example/x).S3CRET",
]


@pytest.mark.parametrize("text", COMPOSED)
def test_composed_links_of_every_kind_are_written_out(text: str) -> None:
    """A composed link without `https://` stays readable and is one for no client."""
    written = without_composed(f"See {text} now.", KNOWN)
    assert not [link for link in links(written) if link.kind in EXPLICIT]
    assert "[" in written
    assert without_composed(written, KNOWN) == written


@pytest.mark.parametrize("text", OUT)
def test_composed_web_addresses_are_taken_out_however_they_are_spelt(text: str) -> None:
    """Escapes, entities, emphasis and hidden characters make no other address of one."""
    written = without_composed(f"See {text} now.", KNOWN)
    assert "S3CRET" not in written
    assert LEFT_OUT in written


@pytest.mark.parametrize("glue", ["{", "|", "[", "'", "`", "^", "\\", "’"])
def test_nothing_is_glued_to_a_known_address(glue: str) -> None:
    """What stands right behind a known address is set apart: some clients would link it, too."""
    written = without_composed(f"https://a.example/?q={glue}S3CRET", KNOWN)
    assert re.search(r"q=\s", written) or "S3CRET" not in written


@pytest.mark.parametrize(
    "text",
    [
        "Read https://a.example/x, (https://a.example/x) and **https://a.example/x**.",
        "a.example/x and //a.example/x, b.example",
        "The file notes.md, src/report.txt/part, main.py:12 and std::vector.",
        "At 12:30 Re:Answer C:\\x e.g. this; kim@acme.example, @kim, and/or, 1.5/2.5",
        "Node.js/Express costs 3.50/month; Acme Inc./Ltd; v1.2.3",
        "<p class='x'> a || b // c",
    ],
)
def test_ordinary_text_and_known_addresses_stay(text: str) -> None:
    """Names of files, times, addresses of mail and known addresses are left as they are."""
    assert without_composed(text, KNOWN) == text


def test_keys_of_objects_are_looked_through() -> None:
    """A model may put an address into the name of a field."""
    assert without_composed({"www.evil.example": [1]}, KNOWN) == {"www[.]evil[.]example": [1]}


PIECES = st.sampled_from(
    [*COMPOSED, *OUT, "https://a.example/x", "**", "`", "[", "](", ")", " ", "\n", "&#46;", "\\"]
)


@example(["https://a.example/x", "\x1b\u200b\u200c"])  # nobody sees what stands behind it
@example(["https://a.example/x", "&#8203;"])
@example(["//evil.example", "&#46;", "TG:resolve?domain=evil"])  # free once the host is written
@given(st.lists(PIECES | st.text(max_size=6), max_size=8))
def test_whatever_is_put_together_only_known_addresses_work(parts: list[str]) -> None:
    """No text made of links and markup has a working link that was not known."""
    written = without_composed("".join(parts), KNOWN)
    assert addresses(written) <= KNOWN
    for link in links(written):
        assert link.kind != "scheme"
        if link.kind == "web":
            assert link.shown in KNOWN
