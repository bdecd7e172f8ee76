"""Times in words: a table of phrases, and what no phrase may do."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.when.words import WordsWhen
from core.domain.errors import BadInputError

BERLIN = ZoneInfo("Europe/Berlin")
# A Monday evening.
NOW = datetime(2026, 11, 23, 18, 25, tzinfo=BERLIN)

PHRASES = """
friday 9am                      2026-11-27 09:00
Friday, 9 a.m.                  2026-11-27 09:00
friday 9                        2026-11-27 09:00
this friday at 9                2026-11-27 09:00
by friday                       2026-11-27 09:00
friday at 3                     2026-11-27 15:00
friday afternoon                2026-11-27 15:00
friday at noon                  2026-11-27 12:00
5 pm on friday                  2026-11-27 17:00
next friday at 9                2026-12-04 09:00
monday                          2026-11-30 09:00
monday at 9                     2026-11-30 09:00
monday at 9pm                   2026-11-23 21:00
monday next week                2026-11-30 09:00
tomorrow                        2026-11-24 09:00
tmrw                            2026-11-24 09:00
tomorrow morning                2026-11-24 09:00
tomorrow evening at 8           2026-11-24 20:00
noon tomorrow                   2026-11-24 12:00
the day after tomorrow at 10    2026-11-25 10:00
today                           2026-11-23 23:59
tonight                         2026-11-23 20:00
tonight at 9                    2026-11-23 21:00
noon                            2026-11-24 12:00
midnight                        2026-11-24 00:00
at 5pm                          2026-11-24 17:00
at 9                            2026-11-24 09:00
9:30                            2026-11-24 09:30
at 9.30                         2026-11-24 09:30
at 19:00                        2026-11-23 19:00
half past nine                  2026-11-24 09:30
quarter to 5                    2026-11-24 16:45
at 9 o'clock                    2026-11-24 09:00
12am                            2026-11-24 00:00
12:15pm                         2026-11-24 12:15
in 2 hours                      2026-11-23 20:25
in half an hour                 2026-11-23 18:55
in an hour                      2026-11-23 19:25
in 1.5 hours                    2026-11-23 19:55
in 2h 30m                       2026-11-23 20:55
in an hour and 20 minutes       2026-11-23 19:45
an hour and a half from now     2026-11-23 19:55
in a quarter of an hour         2026-11-23 18:40
in 45 seconds                   2026-11-23 18:25
in 3 days                       2026-11-26 18:25
in 3 days at 9                  2026-11-26 09:00
in a couple of days             2026-11-25 18:25
in two weeks                    2026-12-07 18:25
a fortnight from now            2026-12-07 18:25
on the 3rd                      2026-12-03 09:00
on the 23rd                     2026-12-23 09:00
the 31st                        2026-12-31 09:00
december 3rd at 4 pm            2026-12-03 16:00
25 Dec 14:00                    2026-12-25 14:00
25th of December                2026-12-25 09:00
1 march                         2027-03-01 09:00
29 feb                          2028-02-29 09:00
24.12.                          2026-12-24 09:00
2026-12-01                      2026-12-01 09:00
2026-12-01 at 14:00             2026-12-01 14:00
2026-12-01 14:00                2026-12-01 14:00
2026-12-01T10:00                2026-12-01 10:00
2026-12-01T10:00:00+01:00       2026-12-01 10:00
2026-12-01T10:00Z               2026-12-01 11:00
2020-01-01                      2020-01-01 09:00
2020-01-01T08:00                2020-01-01 08:00
next week                       2026-11-30 09:00
next month                      2026-12-01 09:00
weekend                         2026-11-28 09:00
end of month                    2026-11-30 09:00
by the end of next month        2026-12-31 09:00
end of the week                 2026-11-27 18:00
eod                             2026-11-23 23:59
every monday at 9               2026-11-30 09:00
every day at 8                  2026-11-24 08:00
every weekday at 8:30           2026-11-24 08:30
every 2 hours                   2026-11-23 20:25
every month on the 1st          2026-12-01 09:00
every tuesday and thursday at 9 2026-11-24 09:00
"""
TABLE = [line.rsplit(maxsplit=2) for line in PHRASES.strip().splitlines()]

REPEATS = [
    ("every monday at 9", "FREQ=WEEKLY;BYDAY=MO"),
    ("every tuesday and thursday at 9", "FREQ=WEEKLY;BYDAY=TU,TH"),
    ("every day at 8", "FREQ=DAILY"),
    ("daily at 7", "FREQ=DAILY"),
    ("every morning", "FREQ=DAILY"),
    ("every weekday at 8:30", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
    ("every week", "FREQ=WEEKLY"),
    ("every other week", "FREQ=WEEKLY;INTERVAL=2"),
    ("every 2 hours", "FREQ=HOURLY;INTERVAL=2"),
    ("every month on the 1st", "FREQ=MONTHLY"),
    ("every 15th at 10", "FREQ=MONTHLY"),
    ("every year", "FREQ=YEARLY"),
    ("every 3 months", "FREQ=MONTHLY;INTERVAL=3"),
    ("friday 9am", None),
]

NO_TIME = [
    "", " ", "banana", "10", "call bob", "25:00", "at 25", "31 feb", "13pm", "99:99", "every", "in",
    "in hours", "today at 9am", "yesterday", "11/12", "0th", "32nd", "2026-13-01", "every 0 days",
    "9999-99-99T99:99", "\x00", "🙂", "x" * 500, "in 9999 years", "everyday banana",
]  # fmt: skip


@pytest.mark.parametrize(("words", "day", "time"), TABLE)
def test_words_mean_a_time(words: str, day: str, time: str) -> None:
    """Each phrase of the table means its time, seen from Monday 23 November 2026, 18:25."""
    found = WordsWhen().parse(words.strip(), NOW, BERLIN)
    assert found.strftime("%Y-%m-%d %H:%M") == f"{day} {time}"
    assert found.tzinfo is BERLIN


@pytest.mark.parametrize("words", NO_TIME)
def test_what_is_no_time_is_refused(words: str) -> None:
    """Words that name no time, or only one that has passed, are BadInputError in a sentence."""
    with pytest.raises(BadInputError) as caught:
        WordsWhen().parse(words, NOW, BERLIN)
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(("words", "rule"), REPEATS)
def test_repetitions_have_a_rule(words: str, rule: str | None) -> None:
    """Repetitions become iCalendar rules, single times do not."""
    assert WordsWhen().repeat(words) == rule


def test_hours_that_the_clock_skips_are_moved_on() -> None:
    """In the night of the change to summer time half past two is half past three."""
    now = datetime(2027, 3, 27, 12, tzinfo=BERLIN)
    found = WordsWhen().parse("2027-03-28 02:30", now, BERLIN)
    assert found.isoformat() == "2027-03-28T03:30:00+02:00"


def test_hours_ahead_are_real_hours() -> None:
    """`in 3 hours` over the change of the clocks is three hours later, not three on the dial."""
    now = datetime(2026, 10, 25, 1, 0, tzinfo=BERLIN)
    found = WordsWhen().parse("in 3 hours", now, BERLIN)
    assert found.astimezone(UTC) - now.astimezone(UTC) == timedelta(hours=3)
    assert found.isoformat() == "2026-10-25T03:00:00+01:00"


def test_days_ahead_keep_the_time_of_day() -> None:
    """`in 1 day` over the change of the clocks is the same time on the dial."""
    now = datetime(2026, 10, 24, 12, 0, tzinfo=BERLIN)
    found = WordsWhen().parse("in 1 day", now, BERLIN)
    assert found.isoformat() == "2026-10-25T12:00:00+01:00"


def test_the_zone_of_the_owner_counts() -> None:
    """The same words mean other moments in other zones; now may come in UTC."""
    tokyo = ZoneInfo("Asia/Tokyo")
    found = WordsWhen().parse("tomorrow 9am", NOW.astimezone(UTC), tokyo)
    assert found.isoformat() == "2026-11-25T09:00:00+09:00"


def test_next_friday_is_the_one_of_next_week() -> None:
    """On a Saturday `next friday` is the coming one: weeks begin on Monday."""
    saturday = datetime(2026, 11, 28, 10, tzinfo=BERLIN)
    found = WordsWhen().parse("next friday", saturday, BERLIN)
    assert found.date().isoformat() == "2026-12-04"


PIECES = """
every next in at on the monday friday may feb 31 29 9 10 9:30 25:61 am pm tomorrow noon days hours
minutes 1st 99th half past two an a and of end week month 2026 - : . / tonight 0 year other weekday
morning 2026-12-01 T10:00 Z +99:99
"""
WORDS = st.lists(st.sampled_from(PIECES.split()), max_size=7).map(" ".join)


@given(words=st.one_of(WORDS, st.text(max_size=60)), offset=st.integers(-720, 720))
@example(words="9999-12-31T23:59Z", offset=720)
@example(words="0001-01-01T00:00Z", offset=-720)
def test_nothing_but_bad_input_is_raised(words: str, offset: int) -> None:
    """Whatever is written is an aware time in the zone or BadInputError."""
    zone = timezone(timedelta(minutes=offset))
    try:
        found = WordsWhen().parse(words, NOW, zone)
    except BadInputError:
        return
    assert found.tzinfo is not None


@given(words=WORDS)
def test_relative_words_lie_ahead(words: str) -> None:
    """Without a year in it no phrase means a time that has passed."""
    if "2026" in words:
        return
    try:
        found = WordsWhen().parse(words, NOW, BERLIN)
    except BadInputError:
        return
    assert found > NOW
