"""What people write, and the one action it becomes."""

from typing import Any

import pytest

from adapters.offline.moves import EXACT, LOOSE
from tests.adapters.offline.conftest import Ask

FRIDAY = "2026-11-27T09:00:00+01:00"
BOB = ["bob@acme.com"]
LUNCH = {"to": BOB, "subject": "Lunch", "body": "see you at noon"}
LATE = {"to": BOB, "subject": "I will be late", "body": "I will be late"}

Case = tuple[str, dict[str, Any], float]

FACTS: list[Case] = [
    ("remember that my dentist is Dr. Who", {"text": "My dentist is Dr. Who"}, EXACT),
    ("Please remember Bob likes tea.", {"text": "Bob likes tea"}, EXACT),
    ("remember: the wifi code is 1234", {"text": "The wifi code is 1234"}, EXACT),
    ("note that Bob likes tea", {"text": "Bob likes tea"}, EXACT),
    ("keep in mind that Acme pays late", {"text": "Acme pays late"}, EXACT),
    ("don't forget that Bob is vegetarian", {"text": "Bob is vegetarian"}, EXACT),
    ("can you remember that I like tea?", {"text": "I like tea"}, EXACT),
    ("my dentist is Dr. Who", {"text": "My dentist is Dr. Who"}, LOOSE),
    ("Bob's email is bob@acme.com", {"text": "Bob's email is bob@acme.com"}, LOOSE),
    ("our office moved to Berlin", {"text": "Our office moved to Berlin"}, LOOSE),
    ("I prefer short mails", {"text": "I prefer short mails"}, LOOSE),
    ("Acme is in Hamburg", {"text": "Acme is in Hamburg"}, LOOSE),
]
TODOS: list[Case] = [
    ("add task call Acme by friday", {"title": "Call Acme", "due": "2026-11-27"}, EXACT),
    ("add a task to buy milk", {"title": "Buy milk"}, EXACT),
    ("create a new to-do: water the plants", {"title": "Water the plants"}, EXACT),
    ("todo: prepare friday slides", {"title": "Prepare friday slides"}, EXACT),
    ("TODO buy stamps", {"title": "Buy stamps"}, EXACT),
    ("task: pay rent on 2026-12-01", {"title": "Pay rent", "due": "2026-12-01"}, EXACT),
    ("add call mum to my todo list", {"title": "Call mum"}, EXACT),
    (
        'create a task "ship it" due 2026-11-25',
        {"title": "Ship it", "due": "2026-11-25"},
        EXACT,
    ),
    ('add "call the bank" to my tasks', {"title": "Call the bank"}, EXACT),
    ("Hey Equerry, could you please add a task to buy milk?", {"title": "Buy milk"}, EXACT),
    (
        "add a task to renew the domain on friday at 3pm",
        {"title": "Renew the domain", "due": "2026-11-27T15:00:00+01:00"},
        EXACT,
    ),
    (
        "add a task to write the offer by tomorrow in project Acme",
        {"title": "Write the offer", "due": "2026-11-24", "project": "Acme"},
        EXACT,
    ),
    ("todo: fix the form #website", {"title": "Fix the form", "project": "website"}, EXACT),
    ("i need to send it by friday", {"title": "Send it", "due": "2026-11-27"}, LOOSE),
    ("I have to finish it by tomorrow", {"title": "Finish it", "due": "2026-11-24"}, LOOSE),
    ("remember to buy milk", {"title": "Buy milk"}, LOOSE),
]  # fmt: skip
DONE: list[Case] = [
    ("mark TCALLAC as done", {"id": "TCALLAC"}, EXACT),
    ("done tcallac", {"id": "TCALLAC"}, EXACT),
    ("complete TPRICES", {"id": "TPRICES"}, EXACT),
    ("mark TABCDE2 as done", {"id": "TABCDE2"}, EXACT),
    ("done with the Acme call", {"id": "TCALLAC"}, LOOSE),
    ("finished calling acme", {"id": "TCALLAC"}, LOOSE),
    ("I've finished the pricing page", {"id": "TPRICES"}, LOOSE),
    ("mark the pricing page as complete", {"id": "TPRICES"}, LOOSE),
    ("tick off call acme", {"id": "TCALLAC"}, LOOSE),
    ("the pricing page is done", {"id": "TPRICES"}, LOOSE),
]
REMINDERS: list[Case] = [
    ("remind me friday 9am to send it", {"text": "send it", "at": FRIDAY}, EXACT),
    ("Remind me to call Bob on friday at 9am.", {"text": "call Bob", "at": FRIDAY}, EXACT),
    ("set a reminder for friday 9am: send it", {"text": "send it", "at": FRIDAY}, EXACT),
    ("reminder: friday 9am send it", {"text": "send it", "at": FRIDAY}, EXACT),
    ("ping me friday at 9am about lunch", {"text": "lunch", "at": FRIDAY}, EXACT),
    (
        "remind me in 20 minutes that the pizza is ready",
        {"text": "the pizza is ready", "at": "2026-11-23T18:45:00+01:00"},
        EXACT,
    ),
    (
        "remind me every monday at 9 to send the report",
        {
            "text": "send the report",
            "at": "2026-11-30T09:00:00+01:00",
            "repeat": "FREQ=WEEKLY;BYDAY=MO",
        },
        EXACT,
    ),
    (
        "remind me to stretch every 2 hours",
        {"text": "stretch", "at": "2026-11-23T20:25:00+01:00", "repeat": "FREQ=HOURLY;INTERVAL=2"},
        EXACT,
    ),
    (
        "can you remind me about the meeting tomorrow at 9?",
        {"text": "the meeting", "at": "2026-11-24T09:00:00+01:00"},
        EXACT,
    ),
    (
        "don't forget to water the plants tonight",
        {"text": "water the plants", "at": "2026-11-23T20:00:00+01:00"},
        EXACT,
    ),
    (
        "remember to call Bob tomorrow",
        {"text": "call Bob", "at": "2026-11-24T09:00:00+01:00"},
        EXACT,
    ),
    ("wake me at 7", {"text": "Wake up", "at": "2026-11-24T07:00:00+01:00"}, EXACT),
]
CANCELS: list[Case] = [
    ("cancel the reminder about the invoice", {"id": "RINVOIC"}, LOOSE),
    ("delete the invoice reminder", {"id": "RINVOIC"}, LOOSE),
    ("cancel rinvoic", {"id": "RINVOIC"}, EXACT),
    ("cancel reminder RINVOIC", {"id": "RINVOIC"}, EXACT),
    ("cancel reminder RABCDE2", {"id": "RABCDE2"}, EXACT),
    ("delete RABCDE2", {"id": "RABCDE2"}, EXACT),
    ("cancel my reminder", {"id": "RINVOIC"}, LOOSE),
]
NOTES: list[Case] = [
    ("note: buy milk", {"text": "buy milk"}, EXACT),
    ("note buy milk", {"text": "buy milk"}, EXACT),
    ("Note: milk; eggs; bread", {"text": "milk; eggs; bread"}, EXACT),
    ("write down that the password changed", {"text": "the password changed"}, EXACT),
    ("jot down the wifi code is 1234", {"text": "the wifi code is 1234"}, EXACT),
    ("make a note: buy milk", {"text": "buy milk"}, EXACT),
    ("take a note that bob called", {"text": "bob called"}, EXACT),
    ("note to self: be kind", {"text": "be kind"}, EXACT),
    ("add to my notes: buy milk", {"text": "buy milk"}, EXACT),
    ("add a thought to notes/ideas.md", {"text": "a thought", "file": "ideas.md"}, EXACT),
    ("append hello to log.md", {"text": "hello", "file": "log.md"}, EXACT),
    ("note in shopping: eggs", {"text": "eggs", "file": "shopping.md"}, EXACT),
    ("note in shopping.md: eggs", {"text": "eggs", "file": "shopping.md"}, EXACT),
    ("add a note saying hello to ideas.md", {"text": "hello", "file": "ideas.md"}, EXACT),
    ("add eggs to my shopping list", {"text": "eggs", "file": "shopping.md"}, LOOSE),
    ("note: first line\nsecond line", {"text": "first line\nsecond line"}, EXACT),
]
FILES: list[Case] = [
    ("write a file a.md with one; two", {"path": "a.md", "text": "one; two"}, EXACT),
    ("create a file called b/a.md containing hi", {"path": "b/a.md", "text": "hi"}, EXACT),
    ('save "hello" to hello.txt', {"path": "hello.txt", "text": "hello"}, EXACT),
    ("write hello to file a.txt", {"path": "a.txt", "text": "hello"}, EXACT),
    ("write hello into a new file a.txt", {"path": "a.txt", "text": "hello"}, EXACT),
    ("write a file a.md saying:\n1\n\ntodo: 2", {"path": "a.md", "text": "1\n\ntodo: 2"}, EXACT),
]  # fmt: skip
MAILS: list[Case] = [
    ("send a mail to bob@acme.com about lunch: see you at noon", LUNCH, EXACT),
    ("Send an email to Bob about lunch: see you at noon", LUNCH, EXACT),
    ("mail bob subject: Lunch body: see you at noon", LUNCH, EXACT),
    ('email bob with subject "Lunch" and body "see you at noon"', LUNCH, EXACT),
    ("send bob a mail about lunch saying see you at noon", LUNCH, EXACT),
    ("email bob about lunch\nsee you at noon", LUNCH, EXACT),
    ("email bob that I will be late", LATE, LOOSE),
    ("send bob an email saying I will be late", LATE, LOOSE),
    ("email bob@acme.com: I will be late", LATE, LOOSE),
    (
        "mail a@x.com and b@y.com, cc c@z.com subject: Hello body: One\nTwo",
        {"to": ["a@x.com", "b@y.com"], "cc": ["c@z.com"], "subject": "Hello", "body": "One\nTwo"},
        EXACT,
    ),
    (
        "mail bob about the offer:\nHi Bob,\n\nremember to sign; then send it back.\n\nAda",
        {
            "to": BOB,
            "subject": "The offer",
            "body": "Hi Bob,\n\nremember to sign; then send it back.\n\nAda",
        },
        EXACT,
    ),
    (
        "email bob about the invoice",
        {
            "to": BOB,
            "subject": "The invoice",
            "body": "Hi Bob,\n\nI am writing about the invoice.\n\nAda Lovelace",
        },
        LOOSE,
    ),
]
FETCHES: list[Case] = [
    ("fetch https://example.org/a", {"method": "GET", "url": "https://example.org/a"}, EXACT),
    ("please get http://a.de/x?y=1.", {"method": "GET", "url": "http://a.de/x?y=1"}, EXACT),
]  # fmt: skip

