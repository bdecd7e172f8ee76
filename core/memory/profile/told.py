"""What a prompt says of the profile: a compact line always, people where they are meant."""

from collections.abc import Iterable, Iterator

from core.memory.profile.model import OwnerProfile, Person
from core.memory.search.words import stems as words

LINE, VOICE, ROOM, FEW = 240, 120, 480, 160


def compact(profile: OwnerProfile) -> list[str]:
    """Return one line of roles, working hours and voice; none where all are empty."""
    said = [
        f"roles {', '.join(profile.roles)}" if profile.roles else "",
        f"works {profile.working_hours}" if profile.working_hours else "",
        f"voice {_cut(profile.voice, VOICE)}" if profile.voice else "",
    ]
    line = " · ".join(part for part in said if part)
    return [f"Profile: {_cut(line, LINE)}"] if line else []


def about_owner(profile: OwnerProfile, text: str) -> list[str]:
    """Return preferences, people and clients: those that `text` mentions, and all of a short list.

    At most 480 characters, what is mentioned first.
    """
    meant = set(words(text))
    found = sorted(_lines(profile, meant), key=lambda line: not line[0])
    lines, room = [], ROOM
    for _, line in found:
        room -= len(line) + 1
        if room < 0:
            break
        lines.append(line)
    return lines


def _lines(profile: OwnerProfile, meant: set[str]) -> Iterator[tuple[bool, str]]:
    """Yield (whether it is mentioned, line)."""
    yield from _some("Client", profile.clients, meant)
    yield from _some("Person", profile.people, meant)
    yield from _some("Preference", profile.preferences, meant)


def _some(
    heading: str, items: Iterable[str | Person], meant: set[str]
) -> Iterator[tuple[bool, str]]:
    told = [(item, _cut(f"{heading}: {item}", LINE)) for item in items]
    few = sum(len(line) for _, line in told) <= FEW
    for item, line in told:
        name = item if isinstance(item, str) else item.name
        mentioned = bool(meant & set(words(name)))
        if mentioned or few:
            yield mentioned, line


def _cut(text: str, most: int) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= most else f"{flat[: most - 1]}…"
