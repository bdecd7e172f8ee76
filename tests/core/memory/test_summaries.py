"""The parts of summaries: sentences, subjects, Markdown, what replaces what."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.memory.summaries.bullets import SECTIONS, Bullet, fitted, parse, render
from core.memory.summaries.rules import Ended, Said, merged, points
from core.memory.summaries.scopes import conversation_scope, project_scope


def said(*texts: str) -> list[Said]:
    """Return messages M0, M1, … of one day."""
    return [Said(ref=f"M{n}", text=text, at="2026-11-02") for n, text in enumerate(texts)]


def told(*texts: str) -> list[str]:
    """Return the summary that rules make of some messages, as lines."""
    return render(merged([], points(said(*texts)))).splitlines()


def test_sentences_go_where_their_words_say() -> None:
    """Decisions with their reasons, what is open, and nothing of mere talk or of questions."""
    assert told(
        "Hi! We'll go with Paddle for the invoices because Stripe is slow. Nice weather.",
        "I need to call the bank. What did we decide about hosting?",
        "It is late since the train broke down.",
        "Should we move to Berlin?",
    ) == [
        "## Decisions",
        "- 2026-11-02 [M0] We'll go with Paddle for the invoices",
        "",
        "## Why",
        "- 2026-11-02 [M0] We'll go with Paddle for the invoices because Stripe is slow.",
        "- 2026-11-02 [M2] It is late since the train broke down.",
        "",
        "## Open",
        "- 2026-11-02 [M1] I need to call the bank.",
        "- 2026-11-02 [M3] Should we move to Berlin?",
    ]


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("Let's use Stripe for payments.", "We switched to Paddle for payments."),
        ("Let's use Stripe for payments.", "Agreed, Paddle for payments instead of Stripe."),
        ("Decided: the logo is green.", "From now on the logo is blue."),
        ("Agreed, the launch will be in May.", "We changed the launch to June."),
        ("We decided to publish weekly.", "We no longer publish weekly, decided."),
    ],
)
def test_a_later_word_about_the_same_replaces(first: str, then: str) -> None:
    """The newer decision stands, and names what it took the place of."""
    lines = [line for line in told(first, then) if line.startswith("- ")]
    assert lines == [f"- 2026-11-02 [M1] {then} (was: {first})"]


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("Let's use Stripe for payments.", "Let's use Hetzner for hosting."),
        ("Decided: the starter plan costs 9 euros.", "Decided: the team plan costs 29 euros."),
        ("Decided: the logo is green.", "Decided: the logo of Acme Labs is blue."),
        ("Let's use Bob's draft for the talk.", "Let's use Bob's slides for the course."),
        ("We agreed to meet Bob.", "We agreed to meet Eve instead of Mallory."),
    ],
)
def test_what_is_about_something_else_stays(first: str, then: str) -> None:
    """Two decisions that only share words both stand."""
    assert len([line for line in told(first, then) if line.startswith("- ")]) == 2


def test_goals_are_told_by_their_ends() -> None:
    """Done is what worked and settles what was open; failed is open; talk is nothing."""
    ends = [
        Ended(ref="G1", title="call the bank", outcome="failed", at="2026-11-02"),
        Ended(ref="G2", title="", outcome="failed", at="2026-11-02"),
        Ended(ref="G3", title="hello", outcome="answered", at="2026-11-02"),
    ]
    before = merged([], points([], ends))
    assert [bullet.line for bullet in before] == [
        "2026-11-02 [G1] call the bank (failed)",
        "2026-11-02 [G2] a goal whose words came from outside (failed)",
    ]
    done = Ended(ref="G9", title="call the bank", outcome="done", at="2026-11-03")
    after = merged(before, points([], [done]))
    assert [(b.section, b.ref) for b in after] == [("Open", "G2"), ("Worked", "G9")]


def test_the_same_words_are_told_once() -> None:
    """Summarising a message again changes nothing."""
    new = points(said("Let's use Stripe for payments because it is cheap.", "I need to eat."))
    once = merged([], new)
    assert merged(once, new) == once
    assert merged(parse(render(once)), new) == once


flat = st.from_regex(r"[A-Za-z][A-Za-z ,.]{0,60}[a-z]", fullmatch=True)
bullets = st.lists(
    st.builds(
        Bullet,
        section=st.sampled_from(SECTIONS),
        text=flat.map(lambda text: " ".join(text.split())),
        at=st.sampled_from(["", "2026-11-02"]),
        ref=st.sampled_from(["", "M0123456789abcdef", "G12"]),
        was=st.sampled_from(["", "the older word"]),
    ),
    max_size=12,
)


@given(bullets)
def test_a_summary_is_read_as_it_was_written(found: list[Bullet]) -> None:
    """Markdown and points are two forms of the same."""
    ordered = [bullet for name in SECTIONS for bullet in found if bullet.section == name]
    assert parse(render(found)) == ordered


@given(bullets, st.integers(0, 600))
def test_a_summary_fits(found: list[Bullet], chars: int) -> None:
    """It is never longer than allowed; decisions are the last to go."""
    kept = fitted(found, chars)
    assert len(render(kept)) <= chars
    if any(bullet.section != "Decisions" for bullet in kept):
        decided = [bullet.section for bullet in kept].count("Decisions")
        assert decided == [bullet.section for bullet in found].count("Decisions")
    assert kept == fitted_slowly(found, chars)


def fitted_slowly(found: list[Bullet], chars: int) -> list[Bullet]:
    """Return what fits, written out anew after each point that is shortened or dropped."""
    kept = list(found)
    for number, bullet in enumerate(found):
        if len(render(kept)) > chars:
            kept[number] = bullet.model_copy(update={"was": ""})
    for section in ("Worked", "Open", "Why", "Decisions"):
        while len(render(kept)) > chars and any(one.section == section for one in kept):
            kept.remove(next(one for one in kept if one.section == section))
    return kept


def test_what_owners_write_themselves_is_read() -> None:
    """A bullet without day and source counts; what stands in no section does not."""
    assert parse("# x\n- no\n## Decisions\n- we ship\nwords\n## Other\n- no") == [
        Bullet(section="Decisions", text="we ship")
    ]


def test_scopes_can_be_stored() -> None:
    """Names that no database could index are hashed; a project has one name in any spelling."""
    assert project_scope("  New  Website ") == project_scope("new website") == "project:new website"
    assert conversation_scope("telegram:1") == "conversation:telegram:1"
    for bad in ("x" * 400, "a\x00b"):
        assert len(project_scope(bad)) == len("project:") + 32
