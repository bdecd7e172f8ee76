import re
import shlex
import subprocess
import sys
from pathlib import Path

from tests.architecture.source import ROOT


def processes() -> dict[str, list[str]]:
    """Return the command of each process that the Procfile names."""
    text = (ROOT / "Procfile").read_text(encoding="utf-8")
    found = re.findall(r"^(\w+): (.+)$", text, re.MULTILINE)
    return {name: shlex.split(command) for name, command in found}


def test_the_procfile_starts_what_there_is(tmp_path: Path) -> None:
    """The one process of the Procfile starts, and says what it needs where nothing is set up."""
    python, *rest = processes().pop("app")
    assert (python, rest) == (".venv/bin/python", ["-m", "bot", "run"])
    (tmp_path / "config.yaml").write_text("", encoding="utf-8")
    command = [sys.executable, "-m", "bot", "--config", str(tmp_path / "config.yaml"), "run"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "telegram.token" in done.stderr


def test_the_procfile_promises_nothing_else() -> None:
    """The Procfile names no process that does not exist."""
    assert set(processes()) == {"app"}
