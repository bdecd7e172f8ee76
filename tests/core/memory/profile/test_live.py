from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.memory.profile.hours import working_hours
from core.memory.profile.live import LiveProfile
from core.memory.profile.model import OwnerProfile
from core.memory.profile.told import about_owner, compact
from core.memory.profile.versions import Standing

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
FULL = OwnerProfile.model_validate(
    {
        "roles": ["founder"],
        "voice": "plain\nand " + "brief " * 50,
        "working_hours": "Mon-Fri 09:00-18:00",
        "preferences": [f"preference number {n}, about topic{n} and more" for n in range(10)],
        "people": [{"name": f"Person{n} Meyer{n}", "about": "somebody" * 8} for n in range(10)],
        "clients": [{"name": "Globex", "contact": "bob@globex.example"}],
    }
)


def test_the_zone_changes_for_all_who_hold_it() -> None:
    """And a time that was computed before keeps its instant."""
    live = LiveProfile(fallback=ZoneInfo("Europe/Berlin"))
    zone = live.zone
    before = NOON.astimezone(zone)
    live.take(Standing(1, {"timezone": "Asia/Tokyo"}))
    assert (before.hour, NOON.astimezone(zone).hour) == (14, 21)
    assert before == NOON
    assert (zone.key, str(zone), live.zone_name) == ("Asia/Tokyo", "Asia/Tokyo", "Asia/Tokyo")
    local = datetime(2026, 7, 1, 9, tzinfo=zone)
    assert (local.utcoffset(), local.dst(), local.tzname()) == (
        timedelta(hours=9),
        timedelta(0),
        "JST",
    )
    live.take(Standing(2, {"timezone": None}))
    assert NOON.astimezone(zone).hour == 14


def test_quiet_hours_follow_the_profile() -> None:
    """In the zone of the moment, and never where there are none."""
    live = LiveProfile(OwnerProfile(quiet_hours="22:00-07:00"))
    night = datetime(2026, 7, 1, 23, tzinfo=UTC)
    assert live.quiet_until(night) == datetime(2026, 7, 2, 7, tzinfo=UTC)
    live.take(Standing(1, {"timezone": "America/New_York"}))
    assert live.quiet_until(night) is None
    live.take(Standing(2, {"timezone": "UTC", "quiet_hours": None}))
    assert live.quiet_until(night) is None


def test_a_value_that_cannot_be_used_here_stops_nothing() -> None:
    """A zone that this machine does not know is passed over, alone."""
    live = LiveProfile(OwnerProfile(name="Ada"))
    live.take(Standing(1, {"timezone": "Mars/Olympus", "company": "Acme", "gone": 5}))
    assert (live.company, live.zone_name) == ("Acme", "UTC")


def test_a_prompt_is_told_little() -> None:
    """One line always; of long lists what is mentioned, of short ones all; never much."""
    (line,) = compact(FULL)
    assert line.startswith("Profile: roles founder · works Mon-Fri 09:00-18:00 · voice plain and")
    assert len(line) <= 240
    assert about_owner(FULL, "hi") == ["Client: Globex <bob@globex.example>"]
    told = about_owner(FULL, "write to Meyer3 about topic5")
    assert [line.split()[0] for line in told] == ["Person:", "Preference:", "Client:"]
    assert told[0].startswith("Person: Person3 Meyer3")
    everybody = about_owner(FULL, " ".join(f"Meyer{n} topic{n}" for n in range(10)))
    assert len("\n".join(everybody)) <= 480
    assert compact(OwnerProfile()) == about_owner(OwnerProfile(), "hi") == []


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("9:00-18:00", "09:00-18:00"),
        ("monday - friday 9:00-18:00; SAT 10:00-12:00", "Mon-Fri 09:00-18:00; Sat 10:00-12:00"),
        ("Mon, Wed 9:00-12:00", "Mon,Wed 09:00-12:00"),
        ("Mon-Tue-Wed 9:00-12:00", None),
        ("M 9:00-12:00", None),
        ("9-18", None),
        ("", None),
        ("Mon 9:00-9:00", None),
    ],
)
def test_working_hours_have_one_form(text: str, form: str | None) -> None:
    """Days by their beginning, hours with minutes; written once more it stays the same."""
    assert working_hours(text) == form
    assert form is None or working_hours(form) == form
