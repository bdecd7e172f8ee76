"""A log that went backwards: real copies of a data folder, put back in place of what came after."""

import asyncio
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.inmemory.clock import FakeClock
from bot.app import Overrides, build_app
from core.domain.errors import StorageError
from tests.scenarios.places import ASK_FOR_NOTES, Place
from tests.scenarios.program import Program
from tests.scenarios.sitting import Sitting, sitting
from tests.scenarios.telegram.phone import ADA, Phone
from tests.scenarios.test_mail import WISH, with_mail
from tests.servers.smtp import SmtpServer
from tests.servers.telegram import TelegramServer

DATABASE = "equerry.db"
HELD = "Restored: The log went backwards: its anchor had reached event "


class Backup:
    """A copy of a data folder as it is now."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._copy = place.file.with_name("backup")
        shutil.copytree(place.data, self._copy)

    def put_back(self) -> None:
        """Replace the data folder by the copy; what lies beside it stays."""
        shutil.rmtree(self._place.data)
        shutil.copytree(self._copy, self._place.data)

    def put_back_database(self) -> None:
        """Replace the database alone; notes, journal and the rest of the folder stay."""
        remove_database(self._place)
        shutil.copy(self._copy / DATABASE, self._place.data)


def remove_database(place: Place) -> None:
    """Remove the database, and nothing else."""
    for path in place.data.glob(f"{DATABASE}*"):
        path.unlink()


async def fill_up_to(talk: Sitting, position: int) -> None:
    """Let the log end at a position, by commands of one event each."""
    while (ended := (await talk.app.store.head())[0]) < position:
        await talk.say("/resume")
    assert ended == position


async def test_an_old_card_asks_once_more(place: Place, smtp_server: SmtpServer) -> None:
    """Accepted and sent, then the older log: the card is open, its accept asks, the mail waits."""
    async with sitting(with_mail(place, smtp_server)) as talk:
        await talk.say(WISH)
        backup = Backup(place)
        first = talk.card.card
        await talk.say("accept")
    assert len(smtp_server.mails) == 1
    backup.put_back()
    async with sitting(place) as talk:
        assert HELD in talk.app.said
        status = await talk.say("/status")
        assert HELD in status
        assert "All well" not in status
        assert first in await talk.say("/inbox")
        await talk.say("accept")
        second = talk.card
        assert (second.kind, second.state, len(smtp_server.mails)) == ("unknown", "open", 1)
        assert f"You accepted {first}. The log went backwards: its anchor had" in second.why
        assert "may have been done already" in second.why
        await talk.say("reject: it arrived")
        assert len(smtp_server.mails) == 1
        assert "Reminders go on" in await talk.say("/resume")
        assert "All well." in await talk.say("/status")
    async with sitting(place) as talk:
        assert HELD not in talk.app.said
        keeper = talk.app.anchor.keeper
        assert keeper is not None
        assert (await keeper.standing()).sound


async def test_the_second_yes_sends(place: Place, smtp_server: SmtpServer) -> None:
    """Restored twice, and the go given first: it goes out at the second yes, and only once."""
    async with sitting(with_mail(place, smtp_server)) as talk:
        await talk.say(WISH)
        backup = Backup(place)
    backup.put_back()
    async with sitting(place) as talk:
        await talk.say("note: something else")
    backup.put_back()
    async with sitting(place) as talk:
        await talk.say("/resume")
        await talk.say("accept")
        assert not smtp_server.mails
        assert "Sent" in await talk.say("accept")
    assert len(smtp_server.mails) == 1


async def test_reminders_hold_until_the_go(place: Place) -> None:
    """A reminder that is due waits, also over a restart; `/resume` lets it come at once."""
    clock = FakeClock()
    async with sitting(place, Overrides(clock=clock)) as talk:
        await talk.say("remind me in 2 hours to stretch")
        backup = Backup(place)
        await talk.say("note: more")
    backup.put_back()
    clock.advance(3 * 3600)
    for _ in range(2):
        async with sitting(place, Overrides(clock=clock)) as talk:
            assert HELD in talk.app.said
            assert talk.said == []
    async with sitting(place, Overrides(clock=clock)) as talk:
        before = asyncio.get_running_loop().time()
        assert "Reminders go on" in await talk.say("/resume")
        while not talk.said:
            await asyncio.sleep(0)
            assert asyncio.get_running_loop().time() - before < 20
        (said,) = talk.said
        assert said.startswith("Reminder: stretch (was due ")
        assert "it may have come before" in said


@pytest.mark.parametrize("place_writable", [True, False])
async def test_death_on_the_way_into_it(
    place: Place,
    smtp_server: SmtpServer,
    monkeypatch: pytest.MonkeyPatch,
    place_writable: bool,  # noqa: FBT001 - a parameter
) -> None:
    """Killed when the doubt is in the anchor and not on the log yet, or the other way round."""
    async with sitting(with_mail(place, smtp_server)) as talk:
        await talk.say(WISH)
        backup = Backup(place)
        await talk.say("accept")
    backup.put_back()
    anchor = place.data.with_name("data.anchor")
    early = {path: path.read_bytes() for path in (anchor, *_copies())}

    class Killed(BaseException):
        pass

    async def die(*_args: object) -> bool:
        raise Killed

    if place_writable:
        with monkeypatch.context() as patch:
            patch.setattr("bot.wiring.anchor.enter_for", die)
            with pytest.raises(Killed):
                async with build_app(place.config()):
                    pass
    else:
        async with sitting(place):
            pass
        for path, data in early.items():
            path.write_bytes(data)
    async with sitting(place) as talk:
        assert HELD in talk.app.said
        await talk.say("accept")
        assert talk.card.kind == "unknown"
        assert len(await talk.events("log.restored.v1")) == 1
    assert len(smtp_server.mails) == 1


def _copies() -> list[Path]:
    import os

    return list((Path(os.environ["XDG_STATE_HOME"]) / "equerry" / "anchors").glob("*.json"))


async def test_the_go_outlives_a_kill_before_the_anchor(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Accepted on the log and not in the anchor yet: the next start does that."""
    async with sitting(place) as talk:
        await talk.say("note: one")
        backup = Backup(place)
        await talk.say("note: two")
    backup.put_back()
    async with sitting(place) as talk:
        with monkeypatch.context() as patch:
            patch.setattr("core.log.anchoring.AnchorKeeper.accept", _nothing)
            await talk.say("/resume")
    async with sitting(place) as talk:
        assert "All well." in await talk.say("/status")


