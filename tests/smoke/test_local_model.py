"""Whether a small real model can be worked with; what it makes of words is told, not asserted."""

import time
from decimal import Decimal
from typing import NamedTuple

import pytest

from tests.scenarios.places import Place
from tests.scenarios.sitting import Sitting, sitting
from tests.smoke.account import Account, Row

pytestmark = pytest.mark.timeout(3600)
MOST_CARDS = 3


class Case(NamedTuple):
    """What the owner says, and the action that would be right; None for a reply."""

    said: str
    action: str | None


CASES = (
    Case("hi", None),
    Case("add a note that the printer is broken", "note.append"),
    Case("remind me tomorrow at 9 to call Bob", "reminder.set"),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.said))
async def test_words_lead_to_a_plan_or_an_honest_sentence(
    place: Place, account: Account, case: Case
) -> None:
    """Every goal ends, with an effect that is in the log or a sentence, and all is counted."""
    async with sitting(place) as talk:
        began = time.monotonic()
        outcome = await talk.say(case.said)
        for _ in range(MOST_CARDS):
            if not await open_cards(talk):
                break
            outcome = await talk.say("accept")
        seconds = time.monotonic() - began
        row = Row(case.said, case.action, await talk.events(), seconds, outcome)
        account.rows.append(row)
        assert is_sentence(outcome)
        assert len(await talk.events("goal.finished.v1")) == 1
        check_calls(row)
        check_effect(row, place)
        found = await talk.app.store.verify()
        assert found.problem is None


def is_sentence(outcome: str) -> bool:
    """Return whether an outcome is in words: a call that was not understood is none."""
    return bool(outcome.strip()) and not outcome.lstrip().startswith(("{", "<", "```"))


async def open_cards(talk: Sitting) -> bool:
    """Return whether a card waits."""
    opened, decided = await talk.events("card.opened.v1"), await talk.events("card.decided.v1")
    return len(opened) > len(decided)


def check_calls(row: Row) -> None:
    """The model was called and answered; each call is counted, at the price of zero."""
    assert row.calls
    for call in row.calls:
        assert call.payload["outcome"] == "ok"
        assert call.payload["tokens_in"] > 0
        assert call.payload["tokens_out"] > 0
        assert Decimal(call.payload["usd"]) == 0


def check_effect(row: Row, place: Place) -> None:
    """What the log says was done is there: a note is a file, a reminder an event."""
    finished = [e.payload for e in row.events if e.type == "operation.finished.v1"]
    if "note.append" in {payload["action"] for payload in finished}:
        assert list((place.data / "notes").rglob("*.md"))
    if "reminder.set" in {payload["action"] for payload in finished}:
        assert any(event.type == "reminder.set.v1" for event in row.events)
