"""Answers in text: what is known, what is not, and why."""

import pytest

from tests.adapters.offline.conftest import ACTIONS, Ask, Given

ANSWERS = [
    ("what is bob's email?", "Bob's email is bob@acme.com."),
    ("What's Bob's e-mail address", "Bob's email is bob@acme.com."),
    ("who is my dentist?", "My dentist is Dr. Who."),
    ("do you know who my dentist is?", "My dentist is Dr. Who."),
    ("can you remember my dentist?", "My dentist is Dr. Who."),
    ("what do you know about Acme?", "Acme is our biggest customer"),
    ("when is the invoice due?", "Fri 27 Nov 2026 09:00 send the invoice"),
    ("what do you know about me?", "Bob's email is bob@acme.com"),
    ("what is the capital of France?", "I have nothing on that."),
    ("forget that my dentist is Dr. Who", "My dentist is Dr. Who: /forget FAAAAA3"),
    ("please forget Bob's email", "/forget FAAAAA2"),
    ("forget that the wifi code is 4321", "I remember nothing like that"),
    ("hi", "Hello Ada"),
    ("Good morning!", "Hello Ada"),
    ("thanks a lot!", "You are welcome."),
    ("bye", "Goodbye."),
    ("what time is it?", "It is 18:25."),
    ("what's the date today?", "It is Monday, 23 November 2026."),
    ("what is 19 % of 240?", "45.6"),
    ("2+2", "4"),
    ("7 / 0", "no result"),
    ("what can you do?", "remember a fact"),
    ("help", "llm.tiers.balanced.model"),
    ("please summarise the last board meeting", "nothing was done"),
    ("book a flight to Paris", "No model is configured"),
    ("remind me to stretch", "When should I remind you?"),
    ("remind me tomorrow", "What should I remind you of?"),
    ("remind me on 2020-01-01 to dance", "has already passed"),
    ("cancel the reminder about the dog", "No reminder matches 'the dog'."),
    ("done with the dishes", "No open to-do matches 'dishes'."),
    ("email anna that we won", "I do not know the mail address of Anna"),
    ("email bob", "What should the mail to bob@acme.com say?"),
    ("email bob and ask him for the date", "I can send your words, not find them"),
    ("send it", "There is no draft to send."),
    ("note: {{ t1 }}", "double braces"),
    ("x" * 20_000, "20,000 characters"),
]


@pytest.mark.parametrize(("text", "words"), ANSWERS)
async def test_a_question_is_answered_in_text(ask: Ask, text: str, words: str) -> None:
    """Each of these gets a text with these words and no plan."""
    given = Given(text)
    got = await ask(given)
    assert got.plan == {}
    assert words in got.text
    assert "".join(given.pieces) == got.text


@pytest.mark.parametrize(
    ("text", "action", "key"),
    [
        ("email bob that I will be late", "mail.send", "actions.mail.smtp"),
        ("fetch https://example.org", "http.request", "actions.http.allow"),
        ("write a file a.md saying hi", "file.write", "actions.files.root"),
        ("note: hi", "note.append", "note.append"),
    ],
)
async def test_an_action_that_is_not_offered_is_said(
    ask: Ask, text: str, action: str, key: str
) -> None:
    """What is not in the catalog is not planned; the answer names what to set."""
    rest = tuple(line for line in ACTIONS if not line.startswith(action))
    got = await ask(Given(text, actions=rest))
    assert got.plan == {}
    assert key in got.text


async def test_help_lists_only_what_works(ask: Ask) -> None:
    """Without mail in the catalog help does not promise to send one."""
    assert "send a mail to" in (await ask("help")).text
    assert "send a mail to" not in (await ask(Given("help", actions=ACTIONS[:3]))).text


@pytest.mark.parametrize("text", ["what is the capital of France?", "book a flight"])
async def test_a_fallback_says_why_it_answers(ask: Ask, text: str) -> None:
    """When the real model is down its honest answers begin with the reason."""
    reason = "The model 'gpt-x' did not answer within 60 s."
    got = await ask(Given(text, fallback=reason))
    assert got.text.startswith("The model 'gpt-x' did not answer within 60 s")
    assert "llm.tiers" not in got.text


async def test_a_fallback_still_acts(ask: Ask) -> None:
    """The reason does not stop what needs no model."""
    assert (await ask(Given("note: hi", fallback="Down."))).acts == [
        ("note.append", {"text": "hi"})
    ]


async def test_several_matches_are_asked_about(ask: Ask) -> None:
    """Two to-dos that fit equally are listed instead of one being guessed."""
    memory = "To-dos:\n- [TAAAAAA] Call Acme\n- [TBBBBBB] Mail Acme"
    got = await ask(Given("done with acme", memory=memory))
    assert got.plan == {}
    assert "TAAAAAA" in got.text
    assert "TBBBBBB" in got.text


async def test_several_addresses_are_asked_about(ask: Ask) -> None:
    """A name with two addresses sends nothing."""
    memory = "Facts:\n- [F1] Bob's email is bob@a.com\n- [F2] Bob's work email is bob@b.com"
    got = await ask(Given("email bob that hi", memory=memory))
    assert got.plan == {}
    assert "bob@a.com, bob@b.com" in got.text


async def test_empty_memory_is_said_so(ask: Ask) -> None:
    """Where nothing is known, that is the answer."""
    assert "I remember nothing yet." in (await ask(Given("what do you know?", memory=""))).text
