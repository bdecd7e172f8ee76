"""Invitations and other appointments, as calendars write them (iCalendar, RFC 5545)."""

import re
from datetime import date, datetime
from pathlib import Path

from adapters.documents.document import Document, named, on_one_line, prose
from adapters.documents.text_file import decoded
from core.domain.errors import BadInputError
from core.domain.spoken import spoken_rule

_FOLD = re.compile(r"\n[ \t]")
_LINE = re.compile(r'([A-Z][A-Z0-9-]*)((?:;(?:"[^"]*"|[^":;])*)*):(.*)', re.IGNORECASE)
_PARAMETER = re.compile(r';([A-Z0-9-]+)=(?:"([^"]*)"|([^";]*))', re.IGNORECASE)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_PARTS = {"VEVENT": "Event", "VTODO": "Task", "VJOURNAL": "Journal entry"}
_METHODS = {
    "REQUEST": "Invitation",
    "CANCEL": "Cancelled",
    "REPLY": "Answer to an invitation",
    "COUNTER": "Another time is proposed",
}
_SHOWN = {
    "DTSTART": "Start",
    "DTEND": "End",
    "DURATION": "Duration",
    "DUE": "Due",
    "RRULE": "Repeats",
    "EXDATE": "Except",
    "RECURRENCE-ID": "Instead of",
    "LOCATION": "Place",
    "STATUS": "Status",
    "ORGANIZER": "From",
    "ATTENDEE": "To",
    "URL": "Link",
}
_TIMES = {"DTSTART", "DTEND", "DUE", "RECURRENCE-ID", "EXDATE"}
_PEOPLE = {"ORGANIZER", "ATTENDEE"}


def from_ics(path: Path, data: bytes) -> Document:
    """Return the appointments of a calendar, one after the other."""
    text, note = decoded(path, data)
    found = appointments(text)
    if not found:
        raise BadInputError(f"{path} has no appointment in it, so there is nothing to read.")
    title = found[0].partition("\n")[0].lstrip("# ").partition(": ")[2]
    return Document(named(title, path.stem), "\n\n".join(found), "text", note)


def appointments(text: str) -> list[str]:
    """Return each appointment as its heading, a line for each thing known, and its description."""
    found: list[str] = []
    method, inside = "", 0
    fields: list[tuple[str, dict[str, str], str]] | None = None
    for line in _FOLD.sub("", text.replace("\r\n", "\n")).split("\n"):
        if (match := _LINE.fullmatch(line.strip())) is None:
            continue
        name, value = match[1].upper(), match[3]
        if name == "METHOD":
            method = value.strip().upper()
        elif name == "BEGIN" and fields is None and value.strip().upper() in _PARTS:
            fields = []
            inside = 0
        elif name in {"BEGIN", "END"} and fields is not None:
            kind = value.strip().upper()
            if name == "END" and kind in _PARTS:
                found.append(_appointment(_METHODS.get(method, _PARTS[kind]), fields))
                fields = None
            # An alarm inside has a description and times of its own.
            inside += 1 if name == "BEGIN" else -1
        elif fields is not None and not inside:
            options = {one[0].upper(): one[1] or one[2] for one in _PARAMETER.findall(match[2])}
            fields.append((name, options, value))
    return found


def _appointment(what: str, fields: list[tuple[str, dict[str, str], str]]) -> str:
    lines: dict[str, list[str]] = {}
    summary = description = ""
    start = next((value.strip() for name, _, value in fields if name == "DTSTART"), "")
    for name, options, value in fields:
        if name == "SUMMARY":
            summary = on_one_line(_unescaped(value))
        elif name == "DESCRIPTION":
            description = prose(_unescaped(value)).strip()
        elif name in _SHOWN:
            shown = spoken_rule(value, start) if name == "RRULE" else _value(name, options, value)
            lines.setdefault(_SHOWN[name], []).append(on_one_line(shown))
    known = [f"{label}: {', '.join(lines[label])}" for label in _SHOWN.values() if label in lines]
    return "\n\n".join(it for it in (f"# {what}: {summary}", "\n".join(known), description) if it)


def _value(name: str, options: dict[str, str], value: str) -> str:
    if name in _TIMES:
        return ", ".join(_time(it, options.get("TZID", "")) for it in value.split(","))
    if name in _PEOPLE:
        address = re.sub(r"(?i)^mailto:", "", value.strip())
        person = options.get("CN", "")
        shown = f"{person} <{address}>" if person and person != address else address
        answer = options.get("PARTSTAT", "").lower()
        return shown if answer in {"", "needs-action"} else f"{shown} ({answer})"
    return _unescaped(value)


def _time(text: str, zone: str) -> str:
    """Return a time as people write it, with its zone; what is none stays as it is."""
    text = text.strip()
    try:
        if "T" not in text:
            return date.fromisoformat(text).isoformat()
        at = datetime.fromisoformat(text.removesuffix("Z"))
    except ValueError:
        return text
    where = " UTC" if text.endswith("Z") else f" ({zone})" if zone else ""
    return f"{at.isoformat(' ', 'minutes')}{where}"


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda one: "\n" if one[1] in "nN" else one[1], text)