async def _nothing(*_args: object) -> None:
    """Die before anything is written."""


@pytest.mark.parametrize("empty", [False, True])
async def test_what_is_said_again_is_done_again(
    place: Place,
    smtp_server: SmtpServer,
    empty: bool,  # noqa: FBT001 - a parameter
) -> None:
    """The same words at the same place of the log are no repeat to journals and mail servers."""
    async with sitting(with_mail(place, smtp_server)) as talk:
        backup = Backup(place)
        for at, words in ((20, "note: milk"), (60, WISH)):
            await fill_up_to(talk, at)
            await talk.say(words)
        await talk.say("accept")
    remove_database(place) if empty else backup.put_back_database()
    async with sitting(place) as talk:
        for at, words in ((20, "note: milk"), (60, WISH)):
            await fill_up_to(talk, at)
            await talk.say(words)
        await talk.say("accept")
        status = await talk.say("/status")
    assert place.note().read_text("utf-8").split() == ["milk", "milk"]
    first, second = (mail.message["Message-ID"] for mail in smtp_server.mails)
    assert first != second
    assert "All well." in status


async def test_a_journal_of_another_file_is_refused(place: Place) -> None:
    """The database put back alone beside the journal of a killed process: said, left, mended."""
    database = place.data / DATABASE
    journal = place.data / f"{DATABASE}-wal"
    async with sitting(place) as talk:
        await talk.say("note: one")
    older = database.read_bytes()
    async with sitting(place) as talk:
        for number in range(40):
            await talk.say(f"note: {number}")
    async with sitting(place) as talk:
        await talk.say("note: last")
        killed = journal.read_bytes()
    database.write_bytes(older)
    journal.write_bytes(killed)
    for lead in (True, False):
        with pytest.raises(StorageError, match=r"is damaged .* remove equerry.db-wal"):
            async with build_app(place.config(), lead=lead):
                pass
    assert (database.read_bytes(), journal.read_bytes()) == (older, killed)
    for path in place.data.glob(f"{DATABASE}-*"):
        path.unlink()
    async with sitting(place) as talk:
        assert HELD in talk.app.said


@pytest.mark.parametrize("empty", [False, True])
async def test_memory_is_of_the_log_that_is_there(
    place: Place,
    empty: bool,  # noqa: FBT001 - a parameter
) -> None:
    """The index beside a database that was put back is ahead of it: it is made anew, and grows."""
    async with sitting(place) as talk:
        await talk.say("remember that Ann's email is ann@x.com")
    backup = Backup(place)
    async with sitting(place) as talk:
        for number in range(4):
            await talk.say(f"remember that Bob{number}'s email is bob{number}@x.com")
    remove_database(place) if empty else backup.put_back_database()
    async with sitting(place) as talk:
        await talk.say("remember that Carl's email is carl@y.com")
        assert "carl@y.com" in await talk.say("what is Carl's email?")
        assert ("ann@x.com" in await talk.say("what is Ann's email?")) is not empty
        assert "bob2@x.com" not in await talk.say("what is Bob2's email?")
        assert (await talk.say("/memory")).count("carl@y.com") == 1


