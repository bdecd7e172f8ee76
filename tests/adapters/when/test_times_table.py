"""The table of times in words: what is set is right, and all else is asked back."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from adapters.when.words import WordsWhen
from core.domain.errors import BadInputError, UnclearTimeError
from core.domain.spoken import spoken_rule

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 23, 18, 25, tzinfo=BERLIN)
ASKED = "?"
FILE = Path(__file__).parents[2] / "data" / "times.tsv"
ROWS = [
    line.split("\t")
    for line in FILE.read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


def meant(words: str) -> tuple[str, str]:
    """Return the first time and the rule of words; `?` where they are asked back."""
    try:
        found = WordsWhen().read(words, NOW, BERLIN)
    except BadInputError:
        return ASKED, "-"
    return found.at.strftime("%Y-%m-%d %H:%M"), found.repeat or "-"


def test_the_table_is_long() -> None:
    """It has two hundred phrasings at least, each once."""
    assert len({words for words, *_ in ROWS}) == len(ROWS) >= 200


@pytest.mark.parametrize(("words", "at", "rule", "source"), ROWS)
def test_words_mean_what_the_table_says(words: str, at: str, rule: str, source: str) -> None:
    """Each phrase means its time and its repetition, in any case of letters, or is asked back."""
    assert source
    assert meant(words) == (at, rule)
    assert meant(f" {words.upper()} ") == (at, rule)


SAID = [row for row in ROWS if "banana" not in row[0]]  # which a sentence may well end with


@pytest.mark.parametrize(("words", "at", "rule", "source"), SAID)
@pytest.mark.parametrize("sentence", ["{} to renew the domain", "to renew the domain {}"])
def test_a_sentence_sets_no_other_time(
    sentence: str, words: str, at: str, rule: str, source: str
) -> None:
    """Cut out of a sentence, the words mean the same, or are asked back: never anything else."""
    assert source
    cut = WordsWhen().split(sentence.format(words))
    if cut.words and not cut.left:
        assert meant(cut.words) in {(at, rule), (ASKED, "-")}


@pytest.mark.parametrize("rule", sorted({row[2] for row in ROWS} - {"-"}))
def test_every_rule_of_the_table_is_said_in_words(rule: str) -> None:
    """What the words of the owner make, he reads in words again."""
    assert "=" not in spoken_rule(rule, NOW.isoformat())


def test_what_can_be_read_in_two_ways_comes_with_both() -> None:
    """A question has the readings, the likeliest first, for buttons."""
    with pytest.raises(UnclearTimeError) as caught:
        WordsWhen().read("3/4 at 10", NOW, BERLIN)
    assert [f"{one.at:%Y-%m-%d %H:%M}" for one in caught.value.readings] == [
        "2027-04-03 10:00",
        "2027-03-04 10:00",
    ]
    with pytest.raises(UnclearTimeError) as caught:
        WordsWhen().read("every 2nd friday", NOW, BERLIN)
    assert [one.repeat for one in caught.value.readings] == [
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR",
        "FREQ=MONTHLY;BYDAY=2FR",
    ]


@pytest.mark.parametrize(
    ("words", "readings"),
    [
        ("friday or monday", ["2026-11-27 09:00", "2026-11-30 09:00"]),
        ("3/4 or 5 may", ["2027-04-03 09:00", "2027-03-04 09:00", "2027-05-05 09:00"]),
        ("friday at 9 or noon", []),
        ("friday or banana", []),
    ],
)
def test_one_time_or_another_is_a_question_with_each(words: str, readings: list[str]) -> None:
    """Each is a time by itself; an hour beside a day is of no day, so nothing is offered then."""
    with pytest.raises(BadInputError) as caught:
        WordsWhen().read(words, NOW, BERLIN)
    found = caught.value.readings if isinstance(caught.value, UnclearTimeError) else ()
    assert [f"{one.at:%Y-%m-%d %H:%M}" for one in found] == readings
