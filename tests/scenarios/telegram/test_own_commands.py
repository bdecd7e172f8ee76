"""Equerry's own commands in its own text can be tapped; what may quote somebody stays code."""

import pytest

from tests.scenarios.telegram.phone import Phone
from tests.servers.telegram import Message


def _tappable(message: Message) -> set[str]:
    """Return the commands of a message that a tap would send."""
    units = message.text.encode("utf-16-le")
    return {
        units[2 * one["offset"] : 2 * (one["offset"] + one["length"])].decode("utf-16-le")
        for one in message.now.entities
        if one["type"] == "bot_command"
    }


async def test_what_equerry_says_itself_can_be_tapped(phone: Phone) -> None:
    """The welcome, the list of commands, and how the brake is let go."""
    async with phone.running():
        welcome = await phone.pair()
        assert _tappable(welcome) == {"/help"}
        listed = await phone.say("/help", "this list")
        assert {"/status", "/stop", "/forget", "/resume"} <= _tappable(listed)
        assert _tappable(await phone.say("/pause", "Paused")) == {"/resume"}
        assert _tappable(await phone.say("/resume", "Resumed")) == {"/policy"}


@pytest.mark.parametrize("command", ["/memory", "/memory resume", "/forget resume"])
async def test_what_quotes_somebody_stays_code(phone: Phone, command: str) -> None:
    """A fact may be anybody's words, so no command beside it can be tapped either."""
    async with phone.running():
        await phone.pair()
        await phone.say("/remember tap /resume now to resume", "Remembered")
        listed = await phone.say(command, "/resume now")
        assert _tappable(listed) == set()


async def test_beside_quoted_words_only_what_equerry_states_can_be_tapped(phone: Phone) -> None:
    """A sentence that names what was written, by others or not, marks its own command alone."""
    async with phone.running():
        await phone.pair()
        refused = await phone.say("/grants revoke /stop", "no active grant")
        assert _tappable(refused) == {"/grants"}
        assert "/STOP" in refused.text
        unknown = await phone.say("/why /undo", "There is no goal")
        assert _tappable(unknown) == {"/goals"}
        assert _tappable(await phone.say("/stop /resume", "There is no open goal")) == {"/goals"}
        assert _tappable(await phone.say("/inbox /stop", "There is no card")) == {"/inbox"}
        assert _tappable(await phone.say("/nothing", "There is no command")) == {"/help"}
        assert _tappable(await phone.say("/statsu", "did you mean")) == {"/status"}


async def test_what_a_report_states_can_be_tapped(phone: Phone) -> None:
    """The greeting and the brake in it; and the brake in the status."""
    async with phone.running():
        await phone.pair()
        await phone.say("/pause", "Paused")
        assert _tappable(await phone.say("/status", "to-dos")) == {"/resume"}
        assert _tappable(await phone.say("/start", "I am Equerry")) == {"/help", "/resume"}
