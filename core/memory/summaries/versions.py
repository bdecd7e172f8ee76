"""The versions of summaries: the current one, all there were, going back, giving one out."""

from typing import Literal

from core.domain.base import Frozen
from core.domain.erasable import ERASED
from core.domain.errors import BadInputError, UnknownThingError
from core.domain.events import NewEvent
from core.domain.events.memory import SummaryRolledBack
from core.domain.sources import Source, Taint
from core.memory.summaries.scopes import stream_of
from core.ports.event_log import EventLog
from core.ports.read_models import ReadModels, Row, RowQuery
from core.projections.summaries import version_row


class Version(Frozen):
    """One version; `origin` is the version whose text it has, itself or one before a rollback.

    `text` is empty where it was erased. `events` are the ids of those it was made from.
    """

    scope: str
    version: int
    origin: int
    text: str
    until: int
    at: str
    made_by: Literal["model", "rules"]
    events: tuple[str, ...]
    sources: Taint
    erased: bool = False


class Versions:
    """Reads summaries, and takes them back."""

    def __init__(self, log: EventLog, rows: ReadModels) -> None:
        """Read from `rows`, with texts from `log`."""
        self._log, self._rows = log, rows

    async def current(self, scope: str) -> Version | None:
        """Return the summary of a scope as it is, None where there is none."""
        row = await self._rows.get("summaries", scope)
        return None if row is None else await self._version(row)

    async def get(self, scope: str, version: int) -> Version:
        """Return one version. Raises UnknownThingError where it does not exist."""
        row = await self._rows.get("summaries", version_row(scope, version))
        if row is None:
            message = f"This summary has no version {version}; /summary history lists them."
            raise UnknownThingError(message)
        return await self._version(row)

    async def history(self, scope: str) -> list[Version]:
        """Return every version, oldest first."""
        query = RowQuery("summaries", group=scope)
        return [await self._version(row) for row in await self._rows.find(query, limit=None)]

    async def projects(self) -> list[Row]:
        """Return the rows of the projects that have a summary, newest change first."""
        query = RowQuery("summaries", group="project", order="written", newest_first=True)
        return list(await self._rows.find(query, limit=None))

    async def scopes(self) -> list[str]:
        """Return what has a summary, in the order in which the summaries were last changed."""
        query = RowQuery("summaries", states=frozenset({"current"}), order="written")
        return [row.key for row in await self._rows.find(query, limit=None)]

    async def roll_back(self, scope: str, to: int, by: str, key: str | None = None) -> int:
        """Make version `to` the current one again, as a new version; return its number.

        Raises UnknownThingError, and BadInputError where nothing would change or the text is gone.
        """
        now, wanted = await self.current(scope), await self.get(scope, to)
        if now is None or wanted.origin == now.origin:
            message = f"The summary is what it was in version {to} already."
            raise BadInputError(message)
        if wanted.erased:
            message = f"The text of version {to} was erased, so it cannot be brought back."
            raise BadInputError(message)
        payload = SummaryRolledBack(scope=scope, version=now.version + 1, to=to, by=by)
        stream = stream_of(scope)
        event = NewEvent(stream=stream, payload=payload, actor=by, key=key)
        await self._log.append([event], expect={stream: now.version})
        return payload.version

    async def export_markdown(self, scope: str) -> str:
        """Return the current version as a Markdown page, empty where there is none."""
        found = await self.current(scope)
        if found is None:
            return ""
        head = f"# {scope}\n\nVersion {found.version}, {found.at}, made by {found.made_by}."
        return f"{head}\n\n{found.text}\n"

    async def citing(self, ref: str) -> list[str]:
        """Return the content references of every version that cites a message or goal."""
        query = RowQuery("summaries", states=frozenset({"version"}))
        rows = await self._rows.find(query, limit=None)
        values = await self._log.values([row.doc["text"]["ref"] for row in rows])
        wanted = f"[{ref}]"
        return sorted(name for name, text in values.items() if wanted in str(text))

    async def _version(self, row: Row) -> Version:
        doc = row.doc
        values = await self._log.values([doc["text"]["ref"]])
        text = values.get(doc["text"]["ref"])
        return Version(
            scope=doc["scope"],
            version=doc["version"],
            origin=doc["origin"],
            text="" if text is None else str(text),
            until=doc["until"],
            at=doc["at"],
            made_by=doc["made_by"],
            events=tuple(doc["events"]),
            sources=tuple(Source.model_validate(source) for source in doc["sources"]),
            erased=text is None or str(text) == ERASED,
        )
