"""`demo`: a short story, played by the real program in an empty place; needs no key."""

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.app import App, Overrides
from bot.chat import ScriptOptions, talk_plainly
from bot.cli.session import run_on
from bot.config import load_config
from bot.front import Front
from bot.terminal import TerminalDesk

SCRIPT = Path(__file__).parents[1] / "docs" / "demo.txt"
CONFIG = """\
data_dir: ./data
gates: {actions: {note.append: review}}
"""
_SHELL = re.compile(r"\$ (?P<verb>cat|sleep) (?P<what>\S+)")


def play(pace: float) -> None:
    """Play `docs/demo.txt`; `pace` is in seconds per line. Leaves nothing behind.

    The environment is not looked at: the owner's model and keys stay out of it.
    """
    with TemporaryDirectory(prefix="equerry-demo-") as folder:
        path = Path(folder) / "config.yaml"
        path.write_text(CONFIG, encoding="utf-8")
        options = ScriptOptions(script=SCRIPT, session="demo", pace=pace)

        async def perform(app: App) -> bool:
            return await talk_plainly(app, options, _Stage(app, Front(app)))

        state = {"XDG_STATE_HOME": str(Path(folder) / "state")}
        run_on(load_config(path, {}), perform, lead=True, overrides=Overrides(environ=state))


class _Stage(TerminalDesk):
    """A terminal desk with a little of a shell: `$ cat FILE` under data_dir, `$ sleep SECONDS`."""

    async def submit(self, line: str, dedupe: str) -> Sequence[str]:
        """Take a line; those of the shell are done here."""
        match = _SHELL.fullmatch(line)
        if match is None:
            return await super().submit(line, dedupe)
        if match["verb"] == "sleep":
            await asyncio.sleep(float(match["what"]))
            return []
        file = self._app.config.data_dir / match["what"]
        text = await asyncio.to_thread(file.read_text, encoding="utf-8")
        return [text.rstrip("\n")]
