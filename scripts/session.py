"""The recorded session of README.md, played by the real program.

`python -m scripts.session` plays the input lines that stand in the README (`$ command` and
`> line of chat`) in an empty folder and writes the answers of the program beside them. A test plays
them too and compares, apart from what differs from run to run: ids, times and counts.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
TIMEOUT_S = 50
CHAT = "make chat"
PYTHON = ".venv/bin/python -m bot "

_BLOCK = re.compile(r"(?<=<!-- session -->\n```console\n).*?(?=```\n<!-- /session -->)", re.DOTALL)
_VARYING = (
    (re.compile(r"\b[CGFTR](?=[A-Z2-7]{6,8}\b)[A-Z2-7]*[A-Z][A-Z2-7]*\b|\bG\d+\w*\b"), "ID"),
    (re.compile(r"\b[0-9a-f]{8,64}\b"), "HASH"),
    (re.compile(r"\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d\d [A-Z][a-z]{2}( \d{4})?"), "DAY"),
    (re.compile(r"\b\d\d:\d\d(:\d\d)?\b"), "TIME"),
    (re.compile(r"\b\d+ (ms|tokens|events|messages)\b"), r"N \1"),
)


class Input(NamedTuple):
    """A command with the lines of chat that follow it."""

    command: str
    lines: tuple[str, ...]


def recorded(readme: str) -> str:
    """Return the session that stands in the README. Raises ValueError when there is none."""
    found = _BLOCK.search(readme)
    if found is None:
        message = "README.md has no block between <!-- session --> and <!-- /session -->."
        raise ValueError(message)
    return found[0]


def inputs(session: str) -> Iterator[Input]:
    """Yield what is typed in a session."""
    for part in re.split(r"^\$ ", session, flags=re.MULTILINE)[1:]:
        command, _, rest = part.partition("\n")
        said = [line[2:] for line in rest.splitlines() if line.startswith("> ")]
        yield Input(command, tuple(said))


def play(session: str) -> str:
    """Return the session with the answers that the program gives now, in an empty folder."""
    with TemporaryDirectory(prefix="equerry-session-") as folder:
        place = Path(folder)
        (place / "config.yaml").write_text(configuration(session), encoding="utf-8")
        return "".join(f"$ {one.command}\n{_answer(place, one)}" for one in inputs(session))


def configuration(session: str) -> str:
    """Return the configuration that the session shows."""
    return session.partition("$ cat config.yaml\n")[2].partition("\n$ ")[0] + "\n"


def comparable(session: str) -> str:
    """Return the session with a name in place of whatever differs from run to run."""
    for pattern, name in _VARYING:
        session = pattern.sub(name, session)
    return session


def _answer(place: Path, one: Input) -> str:
    if one.command == CHAT:
        script = place / "script.txt"
        script.write_text("\n".join(one.lines), encoding="utf-8")
        return _bot(place, "chat", "--script", str(script))
    if one.command.startswith("cat "):
        return (place / one.command.removeprefix("cat ")).read_text(encoding="utf-8")
    return _bot(place, *one.command.removeprefix(PYTHON).split())


def _bot(place: Path, *args: str) -> str:
    """Run the program without what the owner of this machine has set."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-m", "bot", "--config", str(place / "config.yaml"), *args],
        cwd=ROOT,
        env={**kept, "LANG": "C.UTF-8", "TZ": "UTC", "XDG_STATE_HOME": str(place / "state")},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    if done.returncode:
        message = f"{' '.join(args)} ended with {done.returncode}: {done.stdout}{done.stderr}"
        raise RuntimeError(message)
    return done.stdout


def main() -> None:
    """Write the session as it is now into the README."""
    readme = README.read_text(encoding="utf-8")
    session = recorded(readme)
    README.write_text(readme.replace(session, play(session)), encoding="utf-8")


if __name__ == "__main__":
    main()
