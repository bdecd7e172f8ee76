from typing import Any, ClassVar
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.cards import Impact
from core.domain.sources import SENDER, Private, Source
from core.gates.outflow import PAGES, Reach, outflow, refusal
from core.operations.own.take_in import TakeIn
from core.ports.action import Action, ActionArgs, ActionContext, ActionResult, Preview
from tests.core.support.web import Fetch, Mail, Search

FACT: Private = (Source(kind="fact", ref="F1"),)
SITE = "https://acme.example/prices"
SENT = "https://bank.example/confirm/x7"
NAMED = frozenset({"acme.example", "www.acme.example"})


class Query(ActionArgs):
    """Words."""

    query: str = ""


class Forgotten(Action[Query]):
    """An action of somebody who declared nothing."""

    name: ClassVar[str] = "mcp.notes.find"
    summary: ClassVar[str] = "find"
    Args = Query
    declared: ClassVar[Impact] = "none"

    def preview(self, args: Query) -> Preview:
        """Show the words."""
        return Preview(title=args.query)

    async def run(self, args: Query, context: ActionContext) -> ActionResult:
        """Find nothing."""
        return ActionResult(output={}, said="")


CLOSED = Reach(private=FACT)
HELD = Reach(private=FACT, hosts=NAMED, given=frozenset({SITE}), sent=frozenset({SENT}))
LET_OUT = Reach(
    private=FACT,
    asked="What does Acme charge for 900 days?",
    given=frozenset({"https://shop.example/?id=7"}),
    found=frozenset({"https://found.example/a", "https://found.example/a?b=1"}),
    sent=frozenset({SENT}),
)


@pytest.mark.parametrize(
    ("action", "args", "reach", "allowed"),
    [
        (Fetch({}), {"url": "https://any.example/?a=1"}, Reach(), True),
        (Search(), {"query": "anything"}, Reach(), True),
        (Fetch({}), {"url": SENT}, Reach(sent=frozenset({SENT})), False),
        (Fetch({}), {"url": SITE}, CLOSED, False),
        (Search(), {"query": "Acme"}, CLOSED, False),
        (Forgotten(), {"query": "x"}, CLOSED, False),
        (TakeIn(), {"text": "x"}, CLOSED, True),
        (Fetch({}), {"url": SITE}, HELD, True),
        (Fetch({}), {"url": "https://www.acme.example/a/b"}, HELD, True),
        (Fetch({}), {"url": "HTTPS://ACME.example./a"}, HELD, True),
        (Fetch({}), {"url": f"{SITE}?a=1"}, HELD, False),
        (Fetch({}), {"url": f"{SITE}?"}, HELD, False),
        (Fetch({}), {"url": f"{SITE}#a"}, HELD, False),
        (Fetch({}), {"url": "https://key@acme.example/prices"}, HELD, False),
        (Fetch({}), {"url": "https://acme.example.evil.example/"}, HELD, False),
        (Fetch({}), {"url": "https://key.acme.example/"}, HELD, False),
        (Fetch({}), {"url": "https://evil.example/acme.example"}, HELD, False),
        (Fetch({}), {"url": "https://[acme.example/"}, HELD, False),
        (Search(), {"query": "acme.example"}, HELD, False),
        (Search(), {"query": "charge Acme"}, LET_OUT, False),
        (Search(), {"query": "what does acme  CHARGE"}, LET_OUT, True),
        (Search(), {"query": "Acme charge CANARY"}, LET_OUT, False),
        (Fetch({}), {"url": "https://found.example/a"}, LET_OUT, True),
        (Fetch({}), {"url": "https://found.example/a?b=1"}, LET_OUT, False),
        (Fetch({}), {"url": "https://shop.example/?id=7"}, LET_OUT, True),
        (Fetch({}), {"url": "https://other.example/"}, LET_OUT, False),
        (Fetch({}), {"url": SENT}, LET_OUT, False),
        (Fetch({}), {"url": f"{SENT}/"}, Reach(sent=frozenset({SENT})), False),
        (Fetch({}), {"url": SENT.upper()}, Reach(sent=frozenset({SENT})), False),
        (Fetch({}), {"url": f"{SENT}#top"}, Reach(sent=frozenset({SENT})), False),
        (Forgotten(), {"query": "what does"}, LET_OUT, True),
    ],
)
def test_how_far_a_loop_may_go(
    action: Action[Any],
    args: dict[str, Any],
    reach: Reach,
    allowed: bool,  # noqa: FBT001 - a parameter
) -> None:
    """With nothing private anywhere but sent links; else a named site, or what was let out."""
    assert (refusal(action, args, reach) is None) is allowed


parts = st.text("abc.-:/?#@%[]\\ \N{FULLWIDTH SOLIDUS}é", max_size=12)


@given(parts, parts, parts)
def test_no_address_leads_off_the_named_site(before: str, host: str, after: str) -> None:
    """However an address is written: what is let through has a named host and only a path."""
    url = f"https://{before}{host}acme.example{after}"
    if refusal(Fetch({}), {"url": url}, HELD) is None:
        assert urlsplit(url).hostname in {*NAMED, "acme.example."}
        assert not set("?#@") & set(url)


def test_a_loop_with_private_data_reads_a_few_pages() -> None:
    """Each choice among links tells their site something, so there are few."""
    one_more = Reach(private=FACT, hosts=NAMED, pages=PAGES)
    assert refusal(Fetch({}), {"url": SITE}, one_more) is not None
    assert (
        refusal(Fetch({}), {"url": SITE}, Reach(private=FACT, hosts=NAMED, pages=PAGES - 1)) is None
    )


def test_what_goes_out_by_an_operation() -> None:
    """Private arguments of a sink count; under a grant those do not that it is tied to."""
    mail = Mail()
    args = mail.Args(to=("bob@acme.example",), body="x")
    labels = {"to": FACT, "body": (SENDER,)}
    assert outflow(mail, args, labels) == FACT
    assert outflow(mail, args, labels, granted=True) == ()
    assert outflow(mail, args, {"body": FACT}, granted=True) == FACT
    assert outflow(Search(), Search.Args(query="x"), {"query": (SENDER,)}) == (SENDER,)
    assert outflow(TakeIn(), TakeIn.Args(text="x"), {"text": FACT}) == ()
    assert outflow(Forgotten(), Query(), {"query": FACT}) == FACT


def test_an_action_that_declares_nothing_is_a_sink_and_gives_what_is_private() -> None:
    """Whoever forgets to say what an action does makes it ask."""
    assert (Forgotten.public_sink, Forgotten.gives_private) == (True, True)
