"""The register of who may talk: read from the log's read models, written by code or by card."""

from datetime import datetime, timedelta

from core.domain.erasable import Erasable
from core.domain.events import NewEvent, Payload
from core.domain.events.access import AccessGranted, AccessMoved, AccessRefused
from core.kernel import Kernel
from core.ports.read_models import RowQuery
from core.projections.access import access_row

REFUSED_AGAIN = timedelta(hours=1)


def access_stream(channel: str) -> str:
    """Return the stream of who may talk on a chat app."""
    return f"access:{channel}"


class Register:
    """Owners and groups of one chat app; `configured` are owners by config."""

    def __init__(self, kernel: Kernel, channel: str, configured: frozenset[str]) -> None:
        """Read and write through `kernel`."""
        self._kernel, self.channel, self._configured = kernel, channel, configured

    async def is_owner(self, ident: str) -> bool:
        """Whether a user is an owner."""
        return ident in self._configured or await self._has("owner", ident)

    async def is_known_group(self, ident: str) -> bool:
        """Whether a group may be listened to; one that has moved may where it could before."""
        key = access_row(self.channel, "home", ident)
        home = await self._kernel.rows.get("access", key)
        return await self._has("group", home.doc["ident"] if home is not None else ident)

    async def moves(self) -> dict[str, str]:
        """Return the newest id of each group that has moved, by its first one."""
        query = RowQuery("access", group=self.channel, states=frozenset({"moved"}))
        rows = await self._kernel.rows.find(query, limit=None)
        return {row.doc["ident"]: row.doc["to"] for row in rows}

    async def move(self, ident: str, to: str) -> None:
        """Write down that a group has a new id."""
        payload = AccessMoved(channel=self.channel, ident=ident, to=to)
        await self._append(payload, f"moved:{self.channel}:{ident}:{to}")

    async def owners(self) -> list[str]:
        """Return the owners, those of the config first, then in the order of their pairing."""
        query = RowQuery("access", group=self.channel, states=frozenset({"granted"}))
        rows = await self._kernel.rows.find(query, limit=None)
        paired = sorted(
            (row for row in rows if row.doc["standing"] == "owner"),
            key=lambda row: int(row.doc["position"]),
        )
        return list(dict.fromkeys([*sorted(self._configured), *(r.doc["ident"] for r in paired)]))

    async def pair(self, ident: str, name: str, key: str) -> None:
        """Make a user an owner because of a pairing code."""
        payload = AccessGranted(
            channel=self.channel,
            standing="owner",
            ident=ident,
            name=Erasable.of(self._kernel.redactor.text(name)),
            how="code",
        )
        await self._append(payload, key)

    async def refuse(self, ident: str, conversation: str, key: str) -> bool:
        """Write down that a stranger is refused; return whether it is time to say so."""
        row = await self._kernel.rows.get("access", access_row(self.channel, "refused", ident))
        now = self._kernel.clock.now()
        if row is not None and now - datetime.fromisoformat(row.doc["at"]) < REFUSED_AGAIN:
            return False
        payload = AccessRefused(channel=self.channel, conversation=conversation, ident=ident)
        return await self._append(payload, key)

    async def _has(self, standing: str, ident: str) -> bool:
        row = await self._kernel.rows.get("access", access_row(self.channel, standing, ident))
        return row is not None and row.state == "granted"

    async def _append(self, payload: Payload, key: str) -> bool:
        event = NewEvent(
            stream=access_stream(self.channel), payload=payload, actor="stranger", key=key
        )
        return not (await self._kernel.log.append([event])).duplicate
