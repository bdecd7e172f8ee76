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
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO"),
        ("FREQ=MONTHLY;BYDAY=1MO", "FREQ=MONTHLY;BYDAY=1MO"),
        ("FREQ=WEEKLY;BYDAY=1MO", "FREQ=WEEKLY;BYDAY=1MO"),
        ("FREQ=DAILY;COUNT=3", "FREQ=DAILY;COUNT=3"),
        ("FREQ=SECONDLY", "FREQ=SECONDLY"),
        ("whenever", "whenever"),
    ],
)
def test_rules_are_said_in_words(rule: str, said: str) -> None:
    """The common ones; a rule with more in it stays as it is, so that nothing is left out."""
    assert spoken_rule(rule) == said
