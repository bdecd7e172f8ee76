"""`PYTHON bench/times.py LIBRARY`: a library for times in words, on the table of the tests.

PYTHON is an interpreter that has the library, which may be ctparse, dateparser, parsedatetime or
recurrent, and python-dateutil; nothing of ours is imported. Each phrase is read by a process of its
own, which is given some seconds. docs/adr/0015-times-in-words.md has the figures.
"""

import json
import multiprocessing
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

TABLE = Path(__file__).resolve().parents[1] / "tests" / "data" / "times.tsv"
BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 23, 18, 25)  # noqa: DTZ001 - the libraries know wall clocks
SECONDS = 10
ASKED = "?"
NO_HOUR = "09:00"
"""What the table has where nobody said an hour: any hour of that day is right."""
COMPARED = 3
"""Times of a repetition that have to be the same."""

Read = tuple[datetime | None, str]
"""A time, or the iCalendar lines of a repetition."""


def ctparse(words: str) -> Read | None:
    """Read words with ctparse; of a span, its beginning."""
    found = import_module("ctparse").ctparse(words, ts=NOW, timeout=SECONDS / 2)
    if found is None:
        return None
    types, one = import_module("ctparse.types"), found.resolution
    if isinstance(one, types.Interval):
        one = one.t_from or one.t_to
    if not isinstance(one, types.Time) or not (one.isDate or one.isDateTime):
        return None
    hour = 9 if one.hour is None else one.hour
    return datetime(one.year, one.month, one.day, hour, one.minute or 0), ""  # noqa: DTZ001


def dateparser(words: str) -> Read | None:
    """Read words with dateparser; what lies ahead is preferred."""
    settings = {"RELATIVE_BASE": NOW, "PREFER_DATES_FROM": "future", "TIMEZONE": "Europe/Berlin"}
    found = import_module("dateparser").parse(words, languages=["en", "de"], settings=settings)
    if found is None or found.tzinfo is None:
        return None if found is None else (found, "")
    return found.astimezone(BERLIN).replace(tzinfo=None), ""


def parsedatetime(words: str) -> Read | None:
    """Read words with parsedatetime."""
    calendar = import_module("parsedatetime").Calendar()
    found, what = calendar.parseDT(words, sourceTime=NOW.timetuple())
    return (found.replace(tzinfo=None), "") if what else None


def recurrent(words: str) -> Read | None:
    """Read words with recurrent."""
    found = import_module("recurrent.event_parser").RecurringEvent(now_date=NOW).parse(words)
    if found is None:
        return None
    return (found, "") if isinstance(found, datetime) else (None, found)


READERS: dict[str, Callable[[str], Read | None]] = {
    it.__name__: it for it in (ctparse, dateparser, parsedatetime, recurrent)
}


def verdict(at: str, rule: str, found: Read | None) -> str:
    """Say whether what was found is what the table has."""
    if found is None:
        return "right" if at == ASKED else "asked"
    if at == ASKED:
        return "set"
    first, lines = found
    wanted = datetime.strptime(at, "%Y-%m-%d %H:%M")  # noqa: DTZ007
    if not lines:
        is_same = first is not None and _same(first, wanted, at)
        return ("right" if rule == "-" else "repetition lost") if is_same else "wrong"
    if rule == "-":
        return "wrong"
    theirs = _times(lines, NOW, at)
    ours = _times(f"RRULE:{rule}", wanted, at)
    is_same = len(theirs) == len(ours) > 0
    return "right" if is_same and all(map(_same, theirs, ours, [at] * COMPARED)) else "wrong"


def _same(one: datetime, other: datetime, at: str) -> bool:
    if at.endswith(NO_HOUR):
        return one.date() == other.date()
    return one.replace(second=0, microsecond=0) == other


def _times(lines: str, begin: datetime, at: str) -> list[datetime]:
    """Return the next times of a repetition, those of today only where their hour was said."""
    found = import_module("dateutil.rrule").rrulestr(lines, dtstart=begin)
    ahead = (it for it in found if it > NOW and (it.date() > NOW.date() or NO_HOUR not in at))
    return list(islice(ahead, COMPARED))


def _judge(name: str, words: str, at: str, rule: str, answers: Any) -> None:  # noqa: ANN401
    warnings.simplefilter("ignore")
    try:
        answers.put(verdict(at, rule, READERS[name](words)))
    except Exception:  # noqa: BLE001 - a library that raises has set nothing
        answers.put(verdict(at, rule, None))


def judged(name: str, words: str, at: str, rule: str) -> str:
    """Return the verdict on one phrase, `hung` where there is none in time."""
    context = multiprocessing.get_context("fork")
    answers = context.SimpleQueue()
    process = context.Process(target=_judge, args=(name, words, at, rule, answers))
    process.start()
    until = time.monotonic() + SECONDS
    while answers.empty() and process.is_alive() and time.monotonic() < until:
        time.sleep(0.001)
    said = "hung" if answers.empty() else str(answers.get())
    process.kill()
    process.join()
    return said


def main() -> None:
    """Read the table with one library, and print what came of clear and of unclear phrases."""
    name = sys.argv[1]
    for module in (name, "dateutil.rrule"):  # once, not in each process
        import_module(module)
    rows = [
        line.split("\t")
        for line in TABLE.read_text("utf-8").splitlines()
        if line and line[0] != "#"
    ]
    found = {"clear": Counter[str](), "unclear": Counter[str]()}
    for words, at, rule, *_ in rows:
        found["unclear" if at == ASKED else "clear"][judged(name, words, at, rule)] += 1
    print(json.dumps({"library": name, **found}))


if __name__ == "__main__":
    main()
