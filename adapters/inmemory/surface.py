"""A chat surface that keeps what it was shown: for tests, and for work without a reader."""

from collections import deque
from collections.abc import Sequence

from core.domain.errors import EquerryError, RefusedError
from core.domain.inbound import Attachment
from core.ports.chat_surface import CardView, Outbound, Progress


class RecordingSurface:
    """Records everything in order.

    `failures` are raised, one per call of `send` or `show_card`, before anything is recorded: a
    TransientError stands for "surely not sent", an OutcomeUnknownError for "may have been sent",
    None for a call that goes well.
    """

    follows_results = False

    def __init__(
        self, channel: str = "memory", failures: Sequence[EquerryError | None] = ()
    ) -> None:
        self.channel = channel
        self.failures = deque(failures)
        self.sent: list[Outbound] = []
        self.shown: list[CardView] = []
        self.updated: list[tuple[CardView, str]] = []
        self.progressed: list[Progress] = []
        self.files: dict[str, bytes] = {}

    @property
    def texts(self) -> list[str]:
        """The texts of the messages sent, in order."""
        return [outbound.text for outbound in self.sent]

    async def send(self, outbound: Outbound) -> str:
        """Record a message; return a receipt."""
        self._fail()
        self.sent.append(outbound)
        return f"{self.channel}-{len(self.sent)}"

    async def show_card(self, view: CardView) -> str:
        """Record a card; return a receipt."""
        self._fail()
        self.shown.append(view)
        return f"{self.channel}-card-{len(self.shown)}"

    async def update_card(self, view: CardView, receipt: str) -> None:
        """Record what became of a card."""
        self.updated.append((view, receipt))

    async def fetch(self, attachment: Attachment) -> bytes:
        """Return the file that was put into `files` under its reference."""
        self._fail()
        if attachment.ref not in self.files:
            message = "This file is not there any more; send it again, please."
            raise RefusedError(message)
        return self.files[attachment.ref]

    def progress(self, progress: Progress) -> None:
        """Record a sign of progress."""
        self.progressed.append(progress)

    def _fail(self) -> None:
        failure = self.failures.popleft() if self.failures else None
        if failure is not None:
            raise failure
