"""`events.jsonl`: the log as `events --json` prints it; written, never read back."""

import json
from pathlib import Path

from bot.app import App
from bot.portable.part import Part
from core.ports.event_log import EventQuery

FILE = "events.jsonl"
BATCH = 1000


async def export(app: App, folder: Path) -> list[str]:
    """Write one JSON object a line, in order; erasable text is a reference in it."""
    after = 0
    with (folder / FILE).open("w", encoding="utf-8", newline="\n") as file:
        while batch := await app.kernel.log.read(EventQuery(after=after), limit=BATCH):
            after = batch[-1].position
            lines = (json.dumps(event.wire(), ensure_ascii=False) for event in batch)
            file.writelines(f"{line}\n" for line in lines)
    return [FILE]


PART = Part("audit log", export)