async def test_a_message_that_was_not_begun_is_asked_about(place: Place) -> None:
    """It came before the copy, and was done since: one card, and its accept finds it done."""
    async with build_app(place.config(), works=False) as app:
        await Sitting(app).hand_in("note: milk")
    backup = Backup(place)
    async with sitting(place):
        assert place.note().read_text("utf-8").split() == ["milk"]
    backup.put_back_database()
    async with sitting(place) as talk:
        assert "the log went backwards since this was asked for" in str(talk.card.items[0].ruling)
        await talk.say("accept")
        await talk.say("/resume")
        assert "All well." in await talk.say("/status")
    assert place.note().read_text("utf-8").split() == ["milk"]


async def test_a_permission_that_may_have_been_taken_back(tmp_path: Path) -> None:
    """Given before the copy and revoked since: it asks until the go, and says why."""
    place = Place(tmp_path / "place", ASK_FOR_NOTES)
    async with sitting(place) as talk:
        await talk.say("note: one")
        await talk.say("always")
        (given,) = await talk.events("grant.given.v1")
        backup = Backup(place)
        await talk.say("note: two")
        await talk.say(f"/grants revoke {given.payload['grant']}")
    backup.put_back()
    async with sitting(place) as talk:
        await talk.say("note: three")
        assert "you may have taken it back" in str(talk.card.items[0].ruling.reasons)
        assert place.note().read_text("utf-8").split() == ["one"]
        await talk.say("/resume log")
        await talk.say("note: four")
        assert place.note().read_text("utf-8").split() == ["one", "four"]


async def test_each_go_is_for_what_it_names(place: Place) -> None:
    """The clock, the log and the brake: the first two are let go alone, or all of them at once."""
    clock = FakeClock()
    async with sitting(place, Overrides(clock=clock)) as talk:
        await talk.say("/pause")
        backup = Backup(place)
        await talk.say("hello")
    backup.put_back()
    clock.jump(timedelta(days=3650))
    async with sitting(place, Overrides(clock=clock)) as talk:
        assert HELD in await talk.say("/resume clock")
        status = await talk.say("/status")
        assert HELD in status
        assert "Clock: " not in status
        assert "Reminders go on" in await talk.say("/resume log")
        status = await talk.say("/status")
        assert HELD not in status
        assert "Paused: " in status
        assert "Write /resume for all" in await talk.say("/resume it")
        assert "Nothing waits for that" in await talk.say("/resume clock")
        assert "Resumed" in await talk.say("/resume")
        assert "Paused: " not in await talk.say("/status")


def test_from_the_command_line(program: Program, smtp_server: SmtpServer) -> None:
    """`decide` before any start: asked once more, in `decide` itself and in the inbox."""
    place = with_mail(program.place, smtp_server)
    program.chat(WISH)
    backup = Backup(place)
    (card,) = [line["payload"]["card"] for line in program.events("--type", "card.opened.v1")]
    program.ok("decide", card, "accept")
    assert len(smtp_server.mails) == 1
    backup.put_back()
    said = program.ok("decide", card, "accept")
    assert "Asked once more: decide C" in said
    assert "may have been done already" in said
    assert len(smtp_server.mails) == 1


def test_the_go_before_any_start(program: Program, smtp_server: SmtpServer) -> None:
    """`verify --accept` is the first thing after the copy was put back: cards ask all the same."""
    place = with_mail(program.place, smtp_server)
    program.chat(WISH)
    backup = Backup(place)
    (card,) = [line["payload"]["card"] for line in program.events("--type", "card.opened.v1")]
    program.ok("decide", card, "accept")
    backup.put_back()
    assert program.run("verify").code == 1
    program.ok("verify", "--accept")
    assert "Asked once more: decide C" in program.ok("decide", card, "accept")
    assert len(smtp_server.mails) == 1


async def test_the_owner_is_asked_on_telegram(
    tmp_path: Path, telegram_server: TelegramServer
) -> None:
    """One message with a button, once however often it starts; the button is the go."""
    settings = {"token": telegram_server.token, "api_base": telegram_server.api_base}
    place = Place(tmp_path / "place", {"telegram": settings})
    owner = telegram_server.user(ADA, "Ada", "ada")
    phone = Phone(place, telegram_server, owner, telegram_server.private(owner))
    async with phone.running():
        await phone.pair()
    backup = Backup(place)
    async with phone.running():
        await phone.say("note: one", "Added")
    backup.put_back()
    for _ in range(2):
        async with phone.running():
            await phone.chat.wait_async("Restored: ")
            await phone.say("note: two", "Added")
    (asked,) = [one for one in phone.chat.messages if one.text.startswith("Restored")]
    async with phone.running():
        await owner.tap_async(asked, "Go on")
        await phone.chat.wait_async("Reminders go on")
        await phone.say("/status", "All well.")
