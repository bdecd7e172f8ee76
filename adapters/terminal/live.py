"""What changes above the input line: streamed text, work going on, the newest open card."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from rich.text import Text

from adapters.chat.cards import Look
from adapters.chat.safe_text import safe_line
from adapters.terminal.draw import WIDEST, Painter, card_panel, cropped, words
from core.ports.chat_surface import CardView, Progress

_FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_BODY_LINES = (12, 6, 3, 1)
_CARD_FOOT = 3
_TAIL_CHARACTERS = 4000
ABOVE = "it stands above, and /why {card} shows it again"
_SETTLE = timedelta(seconds=0.6)


class Live:
    """The state of the live region. Cards are kept in order of opening, the newest is drawn."""

    def __init__(self, painter: Painter) -> None:
        self._painter = painter
        self._cards: dict[str, CardView] = {}
        self._status: dict[str, str] = {}
        self._streams: dict[str, str] = {}
        self._steps: dict[str, str] = {}
        self._replaced_at: datetime | None = None
        self._cache: tuple[object, str] | None = None
        self._version = 0
        self.goals: dict[str, None] = {}
        self.frame = 0
        self.working = 0

    @property
    def newest(self) -> CardView | None:
        """The card that is drawn and that keys act on."""
        return next(reversed(self._cards.values()), None)

    @property
    def cards(self) -> tuple[str, ...]:
        """The open cards, the newest first."""
        return tuple(reversed(self._cards))

    @property
    def busy(self) -> bool:
        """Whether work goes on."""
        return bool(self.working or self._status or self._streams)

    def card(self, name: str) -> CardView | None:
        """Return an open card."""
        return self._cards.get(name)

    def takes_keys(self, now: datetime) -> bool:
        """Return whether a key may act: not right after another card took the place of one."""
        return self._replaced_at is None or now - self._replaced_at >= _SETTLE

    def open(self, view: CardView, now: datetime) -> None:
        """Show an open card in place of the one that was drawn."""
        if self._cards and view.card not in self._cards:
            self._replaced_at = now
        self._cards[view.card] = view
        self.done(view.goal)
        self._note_goal(view.goal)

    def refresh(self, view: CardView) -> None:
        """Draw an open card as it is now, in its place among the others."""
        if view.card in self._cards:
            self._cards[view.card] = view
            self._version += 1

    def close(self, card: str) -> None:
        """Take a card away."""
        self._cards.pop(card, None)
        self._version += 1

    def keep_only(self, views: Iterable[CardView], now: datetime) -> None:
        """Set the open cards to what the application says they are."""
        views = list(views)
        for gone in self._cards.keys() - {view.card for view in views}:
            self.close(gone)
        for view in views:
            self.open(view, now)

    def progress(self, progress: Progress) -> None:
        """Take a sign of progress; of steps it is told how many are done."""
        if progress.is_end:
            self._steps.pop(progress.goal, None)
            self._version += 1
            return
        if progress.steps:
            done = sum(step.state == "done" for step in progress.steps)
            self._steps[progress.goal] = f"{done} of {len(progress.steps)} done"
        if progress.status:
            self._status[progress.goal] = safe_line(progress.status, 60)
        if progress.delta:
            text = self._streams.get(progress.goal, "") + progress.delta
            self._streams[progress.goal] = text[-_TAIL_CHARACTERS:]
        self._note_goal(progress.goal)
        self._version += 1

    def done(self, goal: str | None) -> None:
        """Forget the work of a goal: its outcome is on the screen."""
        if goal is not None:
            self._status.pop(goal, None)
            self._streams.pop(goal, None)
            self._steps.pop(goal, None)
        self._version += 1

    def rest(self) -> None:
        """Forget all work: nothing goes on."""
        self._status.clear()
        self._streams.clear()
        self._steps.clear()
        self._version += 1

    def draw(self, columns: int, rows: int, look: Look) -> str:
        """Return the region as terminal text that leaves room for the input; empty at rest."""
        key = (columns, rows, self._version, self.frame if self.busy else 0)
        if self._cache is None or self._cache[0] != key:
            self._cache = (key, "\n".join(self._lines(columns, rows, look)))
        return self._cache[1]

    def has_room(self, view: CardView, size: tuple[int, int], look: Look) -> bool:
        """Return whether a whole card, its body to the end, fits above the input line."""
        columns, rows = size
        panel = card_panel(view, look, keys=True)
        drawn = self._painter.ansi(panel, min(columns - 1, WIDEST)).splitlines()
        return len(drawn) <= _room(rows)

    def _lines(self, columns: int, rows: int, look: Look) -> list[str]:
        room = _room(rows)
        lines: list[str] = []
        if self.newest is not None:
            lines = self._card_lines(self.newest, min(columns - 1, WIDEST), room, look)
        if self.busy:
            lines = self._work_lines(columns - 1, max(room - len(lines), 1)) + lines
        return lines

    def _work_lines(self, columns: int, room: int) -> list[str]:
        drawn: list[str] = []
        for text in self._streams.values():
            drawn += self._painter.ansi(words(text), columns - 2).splitlines()
        tail = [f"  {line}" for line in drawn[-min(room - 1, 12) :]] if room > 1 else []
        told = [*self._steps.values(), *self._status.values()]
        status = " · ".join(dict.fromkeys(told)) or "working"
        spinner = _FRAMES[self.frame % len(_FRAMES)]
        line = Text(f"{spinner} {status}…", no_wrap=True, overflow="ellipsis")
        return [*tail, *self._painter.ansi(line, columns).splitlines()]

    def _card_lines(self, view: CardView, columns: int, room: int, look: Look) -> list[str]:
        drawn: list[str] = []
        for body_lines in _BODY_LINES:
            shorter = replace(look, body_lines=body_lines, whole=ABOVE)
            panel = card_panel(view, shorter, keys=True)
            drawn = self._painter.ansi(panel, columns).splitlines()
            if len(drawn) <= room:
                break
        return cropped(drawn, room, _CARD_FOOT, f"/why {view.card}")

    def _note_goal(self, goal: str | None) -> None:
        if goal:
            self.goals.pop(goal, None)
            self.goals[goal] = None


def _room(rows: int) -> int:
    """Return the rows that a card may take: the input line, its menu and the toolbar need four."""
    return max(rows - 4, 3)
