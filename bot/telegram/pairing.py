"""Pairing: a code that is printed once makes the first owner; everybody else needs their card."""

import secrets

from core.access.register import Register
from core.domain.events.access import Standing
from core.domain.sources import Source
from core.kernel import Kernel
from core.operations.proposing import Proposal, propose

ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
LENGTH = 10
REFUSAL = (
    "I am the assistant of somebody else and answer only them. If that should be you, start me "
    "with the code that was printed where I run: /start CODE."
)
WELCOME = (
    "You are paired: from now on I am your assistant here. Write what you need; /help lists what "
    "I can do."
)


class Pairing:
    """Knows the code while there is no owner."""

    def __init__(self, kernel: Kernel, register: Register) -> None:
        """Make owners in `register`."""
        self._kernel, self._register = kernel, register
        self.code: str | None = None

    async def offer(self) -> str | None:
        """Return a new code where there is no owner yet, None where there is one."""
        if await self._register.owners():
            self.code = None
        else:
            self.code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
        return self.code

    async def redeem(self, text: str, ident: str, name: str, key: str) -> bool:
        """Make a user the owner who sends `/start CODE` with the code; it works once."""
        words = text.split()
        if self.code is None or len(words) != 2 or words[0].lower() != "/start":  # noqa: PLR2004 - the command and the code
            return False
        if not secrets.compare_digest(words[1].upper().encode(), self.code.encode()):
            return False
        await self._register.pair(ident, name, key)
        self.code = None
        return True

    async def ask(self, standing: Standing, ident: str, name: str) -> None:
        """Ask the first owner by a card whether somebody may be let in; once, also after a no."""
        owners = await self._register.owners()
        if not owners:
            return
        channel = self._register.channel
        what = "an owner" if standing == "owner" else "a group"
        proposal = Proposal(
            origin="access",
            title=f"Let {name} in as {what}"[:200],
            action="access.grant",
            args={"channel": channel, "standing": standing, "ident": ident, "name": name[:100]},
            mark=f"A{ident.lstrip('-')[-6:]}",
            sources=(Source(kind="chat", ref=f"{channel}:{ident}", title=name[:60]),),
        )
        await propose(
            self._kernel,
            f"{channel}:{owners[0]}",
            proposal,
            "stranger",
            f"ask:{channel}:{standing}:{ident}",
        )
