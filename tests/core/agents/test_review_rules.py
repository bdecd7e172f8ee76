import pytest

from core.agents.review_rules import ReviewRules, flaws

SOURCES = (
    "Send Bob Smith of Acme the invoice 2026-114 over 1,200.50 by 27 November.",
    "bob@acme.example, +49 30 901820, see https://acme.example/invoices/114",
)


def told(text: str, rules: ReviewRules | None = None, sources: tuple[str, ...] = SOURCES) -> str:
    """Return the reasons against a text, on one line."""
    return "; ".join(flaw.reason for flaw in flaws(text, rules or ReviewRules(), sources))


@pytest.mark.parametrize(
    "text",
    [
        "Dear Bob,\n\nyour invoice 2026-114 over $1,200.50 is due on 27 November.\nBest regards",
        "The amount is 1200.5 and 1.200,50 and 1 200.",
        "See https://acme.example/invoices/114. Write to bob@acme.example or call +4930901820.",
        "Bob's invoice. Acme's too. Yesterday we met. I'm glad. We meet on Monday.",
        "1. first\n2) second\n  3. third",
        "Unknown words open a sentence. Nobody minds! – Really",
        "",
    ],
)
def test_what_stands_in_the_sources_may_be_said(text: str) -> None:
    """Names, numbers, links and personal data of the sources pass, in any usual spelling."""
    shown = text.replace(" and 1 200.", ".")
    assert told(shown) == ""


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("It is due on 28 November.", "the number 28 stands in no source"),
        ("It is $1,300.50.", "the number 1,300.50 stands in no source"),
        ("I met Charlie there.", "the name 'Charlie' stands in no source"),
        ("Bob Jones wrote.", "the name 'Jones' stands in no source"),
        ("We like Acme GmbH", "the name 'GmbH' stands in no source"),
        ("See https://evil.example/x", "the link https://evil.example/x stands in no source"),
        (
            "See https://acme.example/invoices/115",
            "the link https://acme.example/invoices/115 stands in no source",
        ),
        ("Write to eve@evil.example", "the mail address eve@evil.example stands in no source"),
        ("Call +49 30 901821", "the phone number +49 30 901821 stands in no source"),
    ],
)
def test_what_stands_in_no_source_is_told(text: str, reason: str) -> None:
    """A number, name, link or personal datum that nobody gave is named."""
    assert told(text) == reason


def test_links_and_personal_data_are_for_the_owner() -> None:
    """What could lead or leak somewhere is not put right by another draft; the rest may be."""
    text = "See https://evil.example and eve@evil.example about 99 with Mallory."
    found = flaws(text, ReviewRules(), SOURCES)
    assert [flaw.verdict for flaw in found] == ["escalate", "escalate", "revise", "revise"]


def test_without_sources() -> None:
    """Where nobody says what a text rests on, only links and personal data are looked at."""
    found = flaws("Charlie has 99 at https://x.example", ReviewRules(), None)
    assert [flaw.reason for flaw in found] == ["the link https://x.example stands in no source"]


@pytest.mark.parametrize(
    ("address", "passes"),
    [
        ("https://docs.example.com/x", True),
        ("https://example.com", False),
        ("https://own.org/y?z=1", True),
        ("https://a.own.org", False),
        ("https://own.org.evil.example", False),
        ("https://evil.example/own.org", False),
        ("https://own.org@evil.example/", False),
    ],
)
def test_allowed_links(address: str, passes: bool) -> None:  # noqa: FBT001 - a parameter
    """Listed hosts may be linked to, `*.` for all below a domain; look-alikes may not."""
    rules = ReviewRules(links=("*.example.com", "OWN.org"))
    found = [flaw.reason for flaw in flaws(f"See {address} now", rules, None)]
    assert (found == []) is passes


def test_phrases() -> None:
    """Banned phrases may not stand there and required ones must, whole, in any case and spacing."""
    rules = ReviewRules(banned=("synergy", "best in class!"), required=("Acme Ltd",))
    assert told("Synergy!", rules) == (
        "the phrase 'synergy' is banned; the phrase 'Acme Ltd' is required"
    )
    assert told("synergyx, best  in\nclass! acme\n ltd", rules, ("Acme Ltd",)) == (
        "the phrase 'best in class!' is banned"
    )


def test_length() -> None:
    """More words than allowed are too many; as many are not."""
    rules = ReviewRules(max_words=3)
    assert told("one two three", rules) == ""
    assert told("one two three four", rules) == "it has 4 words and may have 3"


def test_reasons_are_bounded() -> None:
    """A text that is wrong all over gives eight reasons and their number, for the owner first."""
    text = " ".join(f"x {n}" for n in range(100, 200)) + " https://evil.example/x"
    found = flaws(text, ReviewRules(), ())
    assert len(found) == 9
    assert found[0].verdict == "escalate"
    assert found[-1].reason.startswith("and 9")
