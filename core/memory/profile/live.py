"""The profile in use: one object that all parts of a running core look at, changed in place."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from core.memory.profile.hours import span
from core.memory.profile.model import FREE_TEXT, OwnerProfile
from core.memory.profile.told import about_owner, compact
from core.memory.profile.versions import Standing, over, trusted


class LiveZone(tzinfo):
    """The owner's zone while it can change.

    `astimezone` gives times that carry the plain zone of that moment, so that no time that was
    computed moves when the owner does.
    """

    def __init__(self, zone: tzinfo = UTC) -> None:
        """Begin in `zone`."""
        self.zone = zone

    @property
    def key(self) -> str:
        """The name of the zone, empty where it has none."""
        return str(getattr(self.zone, "key", ""))

    def utcoffset(self, at: datetime | None) -> timedelta | None:
        """Return the offset of now's zone."""
        return self.zone.utcoffset(at)

    def dst(self, at: datetime | None) -> timedelta | None:
        """Return the daylight saving of now's zone."""
        return self.zone.dst(at)

    def tzname(self, at: datetime | None) -> str | None:
        """Return the abbreviation of now's zone."""
        return self.zone.tzname(at)

    def fromutc(self, at: datetime) -> datetime:
        """Return the local time of a time in UTC, in the plain zone."""
        return at.replace(tzinfo=UTC).astimezone(self.zone)

    def __str__(self) -> str:
        return str(self.zone)


class LiveProfile:
    """The current profile over the first values, which the configuration gives."""

    def __init__(self, first: OwnerProfile | None = None, fallback: tzinfo = UTC) -> None:
        """Begin with the first values; `fallback` is the zone where the profile names none."""
        self.first = first or OwnerProfile()
        self._fallback = fallback
        self.zone = LiveZone(fallback)
        self.take(Standing())

    def take(self, standing: Standing) -> None:
        """Use what the log says from now on; what is older than what is known changes nothing."""
        if standing.version < getattr(self, "standing", standing).version:
            return
        self.standing = standing
        self.current = over(self.first, standing.values)
        self.trusted = trusted(self.current, standing)
        name = self.current.timezone
        self.zone.zone = ZoneInfo(name) if name else self._fallback
        self._quiet = span(self.current.quiet_hours or "")

    @property
    def version(self) -> int:
        """The number of the current version, 0 for the first values."""
        return self.standing.version

    @property
    def name(self) -> str:
        """The owner's name."""
        return self.trusted.name

    @property
    def company(self) -> str:
        """The company's name."""
        return self.trusted.company

    @property
    def zone_name(self) -> str:
        """The name of the zone in use."""
        return self.current.timezone or str(self._fallback)

    @property
    def voice(self) -> str:
        """How text in the owner's name is written."""
        return self.trusted.voice

    @property
    def brand_rules(self) -> Sequence[str]:
        """The owner's rules for text that goes out."""
        return self.trusted.brand_rules

    def lines(self, text: str) -> list[str]:
        """Return what the planner is told beside names, for a message `text`."""
        return [*compact(self.trusted), *about_owner(self.trusted, text)]

    def handles(self) -> list[str]:
        """Return what stands in a prompt for words of the profile that came from outside."""
        names = sorted(name for name in FREE_TEXT if self.standing.sources.get(name))
        return [f"[profile] {name}, with text from outside" for name in names]

    def quiet_until(self, now: datetime) -> datetime | None:
        """Return the end of the quiet hours that `now` is in; None outside of them."""
        return self._quiet.until(now.astimezone(self.zone)) if self._quiet else None
