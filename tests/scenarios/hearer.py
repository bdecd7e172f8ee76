"""A process that hears: `python -m tests.scenarios.hearer CONFIG GOAL` prints what was said."""

import asyncio
import sys
from pathlib import Path

from bot.app import build_app
from bot.config import load_config
from core.agents.transcribing import transcribe
from core.ports.transcriber import Sound

VOICE = Sound(data=b"OggS voice", name="v.oga", media_type="audio/ogg", seconds=20)


async def main(config: str, goal: str) -> None:
    """Transcribe one recording for a goal."""
    async with build_app(load_config(Path(config), {})) as app:
        sys.stdout.write(await transcribe(app.kernel, goal, VOICE))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
