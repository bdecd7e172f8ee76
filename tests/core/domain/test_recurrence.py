"""Rules that come again: refused, bounded, and right over every change of the clocks."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain import recurrence
from core.domain.recurrence import LONGEST, STEPS, RuleError, check_rule, next_time, parse_rule

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)

EVERY_DAY = "BYDAY=MO,TU,WE,TH,FR,SA,SU"
EVERY_MINUTE = f"BYHOUR={','.join(map(str, range(24)))};BYMINUTE={','.join(map(str, range(60)))}"

NEVER = [
    "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=SECONDLY",
    "FREQ=MINUTELY;BYSECOND=0,30",
    "FREQ=DAILY;BYSECOND=1,2,3",
    "FREQ=DAILY;INTERVAL=0",
    "FREQ=YEARLY;INTERVAL=-1",
    "FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=MINUTELY;BYMONTH=4;BYMONTHDAY=31",
    "FREQ=MINUTELY;INTERVAL=2;BYMINUTE=1",
    "FREQ=HOURLY;INTERVAL=2;BYHOUR=10",
    "FREQ=MINUTELY;INTERVAL=60;BYHOUR=8;BYMINUTE=30",
    "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=DAILY;BYSETPOS=2",
    "FREQ=WEEKLY;INTERVAL=12;BYMONTH=5;BYDAY=MO;BYSETPOS=7",
    "FREQ=MONTHLY;BYMONTH=6;BYMONTHDAY=31",
    "FREQ=YEARLY;BYMONTH=5;BYWEEKNO=1",
    "FREQ=YEARLY;BYYEARDAY=366;BYMONTH=11",
    "FREQ=YEARLY;BYMONTHDAY=30;BYMONTH=2;COUNT=5",
    "FREQ=DAILY;BYHOUR=9;COUNT=99999999",
    f"FREQ=YEARLY;{EVERY_DAY};{EVERY_MINUTE};BYSETPOS=-1",
    f"FREQ=YEARLY;{EVERY_DAY};{EVERY_MINUTE};BYSETPOS=366;COUNT=99999999",
    "FREQ=DAILY;COUNT=0",
    "FREQ=DAILY;BYHOUR=24",
    "FREQ=DAILY;BYMONTHDAY=0",
    "FREQ=DAILY;UNTIL=20260230",
    "FREQ=DAILY;FREQ=DAILY",
    "FREQ=DAILY;BYEASTER=1",
    "FREQ=WEEKLY;BYDAY=" + ",".join(["MO"] * LONGEST),
    "FREQ=DAILY;INTERVAL=" + "9" * 900,
    "FREQ=DAILY;INTERVAL=٣",
    "",
    ";",
    "DTSTART:20260101T000000\nRRULE:FREQ=DAILY",
]


@pytest.mark.parametrize("rule", NEVER)
def test_a_rule_that_cannot_be_followed_is_refused(rule: str) -> None:
    """Nothing finer than a minute, no empty interval, no time that never comes, no other text."""
    with pytest.raises(RuleError):
        check_rule(parse_rule(rule), NOW, NOW, UTC)


RULES = [
    ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "2028-02-29 09:00"),
    ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO", "2044-02-29 09:00"),
    ("FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=29", "2028-02-29 00:00"),
    ("FREQ=MINUTELY;BYMONTH=2;BYMONTHDAY=29;BYHOUR=17;BYMINUTE=5", "2028-02-29 17:05"),
    ("FREQ=YEARLY;INTERVAL=100", "2126-11-02 09:00"),
    ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "2026-11-30 09:00"),
    ("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "2026-11-13 09:00"),
    ("FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO", "2026-12-28 09:00"),
    ("FREQ=MONTHLY;BYDAY=MO,-1FR", "2026-11-09 09:00"),
    ("rrule:freq=weekly;byday=mo;", "2026-11-09 09:00"),
    ("FREQ=MINUTELY", "2026-11-02 09:01"),
    (f"FREQ=YEARLY;{EVERY_DAY};{EVERY_MINUTE}", "2026-11-02 09:01"),
    (f"FREQ=MONTHLY;{EVERY_DAY};{EVERY_MINUTE};BYSETPOS=-1", "2026-11-30 23:59"),
    ("FREQ=DAILY;COUNT=2", "2026-11-03 09:00"),
    ("FREQ=MINUTELY;COUNT=999999999", "2026-11-02 09:01"),
    ("FREQ=DAILY;UNTIL=20261103", "2026-11-03 09:00"),
    ("FREQ=DAILY;UNTIL=20261103T085959Z", None),
    ("FREQ=DAILY;COUNT=1", None),
    ("FREQ=YEARLY;INTERVAL=9999", None),
    ("FREQ=DAILY;INTERVAL=999999999", None),
]


@pytest.mark.parametrize(("rule", "expected"), RULES)
def test_the_next_time_of_a_rule(rule: str, expected: str | None) -> None:
    """Rare days, ends and distant intervals are found; a rule that has ended has none."""
    found = check_rule(parse_rule(rule), NOW, NOW, UTC)
    assert (f"{found:%Y-%m-%d %H:%M}" if found else None) == expected


def listed(low: int, high: int, most: int = 3) -> st.SearchStrategy[str]:
    """Draw a list of numbers as a rule writes it."""
    numbers = st.integers(low, high).filter(lambda n: n != 0 or low == 0)
    return st.lists(numbers, min_size=1, max_size=most, unique=True).map(
        lambda found: ",".join(map(str, found))
    )


@st.composite
def any_rule(draw: st.DrawFn) -> str:
    """Draw a rule of days or longer, with times in every few years at least."""
    frequency = draw(st.sampled_from(["YEARLY", "MONTHLY", "WEEKLY", "DAILY"]))
    parts = {"FREQ": frequency, "INTERVAL": str(draw(st.integers(1, 3)))}
    days = st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"])
    if frequency in {"YEARLY", "MONTHLY"} and draw(st.booleans()):
        days = st.builds("{}{}".format, st.sampled_from([1, 2, 4, -1]), days)
    choices = {
        "BYMONTH": listed(1, 12),
        "BYHOUR": listed(0, 23),
        "BYMINUTE": listed(0, 59),
        "BYDAY": st.lists(days, min_size=1, max_size=3, unique=True).map(",".join),
        "COUNT": st.integers(1, 50).map(str),
        "WKST": days.filter(lambda day: len(day) == 2),
    }
    if frequency in {"YEARLY", "MONTHLY"}:
        choices["BYMONTHDAY"] = listed(-28, 28)
    wanted = draw(st.sets(st.sampled_from(list(choices)), max_size=3)) - {
        "WKST" if frequency != "WEEKLY" else ""
    }
    parts.update({name: draw(choices[name]) for name in sorted(wanted)})
    return ";".join(f"{name}={value}" for name, value in parts.items())


@settings(max_examples=150, deadline=None)
@given(rule=any_rule(), start=st.integers(0, 500_000), passed=st.integers(-10_000, 1_500_000))
def test_dateutil_finds_the_same(rule: str, start: int, passed: int) -> None:
    """Where the clocks do not change, the next time is the one of the reference implementation."""
    first = datetime(2026, 1, 1) + timedelta(minutes=start)  # noqa: DTZ001 - as dateutil wants it
    now = first + timedelta(minutes=passed)
    reference = (
        rrulestr(f"{rule};UNTIL=20500101T000000", dtstart=first)
        if ("COUNT" not in rule)
        else rrulestr(rule, dtstart=first)
    )
    expected = reference.after(now)
    try:
        found = next_time(parse_rule(rule), first.replace(tzinfo=UTC), now.replace(tzinfo=UTC), UTC)
    except RuleError:
        assert expected is None
    else:
        near = found is not None and found.year < 2050
        assert (found.replace(tzinfo=None) if found and near else None) == expected


ZONES = [
    "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia",
    "Africa/Casablanca", "America/Sao_Paulo", "Antarctica/Troll", "Atlantic/Azores",
    "Asia/Tehran", "America/Havana", "Asia/Gaza", "Pacific/Chatham",
]  # fmt: skip


def changes(name: str) -> list[datetime]:
    """Return when the clocks of a zone change between 2008 and 2028, to the hour."""
    zone, hour = ZoneInfo(name), timedelta(hours=1)
    found, at = [], datetime(2008, 1, 1, tzinfo=UTC)
    while at.year < 2028:
        day = at + timedelta(days=1)
        if at.astimezone(zone).utcoffset() != day.astimezone(zone).utcoffset():
            found += [
                at + n * hour
                for n in range(24)
                if (at + n * hour).astimezone(zone).utcoffset()
                != (at + (n + 1) * hour).astimezone(zone).utcoffset()
            ]
        at = day
    return found


CHANGES = {name: changes(name) for name in ZONES}
WALL = [
    "FREQ=DAILY",
    "FREQ=DAILY;BYHOUR=0,1,2,3,23;BYMINUTE=0,15,30,45",
    "FREQ=DAILY;INTERVAL=2;BYHOUR=2,3;BYMINUTE=30",
    "FREQ=WEEKLY;BYDAY=SA,SU;BYHOUR=0,2;BYMINUTE=30",
    "FREQ=MONTHLY;BYMONTHDAY=-1,1,30;BYHOUR=0,12",
    "FREQ=HOURLY;BYHOUR=1,2,3",
    "FREQ=MINUTELY;INTERVAL=20;BYHOUR=0,1,2",
]
PASSING = {
    "FREQ=HOURLY": 60,
    "FREQ=HOURLY;INTERVAL=5": 300,
    "FREQ=MINUTELY;INTERVAL=30": 30,
    "FREQ=MINUTELY;INTERVAL=45": 45,
}


@pytest.mark.parametrize("name", ZONES)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_no_time_is_lost_or_doubled_when_the_clocks_change(name: str, data: st.DataObject) -> None:
    """Around any change, whenever asked, the next time is the earliest of all that lie ahead."""
    # Each wall time of the rule is one moment: a skipped one is read with the offset before the
    # change, one that comes twice is its first (RFC 5545, 3.3.5). Hours and minutes just pass.
    zone = ZoneInfo(name)
    change = data.draw(st.sampled_from(CHANGES[name]))
    rule = data.draw(st.sampled_from([*WALL, *PASSING]))
    before = data.draw(st.integers(0, 3 * 24 * 60))
    first = change - timedelta(minutes=before)
    end = change + timedelta(days=4)
    if rule in PASSING:
        step = timedelta(minutes=PASSING[rule])
        times = [first + n * step for n in range((end - first) // step + 1)]
    else:
        local = first.astimezone(zone).replace(tzinfo=None)
        walls = rrulestr(rule, dtstart=local).between(local, local + timedelta(days=9), inc=True)
        times = sorted({wall.replace(tzinfo=zone).astimezone(UTC) for wall in walls})
    asked = [
        *(change + timedelta(minutes=n) for n in data.draw(st.lists(st.integers(-999, 999)))),
        *(at for at in times if at < end),
    ]
    for now in asked:
        found = next_time(parse_rule(rule), first, now, zone)
        assert found is not None
        assert found > now.astimezone(UTC)
        ahead = [at for at in times if at > now]
        if ahead and ahead[0] < end:
            assert found.astimezone(UTC) == ahead[0]


def test_what_the_clocks_skip_and_what_they_show_twice() -> None:
    """02:30 in Berlin: at 03:30 on the day without it, once on the day with two."""
    zone, rule = ZoneInfo("Europe/Berlin"), parse_rule("FREQ=DAILY;BYHOUR=2;BYMINUTE=30")
    first = datetime(2026, 1, 1, 2, 30, tzinfo=zone)
    spring = next_time(rule, first, datetime(2026, 3, 28, 12, tzinfo=UTC), zone)
    assert spring is not None
    assert spring.astimezone(UTC) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    autumn = next_time(rule, first, datetime(2026, 10, 24, 12, tzinfo=UTC), zone)
    assert autumn is not None
    assert autumn.astimezone(UTC) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    again = next_time(rule, first, datetime(2026, 10, 25, 1, 10, tzinfo=UTC), zone)
    assert again == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


def test_a_day_that_a_zone_skips_is_not_rung_twice() -> None:
    """Apia had no 30 December 2011: its reminder is the one of the 31st."""
    zone = ZoneInfo("Pacific/Apia")
    at: datetime | None = datetime(2011, 12, 28, 9, tzinfo=zone)
    rung = []
    for _ in range(3):
        assert at is not None
        at = next_time(parse_rule("FREQ=DAILY"), datetime(2011, 12, 1, 9, tzinfo=zone), at, zone)
        rung.append(f"{at:%d %H:%M}")
    assert rung == ["29 09:00", "31 09:00", "01 09:00"]


COSTS = [
    f"FREQ=YEARLY;{EVERY_DAY};{EVERY_MINUTE}",
    "FREQ=MINUTELY",
    "FREQ=MINUTELY;COUNT=999999999",
    "FREQ=HOURLY;INTERVAL=7",
    "FREQ=MINUTELY;BYHOUR=9,10;BYMINUTE=0",
    "FREQ=DAILY;INTERVAL=3",
    "FREQ=WEEKLY;BYDAY=MO,TH",
    "FREQ=MONTHLY;BYDAY=-1FR",
    "FREQ=YEARLY",
]


@pytest.mark.parametrize("rule", COSTS)
def test_age_costs_nothing(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule of a century ago looks at about as many days as one of yesterday."""
    spent = 0
    spend = recurrence._Search._spend

    def counted(search: recurrence._Search, steps: int, *why: str) -> None:
        nonlocal spent
        spent += steps
        spend(search, steps, *why)

    monkeypatch.setattr(recurrence._Search, "_spend", counted)
    costs = []
    for years in (1, 100):
        spent = 0
        first = NOW.replace(year=NOW.year - years) + timedelta(minutes=5)
        assert next_time(parse_rule(rule), first, NOW, ZoneInfo("Europe/Berlin")) is not None
        costs.append(spent)
    assert costs[1] <= 2 * max(costs[0], 100) < STEPS / 2


@given(text=st.text(alphabet="FREQ=DAILYWKHOUBMNTSP;,-+0123456789 \n", max_size=80))
def test_any_text_is_a_rule_or_refused(text: str) -> None:
    """Whatever stands there is followed or refused with a sentence, within the bound."""
    with suppress(RuleError):
        found = check_rule(parse_rule(text), NOW, NOW, UTC)
        assert found is None or found > NOW


def test_the_times_of_a_rule_go_up() -> None:
    """Half an hour of daylight saving: every hour rings, none twice."""
    zone = ZoneInfo("Australia/Lord_Howe")
    first = datetime(2026, 4, 4, 10, 15, tzinfo=UTC)
    rule, at, rung = parse_rule("FREQ=HOURLY;BYMINUTE=15"), first, [first]
    for _ in range(12):
        found = next_time(rule, first, at, zone)
        assert found is not None
        at = found
        rung.append(at)
    gaps = {later - earlier for earlier, later in pairwise(rung)}
    assert gaps <= {timedelta(minutes=30), timedelta(hours=1), timedelta(minutes=90)}
