"""Where groups are now: one that becomes a supergroup has another id, and is the same group."""

from collections.abc import Awaitable, Callable, Iterator, Mapping

from adapters.telegram.places import Place
from core.domain.errors import UndeliverableError

Follow = Callable[[str, str], Awaitable[None]]


async def _nobody(_chat: str, _to: str) -> None:
    """Follow no group."""


class Homes:
    """The newest id of each group that has another one by now."""

    def __init__(self) -> None:
        """Know of none; `told` is called when a call learns of one, and calls `learn`."""
        self._newest: dict[str, str] = {}
        self.told: Follow = _nobody

    def learn(self, moves: Mapping[str, str]) -> None:
        """Know where groups are, by their first id."""
        self._newest.update(moves)

    def __iter__(self) -> Iterator[str]:
        """Return the first ids of the groups that have moved."""
        return iter(list(self._newest))

    def now(self, place: Place) -> Place:
        """Return where a place is now."""
        return place._replace(chat=self._newest.get(place.chat, place.chat))

    def named(self, place: Place) -> Place:
        """Return a place of today with the name that its conversation has always had."""
        known = self._newest.items()
        return place._replace(named=next((old for old, new in known if new == place.chat), ""))

    async def follow(self, chat: str, to: str) -> None:
        """Learn that a group has moved. Raises UndeliverableError where it cannot be followed."""
        await self.told(chat, to)
        if self._newest.get(chat) != to:
            message = f"Telegram says that {chat} has moved to {to}, which cannot be followed."
            raise UndeliverableError(message)
