"""The versions of the profile: a fold of its changes over the first values."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.domain.events.memory import ProfileChanged
from core.domain.sources import Taint, merged
from core.memory.profile.model import FIELDS, FREE_TEXT, LISTS, OwnerProfile, check_profile


@dataclass(frozen=True, slots=True)
class Standing:
    """What the log says of each field: its value (None: empty), and where that came from."""

    version: int = 0
    values: Mapping[str, Any] = field(default_factory=dict)
    sources: Mapping[str, Taint] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Version:
    """One version: the whole profile, who made it, when and why; 0 is what came first."""

    number: int
    profile: OwnerProfile
    standing: Standing
    at: datetime | None = None
    by: str = ""
    reason: str = ""
    rolled_back_to: int | None = None
    sources: Taint = ()


def changed(standing: Standing, change: ProfileChanged) -> Standing:
    """Return what stands after a change."""
    values = {one.field: one.value.value for one in change.changes}
    sources = dict.fromkeys(values, change.sources)
    return Standing(change.version, {**standing.values, **values}, {**standing.sources, **sources})


def over(first: OwnerProfile, values: Mapping[str, Any]) -> OwnerProfile:
    """Return the first values with what the log says in their place.

    A value that cannot be used here (a zone that this machine does not know) counts as not said.
    """
    told = {name: value for name, value in values.items() if name in FIELDS}
    made, _ = check_profile({**first.model_dump(), **told})
    if made is not None:
        return made
    usable = {name: value for name, value in told.items() if check_profile({name: value})[0]}
    return OwnerProfile.model_validate({**first.model_dump(), **usable})


def fold_versions(
    first: OwnerProfile, history: Iterable[tuple[ProfileChanged, datetime]]
) -> list[Version]:
    """Return every version in order; the place in the list is the number."""
    standing = Standing()
    versions = [Version(0, first, standing)]
    for change, at in history:
        standing = changed(standing, change)
        version = Version(
            number=change.version,
            profile=over(first, standing.values),
            standing=standing,
            at=at,
            by=change.by,
            reason=change.reason,
            rolled_back_to=change.rolled_back_to,
            sources=change.sources,
        )
        versions.append(version)
    return versions


def taint_of(
    standing: Standing, before: OwnerProfile, after: OwnerProfile, names: Sequence[str]
) -> Taint:
    """Return the outside sources of what the fields `names` still hold from before."""
    kept = (name for name in names if name in LISTS and _keeps(before, after, name))
    return merged(*(standing.sources.get(name, ()) for name in kept))


def _keeps(before: OwnerProfile, after: OwnerProfile, name: str) -> bool:
    old = getattr(before, name)
    return any(item in old for item in getattr(after, name))


def trusted(profile: OwnerProfile, standing: Standing) -> OwnerProfile:
    """Return the profile without the words that came from outside: they may go into no prompt."""
    outside = {name for name in FREE_TEXT if standing.sources.get(name)}
    return OwnerProfile.model_validate(profile.model_dump(exclude=outside))
