import pytest

from core.domain.spoken import legible, spoken, spoken_rule


def test_times_are_written_as_people_write_them() -> None:
    """An ISO time is spoken with its weekday; other words stay."""
    assert spoken("2026-11-27T09:00:00+01:00") == "Fri 27 Nov 2026 09:00"
    assert spoken("soon") == "soon"


def test_times_inside_a_text_are_too() -> None:
    """Every time of a text, and nothing else of it."""
    text = "call (due 2026-11-27T09:00+01:00), or 2026-11-28T10:30:00Z; not 2026-11-29 nor T10"
    said = "call (due Fri 27 Nov 2026 09:00), or Sat 28 Nov 2026 10:30; not 2026-11-29 nor T10"
    assert legible(text) == said


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("FREQ=DAILY", "every day"),
        ("FREQ=HOURLY;INTERVAL=2", "every 2 hours"),
        ("FREQ=WEEKLY;BYDAY=MO", "every Monday"),
        ("FREQ=WEEKLY;BYDAY=TU,TH,SU", "every Tuesday, Thursday and Sunday"),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "every weekday"),
        ("FREQ=WEEKLY;INTERVAL=2", "every 2 weeks"),
        ("FREQ=MONTHLY", "every month"),
        ("FREQ=YEARLY;INTERVAL=1", "every year"),
        ("RRULE:freq=weekly;byday=fr;", "every Friday"),
        ("FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR", "every weekday"),
        ("FREQ=WEEKLY;BYDAY=SA,SU", "every weekend day"),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU", "every day"),
        ("FREQ=WEEKLY;BYDAY=MO;BYMONTH=6,7", "every Monday in June and July"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", "every 2 weeks on Monday"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU,WE,TH,FR", "every 2 weeks on weekdays"),
        ("FREQ=HOURLY;BYDAY=MO,TU", "every hour on Monday and Tuesday"),
        ("FREQ=MONTHLY;BYDAY=1MO", "on the first Monday of every month"),
        ("FREQ=MONTHLY;BYDAY=-1FR", "on the last Friday of every month"),
        ("FREQ=MONTHLY;BYDAY=-2FR", "on the second last Friday of every month"),
        ("FREQ=MONTHLY;BYDAY=1MO,3MO", "on the first Monday and third Monday of every month"),
        ("FREQ=MONTHLY;INTERVAL=2;BYDAY=2TU", "on the second Tuesday of every second month"),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "on the last weekday of every month"),
        ("FREQ=MONTHLY;BYDAY=FR;BYSETPOS=1", "on the first Friday of every month"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "on the last day of every month"),
        ("FREQ=MONTHLY;BYMONTHDAY=1,15", "on the first and 15th of every month"),
        ("FREQ=MONTHLY;BYMONTHDAY=22,-2", "on the 22nd and second last day of every month"),
        ("FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=1", "on the first of every third month"),
        ("FREQ=MONTHLY;INTERVAL=21;BYMONTHDAY=11", "on the 11th of every 21st month"),
        ("FREQ=MONTHLY;BYMONTH=1,7;BYMONTHDAY=1", "on the first of January and July"),
        ("FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=12", "on 12 May every year"),
        ("FREQ=YEARLY;INTERVAL=2;BYMONTH=5;BYMONTHDAY=12", "on 12 May every 2 years"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "on 29 February of every leap year"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1", "on the last day of February every year"),
        ("FREQ=YEARLY;BYMONTH=5;BYDAY=2SU", "on the second Sunday of May every year"),
        (
            "FREQ=YEARLY;BYMONTH=12;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
            "on the last weekday of December every year",
        ),
        ("FREQ=DAILY;BYHOUR=8,20", "every day at 08:30 and 20:30"),
        ("FREQ=DAILY;BYHOUR=8;BYMINUTE=0;BYSECOND=0", "every day at 08:00"),
        (
            "FREQ=MONTHLY;BYDAY=-1FR;BYHOUR=9,17",
            "on the last Friday of every month at 09:30 and 17:30",
        ),
        ("FREQ=DAILY;COUNT=3", "every day, 3 times"),
        ("FREQ=WEEKLY;COUNT=1", "every week, once"),
        ("FREQ=WEEKLY;BYDAY=MO;UNTIL=20270305", "every Monday, until Fri 05 Mar 2027"),
        ("FREQ=DAILY;UNTIL=20270305T170000Z", "every day, until Fri 05 Mar 2027 17:00 UTC"),
    ],
)
def test_rules_are_said_in_words(rule: str, said: str) -> None:
    """Those that people set, with their times of day and where they end."""
    assert spoken_rule(rule, "2026-11-27T09:30:00+01:00") == said


@pytest.mark.parametrize(
    "rule",
    [
        "whenever",
        "FREQ=SECONDLY",
        "FREQ=WEEKLY;BYDAY=1MO",
        "FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=MO",
        "FREQ=YEARLY;BYDAY=20MO",
        "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO",
        "FREQ=YEARLY;BYYEARDAY=100",
        "FREQ=YEARLY;BYMONTHDAY=1",
        "FREQ=YEARLY;BYMONTH=1,2;BYDAY=MO;BYSETPOS=-1",
        "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
        "FREQ=MONTHLY;BYDAY=MO,1FR",
        "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=1",
        "FREQ=MONTHLY;INTERVAL=2;BYMONTH=1,7;BYMONTHDAY=1",
        "FREQ=HOURLY;BYHOUR=9,10",
        "FREQ=DAILY;BYSECOND=30",
        "FREQ=DAILY;BYMONTHDAY=1",
    ],
)
def test_a_rule_that_there_are_no_words_for_stays(rule: str) -> None:
    """Nothing of it is left out."""
    assert spoken_rule(rule, "2026-11-27T09:30:00+01:00") == rule
