"""The profile on the log: read, changed at the version that was read, rolled back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.domain.erasable import Erasable
from core.domain.errors import BadInputError, UnknownThingError, VersionConflictError
from core.domain.events import NewEvent
from core.domain.events.memory import FieldChange, ProfileChanged
from core.domain.redaction import Redactor
from core.domain.sources import Source, Taint, merged
from core.memory.profile.edits import changes, difference
from core.memory.profile.live import LiveProfile
from core.memory.profile.model import OwnerProfile
from core.memory.profile.versions import Standing, Version, fold_versions, over, taint_of
from core.ports.event_log import EventLog, EventQuery
from core.ports.read_models import ReadModels, RowQuery
from core.projections.profile import FIELD, VERSION

STREAM = "profile"
TRIES = 50


@dataclass(frozen=True, slots=True)
class Author:
    """Who changes the profile, and why. The same `key` changes it once.

    `anew`: the author wrote the new values whole, so they keep no source of what was there before.
    """

    by: str
    key: str | None = None
    reason: str = ""
    sources: Taint = ()
    goal: str | None = None
    actor: str = "owner"
    anew: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """A change that is on the log: its version, and what differs in words.

    `again`: the change with this key was there before.
    """

    version: int
    lines: tuple[str, ...]
    again: bool = False


Edit = Callable[[OwnerProfile], OwnerProfile]


class ProfileBook:
    """Reads and writes the stream `profile`; what it writes is in use when it returns."""

    def __init__(
        self, log: EventLog, rows: ReadModels, redactor: Redactor, live: LiveProfile
    ) -> None:
        """Take the log and the profile that is in use."""
        self._log, self._rows, self._redactor, self.live = log, rows, redactor, live

    async def refresh(self) -> None:
        """Use what the log says by now."""
        self.live.take(await self._standing())

    async def change(self, edit: Edit, author: Author) -> Written | None:
        """Append a version with what `edit` changes; return None where it changes nothing.

        Raises what `edit` raises.
        """
        return await self._change(edit, author, None)

    async def rollback(self, number: int, author: Author) -> Written | None:
        """Append a version that equals version `number`; return None where nothing differs.

        Raises UnknownThingError for a version that is not there.
        """
        old = pick(await self.versions(), number)
        return await self._change(lambda _: old.profile, author, old)

    async def versions(self) -> list[Version]:
        """Return every version; the first values are number 0."""
        rows = await self._rows.find(RowQuery("profile", group=VERSION), limit=None)
        refs = [change["value"]["ref"] for row in rows for change in row.doc["changes"]]
        values = await self._log.values(refs)
        return fold_versions(self.live.first, (_version(row.doc, values) for row in rows))

    async def _change(self, edit: Edit, author: Author, old: Version | None) -> Written | None:
        for _ in range(TRIES):
            if author.key and (found := await self._found(author.key)):
                return found
            version = await self._log.version(STREAM)
            standing = await self._standing()
            before = over(self.live.first, standing.values)
            wanted = changes(before, edit(before))
            if not wanted:
                self.live.take(standing)
                return None
            cleaned: dict[str, Any] = self._redactor.redact(wanted)
            after = over(before, cleaned)
            sources = _sources(standing, (before, after), list(cleaned), (author, old))
            payload = ProfileChanged(
                version=version + 1,
                changes=tuple(
                    FieldChange(field=name, value=Erasable.of(value))
                    for name, value in cleaned.items()
                ),
                by=author.by,
                reason=self._redactor.text(author.reason),
                rolled_back_to=old.number if old else None,
                sources=sources,
            )
            if await self._append(payload, author):
                return Written(version + 1, tuple(difference(before, after)))
        raise VersionConflictError(STREAM, version, version + 1)

    async def _append(self, payload: ProfileChanged, author: Author) -> bool:
        """Append a version; return False where another one, or this very change, came first."""
        event = NewEvent(
            stream=STREAM, payload=payload, goal=author.goal, actor=author.actor, key=author.key
        )
        try:
            appended = await self._log.append([event], expect={STREAM: payload.version - 1})
        except VersionConflictError:
            return False
        if appended.duplicate:
            return False
        await self.refresh()
        return True

    async def _found(self, key: str) -> Written | None:
        events = await self._log.read(EventQuery(keys=(key,)), limit=1)
        if not events or events[0].type != ProfileChanged.wire:
            return None
        await self.refresh()
        number = events[0].payload["version"]
        versions = await self.versions()
        told = difference(versions[number - 1].profile, versions[number].profile)
        return Written(number, tuple(told), again=True)

    async def _standing(self) -> Standing:
        rows = await self._rows.find(RowQuery("profile", group=FIELD), limit=None)
        values = await self._log.values([row.doc["value"]["ref"] for row in rows])
        return Standing(
            version=max((row.doc["version"] for row in rows), default=0),
            values={row.doc["field"]: values.get(row.doc["value"]["ref"]) for row in rows},
            sources={
                row.doc["field"]: tuple(Source.model_validate(s) for s in row.doc["sources"])
                for row in rows
            },
        )


def pick(versions: list[Version], number: int) -> Version:
    """Return a version. Raises UnknownThingError naming those there are."""
    if 0 <= number < len(versions):
        return versions[number]
    message = f"The profile has no version {number}; there are 0 to {len(versions) - 1}."
    raise UnknownThingError(message)


def number_of(text: str) -> int:
    """Return the number of a version. Raises BadInputError."""
    plain = text.lower().removeprefix("v")
    if not (plain.isascii() and plain.isdecimal() and len(plain) < 10):  # noqa: PLR2004 - digits
        message = f"{text!r} is no version: write its number, as /profile history shows it."
        raise BadInputError(message)
    return int(plain)


def _sources(
    standing: Standing,
    profiles: tuple[OwnerProfile, OwnerProfile],
    names: list[str],
    who: tuple[Author, Version | None],
) -> Taint:
    """Return the outside sources of new values: of who gives them, and of what they keep."""
    author, old = who
    if old is not None:
        return merged(*(old.standing.sources.get(name, ()) for name in names))
    kept = () if author.anew else taint_of(standing, *profiles, names)
    return merged(author.sources, kept)


def _version(doc: dict[str, Any], values: dict[str, Any]) -> tuple[ProfileChanged, datetime]:
    told = [
        {**change, "value": {**change["value"], "value": values.get(change["value"]["ref"])}}
        for change in doc["changes"]
    ]
    at = datetime.fromisoformat(doc["at"])
    kept = {name: doc[name] for name in ProfileChanged.model_fields}
    return ProfileChanged.model_validate({**kept, "changes": told}), at
