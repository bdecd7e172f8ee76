"""Links in outside text: an address in full, and nothing behind a word."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.chat.links import inert
from adapters.chat.plain import plain_message
from core.ports.chat_surface import Outbound


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("see ![x](https://e/?q=s) ok", "see x (address: https://e/?q=s) ok"),
        ('[click](<https://e/a(b)c> "now") z', "click (address: https://e/a(b)c) z"),
        (
            "[![x](https://e/1)](https://e/2)",
            "x (address: https://e/1) (address: https://e/2)",
        ),
        ("[bank][b]\n\n[b]: https://e/3", "bank\n\nb: https://e/3"),
        ("<img src='https://e/4'>", "‹img src='https://e/4'>"),
        ("<A HREF=x>y</a>", "‹A HREF=x>y‹/a>"),
        ("[https://e](https://e)", "https://e"),
        ("![](https://e/5)", "https://e/5"),
        ("[pay](javascript:alert(1))", "pay (address: javascript:alert(1))"),
        ("[open](tg://resolve?domain=e)", "open (address: tg://resolve?domain=e)"),
        ("[site](//e/6) [w](www.e.example)", "site (address: //e/6) w (address: www.e.example)"),
    ],
)
def test_links_and_pictures_are_words(text: str, shown: str) -> None:
    """Markdown and tags that would load or link something tell their address instead."""
    assert inert(text) == shown


@pytest.mark.parametrize(
    "text", ["a[0](1) and f(x)", "[x] done", "https://acme.example/a", "1 < 2 > 0", "- [ ] buy"]
)
def test_other_text_stays(text: str) -> None:
    """Brackets without an address, and addresses that stand openly, are left alone."""
    assert inert(text) == text


@given(st.text(alphabet="![]()<>: \n\"'ahimgtps/.x", max_size=60))
def test_twice_changes_nothing(text: str) -> None:
    """Inert text is its own inert form, and hides no address behind a word any more."""
    once = inert(text)
    assert inert(once) == once


@pytest.mark.parametrize("part", ["[", "![a](", "[a](x:(", "[a](x: ", "[a][", "<a ", "[a]:"])
def test_long_text_is_quick(part: str) -> None:
    """Text made to be slow takes about as long as any other of its length."""
    began = time.perf_counter()
    inert(part * 20_000)
    assert time.perf_counter() - began < 5


@pytest.mark.parametrize(
    ("outside", "shown"), [(True, "x (address: https://e/1)"), (False, "![x](https://e/1)")]
)
def test_only_outside_messages_are_changed(outside: bool, shown: str) -> None:  # noqa: FBT001
    """What the owner's own assistant wrote from the owner's own words keeps its form."""
    outbound = Outbound(
        message="R1", conversation="c", kind="reply", text="![x](https://e/1)", outside=outside
    )
    assert plain_message(outbound) == shown
