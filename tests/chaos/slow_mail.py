"""A mail server that takes its time, so that a kill often falls into the middle of a mail."""

import asyncio
import random
from collections import Counter

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.servers.smtp import SmtpServer

SLOWEST_S = 0.15


class SlowMail(SmtpServer):
    """Waits before it keeps a mail, and again before it says so."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self._chance = chance

    async def handle_DATA(  # noqa: N802  (aiosmtpd looks for this name)
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Take one mail, slowly; a client that leaves before it is kept has sent nothing."""
        await asyncio.sleep(self._chance.uniform(0, SLOWEST_S))
        reply = await super().handle_DATA(server, session, envelope)
        await asyncio.sleep(self._chance.uniform(0, SLOWEST_S))
        return reply

    def operations(self) -> Counter[str]:
        """Return how many mails came for each operation."""
        return Counter(str(mail.message["X-Equerry-Operation"]) for mail in self.mails)

    def with_text(self, text: str) -> int:
        """Return how many mails have a line of exactly this text."""
        bodies = [mail.message.get_content() for mail in self.mails]
        return sum(text in str(body).splitlines() for body in bodies)
