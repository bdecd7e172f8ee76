"""What must be true once the dust has settled, from the log, the disk and the mail server."""

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from tests.chaos.program import Program
from tests.chaos.slow_mail import SlowMail
from tests.chaos.story import Message

Wire = dict[str, Any]


@dataclass
class Account:
    """The log of a run that has ended, sorted by what the checks ask."""

    program: Program
    mail: SlowMail
    events: list[Wire] = field(default_factory=list)
    by_type: dict[str, list[Wire]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        self.events = self.program.events()
        for event in self.events:
            self.by_type[event["type"]].append(event)

    def payloads(self, kind: str) -> list[Wire]:
        """Return the payloads of the events of one type."""
        return [event["payload"] for event in self.by_type[f"{kind}.v1"]]


def open_unknown(account: Account) -> list[tuple[str, str]]:
    """Return (card, operation) of every open card about a mail that may have been sent."""
    closed = {
        card["card"] for kind in ("decided", "expired") for card in account.payloads(f"card.{kind}")
    }
    return [
        (card["card"], card["items"][0]["marker"])
        for card in account.payloads("card.opened")
        if card["kind"] == "unknown" and card["card"] not in closed
    ]


def cards_by_token(account: Account, messages: Iterable[Message]) -> dict[str, str]:
    """Return the card that each message led to, by its token."""
    texts = _texts(account)
    return {
        message.token: card["card"]
        for card in account.payloads("card.opened")
        for message in messages
        if any(message.token in str(texts[item["args"]["ref"]]).lower() for item in card["items"])
    }


def check_messages(account: Account, messages: Iterable[Message], sessions: dict[str, str]) -> None:
    """Every message arrived once, became one goal, and was answered once; `sessions` by token."""
    received = {event["key"]: event for event in account.by_type["message.received.v1"]}
    assert len(received) == len(account.by_type["message.received.v1"])
    assert received.keys() == set(sessions.values())
    goals = {
        message: event["goal"]
        for event in account.by_type["goal.started.v1"]
        for message in event["payload"]["messages"]
    }
    assert len(goals) == len(account.by_type["goal.started.v1"]) == len(received)
    answers = Counter(
        sent["reply_to"] for sent in account.payloads("message.sent") if sent["reply_to"]
    )
    ends = Counter(event["goal"] for event in account.by_type["goal.finished.v1"])
    for message in messages:
        arrived = received[sessions[message.token]]["payload"]["message"]
        expected = 0 if message.fate == "open" else 1
        assert answers[arrived] == expected, (message, "answers", answers[arrived])
        assert ends[goals[arrived]] == expected, (message, "ends", ends[goals[arrived]])


def check_repeats(account: Account) -> None:
    """What may have been shown twice says so: no text was shown twice without that word."""
    for sent in account.payloads("message.sent"):
        assert sent["repeat"] == (sent["attempt"] > 1), sent
    shown = Counter(
        line for line in account.program.shown if line.startswith(("Added to", "Wrote "))
    )
    assert not [line for line, times in shown.items() if times > 1]


def check_effects(account: Account, messages: Iterable[Message]) -> None:
    """Every accepted effect happened exactly once, and no other."""
    found = _effects(account)
    expected: Counter[tuple[str, str]] = Counter()
    for message in messages:
        expected.update(message.effects)
    assert found == expected, (found - expected, expected - found)
    ended = Counter(done["marker"] for done in account.payloads("operation.finished"))
    assert set(ended.values()) <= {1}
    assert set(account.mail.operations().values()) <= {1}


def _effects(account: Account) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for path in (account.program.data / "notes").glob("*.md"):
        lines = path.read_text(encoding="utf-8").splitlines()
        found.update((f"note:{path.name}", line.lstrip("- ")) for line in lines if line.strip())
    for path in account.program.files.iterdir():
        found[f"file:{path.name}", path.read_text(encoding="utf-8").strip()] += 1
    for mail in account.mail.mails:
        found["mail", str(mail.message.get_content()).strip()] += 1
    texts = _texts(account)
    found.update(("task", texts[it["title"]["ref"]]) for it in account.payloads("todo.added"))
    found.update(("reminder", texts[it["text"]["ref"]]) for it in account.payloads("reminder.set"))
    rows = _rows(account)
    assert rows["todos"] == len(account.by_type["todo.added.v1"])
    assert rows["reminders"] == len(account.by_type["reminder.set.v1"])
    return found


def check_cards(account: Account, messages: Iterable[Message]) -> None:
    """Each card that nobody answered is open still, and no other is; answers came once each."""
    opened = {card["card"] for card in account.payloads("card.opened")}
    decided = Counter(card["card"] for card in account.payloads("card.decided"))
    assert set(decided.values()) <= {1}
    assert not account.by_type["card.expired.v1"]
    still = opened - decided.keys()
    rows = "SELECT row_key FROM read_rows WHERE projection = 'cards' AND row_state = 'open'"
    assert {key for (key,) in _query(account, rows)} == still
    assert len(still) == sum(message.fate == "open" for message in messages)
    inbox = {card["card"] for card in json.loads(account.program.ask("inbox", "--json"))}
    assert bool(inbox) == bool(still)
    assert inbox <= still


def check_reminders(account: Account) -> None:
    """A reminder that fell due was fired and said once."""
    fired = Counter((it["reminder"], it["at"]) for it in account.payloads("reminder.fired"))
    assert set(fired.values()) <= {1}
    said = [sent for sent in account.payloads("message.sent") if sent["kind"] == "reminder"]
    assert len(said) == len(fired)


def check_store(account: Account) -> None:
    """The chain verifies, the read models are what the log says, and nothing broke on the way."""
    assert "events verified" in account.program.ask("verify")
    assert "the same bytes as before" in account.program.ask("rebuild")
    assert "Traceback" not in account.program.errors, account.program.errors
    assert not [line for line in account.program.shown if "inside Equerry" in line]


def _texts(account: Account) -> dict[str, Any]:
    found = _query(account, "SELECT content_ref, body FROM contents")
    return {ref: json.loads(body) for ref, body in found}


def _rows(account: Account) -> dict[str, int]:
    return dict(_query(account, "SELECT projection, count(*) FROM read_rows GROUP BY projection"))


def _query(account: Account, statement: str) -> list[Any]:
    with closing(sqlite3.connect(account.program.data / "equerry.db")) as database:
        return database.execute(statement).fetchall()
