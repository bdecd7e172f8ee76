"""Where a scenario takes place: a configuration file in a folder of its own."""

from pathlib import Path
from typing import Any

import yaml

from bot.config import Config, load_config

ASK_FOR_NOTES = {"gates": {"actions": {"note.append": "review"}}}
"""A policy under which every note is a card."""


class Place:
    """A folder with config.yaml and data beside it; sections given later replace earlier ones."""

    def __init__(self, folder: Path, sections: dict[str, Any] | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.data = folder / "data"
        self.file = folder / "config.yaml"
        self._sections: dict[str, Any] = {
            "data_dir": str(self.data),
            "profile": {"timezone": "Europe/Berlin", "quiet_hours": None},
        }
        self.configure(**(sections or {}))

    def configure(self, **sections: object) -> None:
        """Write sections into the configuration."""
        self._sections.update(sections)
        self.file.write_text(yaml.safe_dump(self._sections), encoding="utf-8")

    def config(self) -> Config:
        """Return the configuration as the program reads it, without the environment."""
        return load_config(self.file, {})

    def note(self, name: str = "notes.md") -> Path:
        """Return the path of a note."""
        return self.data / "notes" / name

    def log_text(self) -> str:
        """Return what the log files hold."""
        return "".join(path.read_text("utf-8") for path in (self.data / "logs").glob("*"))