LISTS: list[tuple[str, str]] = [
    ("show my tasks", "task.list"),
    ("what are my to-dos?", "task.list"),
    ("what do I have to do today?", "task.list"),
    ("list reminders", "reminder.list"),
    ("what reminders do I have?", "reminder.list"),
]

TABLE = [
    *((action, text, {}, EXACT) for text, action in LISTS),
    *(("memory.remember", *case) for case in FACTS),
    *(("task.add", *case) for case in TODOS),
    *(("task.done", *case) for case in DONE),
    *(("reminder.set", *case) for case in REMINDERS),
    *(("reminder.cancel", *case) for case in CANCELS),
    *(("note.append", *case) for case in NOTES),
    *(("file.write", *case) for case in FILES),
    *(("mail.send", *case) for case in MAILS),
    *(("http.request", *case) for case in FETCHES),
]


@pytest.mark.parametrize(("action", "text", "args", "confidence"), TABLE)
async def test_a_phrase_becomes_its_action(
    ask: Ask, action: str, text: str, args: dict[str, Any], confidence: float
) -> None:
    """Each phrase becomes one task with exactly these arguments and this confidence."""
    got = await ask(text)
    assert got.acts == [(action, args)], got.text
    assert got.tasks[0].confidence == confidence
    assert got.text == ""
