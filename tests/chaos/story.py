"""What the owner writes while the program is killed, and what must have come of it in the end."""

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

_VERB = re.compile(r"^(accept|reject|edit)\b")
Fate = Literal["done", "rejected", "open"]


@dataclass(frozen=True)
class Message:
    """One message, the lines that answer its card, and its effects: place → text that is there.

    A place is `note:FILE`, `file:PATH`, `mail`, `task` or `reminder`; `token` occurs in each text
    and in no other message's.
    """

    token: str
    lines: tuple[str, ...]
    effects: tuple[tuple[str, str], ...] = ()
    fate: Fate = "done"


def _talk(token: str) -> Message:
    return Message(token, (f"hello from {token}",))


def _note(token: str) -> Message:
    return Message(token, (f"note: {token} milk",), (("note:notes.md", f"{token} milk"),))


def _other_note(token: str) -> Message:
    lines = (f"note in ideas.md: {token} kite",)
    return Message(token, lines, (("note:ideas.md", f"{token} kite"),))


def _file(token: str) -> Message:
    lines = (f"write a file {token}.txt saying text {token}", "accept")
    return Message(token, lines, ((f"file:{token}.txt", f"text {token}"),))


def _file_rejected(token: str) -> Message:
    lines = (f"write a file {token}.txt saying text {token}", "reject: not today")
    return Message(token, lines, fate="rejected")


def _file_edited(token: str) -> Message:
    lines = (f"write a file {token}.txt saying draft", f"edit text={token} edited")
    return Message(token, lines, ((f"file:{token}.txt", f"{token} edited"),))


def _file_rewritten(token: str) -> Message:
    lines = (f"write a file {token}.txt saying draft", "edit", f"{token} written anew")
    return Message(token, lines, ((f"file:{token}.txt", f"{token} written anew"),))


def _file_open(token: str) -> Message:
    return Message(token, (f"write a file {token}.txt saying text {token}",), fate="open")


def _mail(token: str) -> Message:
    lines = (f"send a mail to bob@example.com about {token}: dear {token}", "accept")
    return Message(token, lines, (("mail", f"dear {token}"),))


def _mail_edited(token: str) -> Message:
    lines = (
        f"send a mail to bob@example.com about {token}: dear Bob",
        f"edit body=dear {token}",
        "accept",
    )
    return Message(token, lines, (("mail", f"dear {token}"),))


def _mail_rejected(token: str) -> Message:
    lines = (f"send a mail to bob@example.com about {token}: dear {token}", "reject")
    return Message(token, lines, fate="rejected")


def _mail_open(token: str) -> Message:
    lines = (f"send a mail to bob@example.com about {token}: dear {token}",)
    return Message(token, lines, fate="open")


def _task(token: str) -> Message:
    return Message(token, (f"add a task: call {token}", "accept"), (("task", f"Call {token}"),))


def _reminder(token: str) -> Message:
    lines = (f"remind me tomorrow at 9am to water {token}",)
    return Message(token, lines, (("reminder", f"water {token}"),))


def _soon(token: str) -> Message:
    lines = (f"remind me in 1 minute to stretch {token}",)
    return Message(token, lines, (("reminder", f"stretch {token}"),))


def _three(token: str) -> Message:
    lines = (f"note: {token} one; note in ideas.md: {token} two; remind me friday 9am to {token}",)
    notes = (("note:notes.md", f"{token} one"), ("note:ideas.md", f"{token} two"))
    return Message(token, lines, (*notes, ("reminder", token)))


def _list(token: str) -> Message:
    lines = (f"write a file {token}.txt saying text {token}; add a task: file {token}", "accept")
    return Message(
        token, lines, ((f"file:{token}.txt", f"text {token}"), ("task", f"File {token}"))
    )


def _mixed(token: str) -> Message:
    lines = (f"note: {token} sent; mail bob@example.com about {token}: dear {token}", "accept")
    return Message(token, lines, (("note:notes.md", f"{token} sent"), ("mail", f"dear {token}")))


KINDS: tuple[Callable[[str], Message], ...] = (
    _note,
    _mail,
    _file,
    _three,
    _mail_edited,
    _file_rejected,
    _task,
    _file_open,
    _mixed,
    _file_rewritten,
    _mail_rejected,
    _list,
    _reminder,
    _file_edited,
    _mail_open,
    _other_note,
    _soon,
    _talk,
)


def story(number: int, count: int, chance: random.Random) -> list[Message]:
    """Return `count` messages of all kinds in random order; `number` sets it off from others."""
    kinds = [KINDS[place % len(KINDS)] for place in range(count)]
    chance.shuffle(kinds)
    return [kind(f"x{number}y{place}z") for place, kind in enumerate(kinds)]


def script(messages: list[Message]) -> str:
    """Return the messages as the file that `chat --script` reads."""
    return "".join(f"{message.lines[0]}\n" for message in messages)


def answers(messages: list[Message], cards: Mapping[str, str]) -> str:
    """Return what answers the cards, each by its name: many are open. `cards` are by token."""
    lines = [
        _named(line, cards[message.token])
        for message in messages
        if message.token in cards
        for line in message.lines[1:]
    ]
    return "".join(f"{line}\n" for line in lines)


def _named(line: str, card: str) -> str:
    """Return a line with the card's name behind its verb; one without a verb is a new text."""
    return _VERB.sub(lambda verb: f"{verb.group()} {card}", line)
