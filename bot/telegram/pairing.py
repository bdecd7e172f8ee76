"""Pairing: a code that is printed once makes the first owner; everybody else needs their card."""

import logging
import secrets
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from adapters.chat.safe_text import safe_line
from core.access.register import Register
from core.domain.events.access import Standing
from core.domain.own_words import Own
from core.domain.sources import Source
from core.kernel import Kernel
from core.operations.proposing import Proposal, propose
from core.ports.event_log import EventQuery

ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
LENGTH = 10
MOST_WRONG, MOST_WRONG_IN_ALL = 5, 25
"""Wrong codes after which a user is not heard for a while, and after which the code changes."""
MOST_ASKED = 5
"""Strangers and groups that the owner is asked about in an hour."""
PAUSE = timedelta(hours=1)
logger = logging.getLogger(__name__)
REFUSAL = (
    "I am the assistant of somebody else and answer only them. If that should be you, start me "
    "with the code that was printed where I run: /start CODE."
)
WELCOME = Own(
    "You are paired: from now on I am your assistant here. Write what you need; /help lists what "
    "I can do."
)


class Pairing:
    """Knows the code while there is no owner."""

    def __init__(self, kernel: Kernel, register: Register) -> None:
        """Make owners in `register`."""
        self._kernel, self._register = kernel, register
        self.code: str | None = None
        self.tell: Callable[[str], None] = lambda _text: None
        """Says on the program's own screen what happens to the code."""
        self._wrong: Counter[str] = Counter()
        self._silent: dict[str, datetime] = {}
        self._asked: list[datetime] = []

    async def offer(self) -> str | None:
        """Return a new code where there is no owner yet, None where there is one."""
        if await self._register.owners():
            self.code = None
        else:
            self.code = _new_code()
        return self.code

    async def redeem(self, text: str, ident: str, name: str, key: str) -> bool:
        """Make a user the owner who sends `/start CODE` with the code; it works once.

        Wrong ones are counted: who sends several is not heard for an hour, and many change it.
        """
        words = text.split()
        if self.code is None or len(words) != 2 or words[0].lower() != "/start":  # noqa: PLR2004 - the command and the code
            return False
        if self._is_silenced(ident):
            return False
        if not secrets.compare_digest(words[1].upper().encode(), self.code.encode()):
            self._count(ident, name)
            return False
        await self._register.pair(ident, name, key)
        self.code = None
        return True

    def _is_silenced(self, ident: str) -> bool:
        now = self._kernel.clock.now()
        return now < self._silent.get(ident, datetime.min.replace(tzinfo=UTC)) <= now + PAUSE

    def _count(self, ident: str, name: str) -> None:
        self._wrong[ident] += 1
        if self._wrong[ident] % MOST_WRONG == 0:
            self._silent[ident] = self._kernel.clock.now() + PAUSE
            self.tell(
                f"{safe_line(name, 80)} sent {MOST_WRONG} wrong codes: no code from them counts "
                "for an hour."
            )
        if self._wrong.total() >= MOST_WRONG_IN_ALL:
            self._wrong.clear()
            self.code = _new_code()
            self.tell(
                f"{MOST_WRONG_IN_ALL} wrong codes were sent, so the code has changed. Send this, "
                f"once: /start {self.code}"
            )

    async def ask(self, standing: Standing, ident: str, name: str) -> None:
        """Ask the first owner by a card whether somebody may be let in; once, also after a no.

        Anybody may find a bot and start it, so only a few are asked about in an hour; the others
        are refused as before, and may ask again.
        """
        owners = await self._register.owners()
        channel = self._register.channel
        key = f"ask:{channel}:{standing}:{ident}"
        if not owners or not await self._may_ask(key):
            return
        what = "an owner" if standing == "owner" else "a group"
        proposal = Proposal(
            origin="access",
            title=f"Let {channel}:{ident} in as {what}",
            action="access.grant",
            args={"channel": channel, "standing": standing, "ident": ident, "name": name},
            mark=f"A{ident.lstrip('-')[-6:]}",
            sources=(Source(kind="chat", ref=f"{channel}:{ident}", title=name),),
        )
        await propose(
            self._kernel,
            f"{channel}:{owners[0]}",
            proposal,
            "stranger",
            key,
        )

    async def _may_ask(self, key: str) -> bool:
        """Whether this was not asked before, and not too much else just now; counts it then."""
        if await self._kernel.log.read(EventQuery(keys=(key,)), limit=1):
            return False
        now = self._kernel.clock.now()
        self._asked = [at for at in self._asked if abs(now - at) < PAUSE]
        if len(self._asked) >= MOST_ASKED:
            logger.warning("nobody more is asked about within this hour: %s", key)
            return False
        self._asked.append(now)
        return True


def _new_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
