"""The owner's profile as it is, and its versions."""

from collections.abc import Sequence
from datetime import tzinfo

from bot.app import App
from bot.reports.report import Report
from core.memory.profile.edits import difference
from core.memory.profile.model import FIELDS, LISTS, OwnerProfile
from core.memory.profile.versions import Version

SHOWN = 20
SAID_LINES = 6


async def profile(app: App) -> Report:
    """Return every field; what is from the configuration says so."""
    await app.profiles.refresh()
    live = app.profiles.live
    current = live.current
    told = live.standing.values
    origin = {name: "log" if name in told else "configuration" for name in FIELDS}
    data = {
        "version": live.version,
        "profile": current.model_dump(mode="json"),
        "from": origin,
        "zone": live.zone_name,
    }
    head = f"Profile, version {live.version}" if live.version else "Profile, as configured"
    width = max(len(name) for name in FIELDS)
    lines = [line for name in FIELDS for line in shown(current, name, width)]
    if current.timezone is None:
        lines.append(f"No time zone is set: {live.zone_name} is used.")
    return Report(data=data, text="\n".join([head, *lines]))


def shown(current: OwnerProfile, name: str, width: int = 0) -> list[str]:
    """Return the lines of one field; the items of a list have their number."""
    value = getattr(current, name)
    if name in LISTS and value:
        return [f"{name}:", *(f"  {number}. {item}" for number, item in enumerate(value, 1))]
    text = str(value or "-").replace("\n", f"\n{'':{width + 2}}")
    return [f"{name + ':':<{width + 1}} {text}"]


def history(versions: Sequence[Version], zone: tzinfo) -> str:
    """Return the newest versions, newest first, each with what it changed."""
    blocks = []
    for version in reversed(versions[-SHOWN:]):
        if version.at is None:
            blocks.append("0  the first values, from the configuration")
            continue
        back = version.rolled_back_to
        why = f"back to version {back}" if back is not None else version.reason
        when = version.at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
        blocks.append(f"{version.number}  {when}  by {version.by}{f', {why}' if why else ''}")
        blocks += _told(versions[version.number - 1], version)
    if len(versions) > SHOWN:
        blocks.append(f"and {len(versions) - SHOWN} older ones: /profile diff N M shows each.")
    return "\n".join(blocks)


def _told(before: Version, version: Version) -> list[str]:
    told = difference(before.profile, version.profile)
    lines = told[:SAID_LINES]
    if len(told) > SAID_LINES:
        rest, numbers = len(told) - SAID_LINES, f"{before.number} {version.number}"
        lines.append(f"and {rest} more: /profile diff {numbers}")
    if version.sources:
        named = ", ".join(source.title or source.ref for source in version.sources)
        lines.append(f"with text from outside: {named}")
    return [f"   {line}" for line in lines]
