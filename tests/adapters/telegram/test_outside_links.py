import re
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.telegram.markdown import from_markdown
from adapters.telegram.rich import Rich, units, without_code
from core.agents.addresses import addresses

# Written for this test alone, after what Telegram's clients link: not the program's own pattern.
_LINKED = re.compile(
    r"(?:[a-z][a-z0-9+-]*://[^\s<>]+|(?:[\w-]+\.)+(?:example|com|me|org|md|рф|xn--p1ai)\b[^\s<>]*"
    r"|(?<![\w#&])#[a-z]\w*|(?<![\w+])\+49 30 901820"
    r"|(?<![\w@])@[a-z]\w{3,}|(?<![\w/.:])/[a-z]\w*(?![\w/]))",
    re.IGNORECASE,
)
PARTS = [
    "https://a.example/x",
    "www.evil.example/?k=S3CRET",
    "S3CRET.evil.example",
    "tg://resolve?domain=evil",
    "t.me/evil",
    "@evil_bot",
    "#evil",
    "$EVIL",
    "+49 30 901820",
    "/start",
    "/reject",
    "x@evil.example",
    "notes.md",
    "evil**.**com",
    "[words](https://evil.example/S3CRET)",
    "![p](//evil.example/S3CRET)",
    "<https://evil.example/S3CRET>",
    "`evil.",
    "`com`",
    "evil\\.com/x",
    "ev&#105;l&#46;com",
    "http&#58;//evil.example",
    "w\u200dww.evil.com",
    "# ",
    "> ",
    "- ",
    "**",
    "_",
    "\n",
    "```\n",
    " ",
    "|",
]


def seen(rich: Rich) -> str:
    """Return the text with zeros for the letters of code, where Telegram links nothing."""
    covered: set[int] = set()
    for entity in rich.entities:
        if entity.type in {"code", "pre"}:
            covered |= set(range(entity.offset, entity.end))
    at = accumulate((units(char) for char in rich.text), initial=0)
    pairs = zip(rich.text, at, strict=False)
    return "".join(
        char if place not in covered else "0" if char.isalnum() else "|" for char, place in pairs
    )


def linked(text: str) -> list[str]:
    """Return what a client would link in a text without formatting."""
    return [match[0] for match in _LINKED.finditer(text)]


@pytest.mark.parametrize("text", [part for part in PARTS if len(part) > 5])
def test_nothing_in_outside_text_becomes_a_link(text: str) -> None:
    """Telegram links bare domains, mentions, commands and addresses of mail: here they are code."""
    rich = from_markdown(f"See {text} now", outside=True)
    found = {address.rstrip(")") for address in linked(seen(rich))}
    assert found <= addresses(text)
    assert all(entity.type != "text_link" for entity in rich.entities)


@given(st.lists(st.sampled_from(PARTS) | st.text(max_size=4), max_size=10))
def test_only_addresses_that_stand_in_the_text_are_links(parts: list[str]) -> None:
    """However outside text is put together, only addresses that it has literally work."""
    text = "".join(parts)
    known = addresses(text)
    for found in linked(seen(from_markdown(text, outside=True))):
        assert any(found.startswith(address) for address in known), found


@given(st.lists(st.sampled_from(PARTS), max_size=10))
def test_without_entities_links_are_written_out(parts: list[str]) -> None:
    """Where Telegram refuses the entities, the text alone has no link either."""
    text = "".join(parts)
    rich = from_markdown(text, outside=True)
    known = addresses(text)
    for found in linked(without_code(rich)):
        assert any(found.startswith(address) for address in known), found


def test_text_of_the_owner_keeps_its_links() -> None:
    """Text that nobody else has a part in may name a site as one."""
    rich = from_markdown("See acme.com and [ours](https://acme.com/x)")
    assert [entity.type for entity in rich.entities] == ["text_link"]
