import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.chaos import account as accounts
from tests.chaos.account import Account
from tests.chaos.program import Program, any_moment
from tests.chaos.slow_mail import SlowMail
from tests.chaos.story import KINDS, Message, answers, script, story
from tests.conftest import Chaos


class Owner:
    """Writes one story after the other to one program until it was killed often enough."""

    def __init__(self, program: Program, mail: SlowMail, chance: random.Random) -> None:
        self.program, self.mail = program, mail
        self._chance = chance
        self.messages: list[Message] = []
        self.keys: dict[str, str] = {}
        self.kills = 0
        self.asked = 0
        self._last = (Path(), "")
        self._newest: list[Message] = []

    def tell(self, count: int, kills: int, typical: tuple[float, float]) -> None:
        """Write a story of `count` messages, killed until there were `kills` or it has ended.

        `typical` are the seconds of a start-up and of a whole life.
        """
        half = (self.kills + kills + 1) // 2
        self._endure(self._begin(count), half, typical)
        self._endure(self._answers(), kills, typical)

    def _endure(self, told: tuple[Path, str], kills: int, typical: tuple[float, float]) -> None:
        """Let a script run to its end, killed until there were `kills`."""
        while self.kills < kills:
            if not self.program.killed(*told, any_moment(self._chance, *typical)):
                return
            self.kills += 1
        self.program.finish(*told)

    def measure(self, count: int) -> tuple[float, float]:
        """Write a story undisturbed; return the seconds of a start without work, and of it all."""
        life_s = self.program.finish(*self._begin(count))
        told = self._answers()
        life_s += self.program.finish(*told)
        return self.program.finish(*told), life_s

    def settle(self) -> Account:
        """Answer every question about a mail in doubt by looking at the mail server."""
        account = Account(self.program, self.mail)
        there = self.mail.operations()
        for card, operation in accounts.open_unknown(account):
            self.asked += 1
            self.program.ask("decide", card, "reject" if there[operation] else "accept")
        self.program.finish(*self._last)
        return Account(self.program, self.mail)

    def _begin(self, count: int) -> tuple[Path, str]:
        session = f"story{len(self.messages)}"
        messages = story(len(self.messages), count, self._chance)
        for line, message in enumerate(messages, 1):
            self.keys[message.token] = f"in:terminal:script:{session}:{line}"
        self.messages += messages
        self._newest = messages
        return self._write(session, script(messages))

    def _answers(self) -> tuple[Path, str]:
        """Return the script that answers the cards of the newest story."""
        cards = accounts.cards_by_token(Account(self.program, self.mail), self._newest)
        return self._write(f"{self._last[1]}answers", answers(self._newest, cards))

    def _write(self, session: str, lines: str) -> tuple[Path, str]:
        script_file = self.program.folder / f"{session}.txt"
        script_file.write_text(lines, encoding="utf-8")
        self._last = script_file, session
        return self._last


@pytest.fixture
def owners(tmp_path: Path, chaos: Chaos) -> Iterator[Callable[[str], Owner]]:
    """Give owners, each with a program and a mail server."""
    chance = random.Random(chaos.seed)
    with SlowMail(chance) as mail:
        yield lambda name: Owner(Program(tmp_path / name, mail.port), mail, chance)


def _check(owner: Owner, account: Account) -> None:
    accounts.check_messages(account, owner.messages, owner.keys)
    accounts.check_effects(account, owner.messages)
    accounts.check_cards(account, owner.messages)
    accounts.check_reminders(account)
    accounts.check_repeats(account)
    accounts.check_store(account)


@pytest.mark.timeout(7200)
def test_killed_at_any_moment_it_does_everything_once(
    owners: Callable[[str], Owner], chaos: Chaos, record_property: Callable[[str, object], None]
) -> None:
    """However often it is killed: one answer a message, one effect a yes, no card lost."""
    calm = owners("calm")
    few = min(chaos.messages, len(KINDS))
    start_s, life_s = calm.measure(few)
    typical = start_s, start_s + (life_s - start_s) * chaos.messages / few
    _check(calm, calm.settle())
    calm.mail.mails.clear()
    owner = owners("killed")
    while owner.kills < chaos.kills:
        owner.tell(chaos.messages, chaos.kills, typical)
    _check(owner, account := owner.settle())
    record_property("kills", owner.kills)
    print(  # noqa: T201 - what `make chaos` tells
        f"\nseed {chaos.seed}: {owner.kills} kills over {len(owner.messages)} messages, "
        f"{len(account.events)} events; {owner.asked} mails in doubt were asked about, "
        f"{sum(sent['repeat'] for sent in account.payloads('message.sent'))} replies said again"
    )
