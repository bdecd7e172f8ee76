"""`profile.yaml`: the profile with comments, to be edited by hand and read back."""

from functools import partial
from pathlib import Path
from typing import Any

import yaml

from bot.app import App
from bot.config.errors import ConfigError
from bot.config.read import read_yaml
from bot.portable.part import Apply, Brought, Part, nothing
from core.domain.sources import Source
from core.memory.profile.edits import changes, difference, with_values
from core.memory.profile.model import OwnerProfile, check_profile

FILE = "profile.yaml"
HEAD = """\
# Your profile. Edit it and read it back with `python -m bot import DIR`: a card shows what differs,
# and accepting it makes one new version. A field that is left out stays as it is; null, "" or []
# empties it.
"""


class _Dumper(yaml.SafeDumper):
    """Writes every text in quotes, so that it means the same to every reader of YAML."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: FBT001, FBT002 - as in the base
        super().increase_indent(flow, False)


def _quoted(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _quoted)


async def export(app: App, folder: Path) -> list[str]:
    """Write the profile as it is now."""
    await app.profiles.refresh()
    (folder / FILE).write_text(written(app.profiles.live.current), encoding="utf-8")
    return [FILE]


def written(profile: OwnerProfile) -> str:
    """Return the file."""
    blocks = [HEAD]
    for name, field in OwnerProfile.model_fields.items():
        value = profile.model_dump(mode="json")[name]
        blocks.append(f"# {field.description}\n{name}:{_yaml(value)}")
    return "\n".join(blocks)


def _yaml(value: Any) -> str:  # noqa: ANN401 - any JSON value
    """Return a value as it stands behind its key."""
    text: str = yaml.dump({0: value}, Dumper=_Dumper, allow_unicode=True, width=1_000_000)
    return text.removeprefix("0:")


async def read(app: App, folder: Path) -> tuple[list[str], Apply]:
    """Check the file; what differs is in use once the owner has accepted it on a card."""
    path = folder / FILE
    if not path.exists():
        return [], nothing
    try:
        values = read_yaml(path)
    except ConfigError as error:
        return [f"{FILE}: {problem}" for problem in error.problems], nothing
    made, problems = check_profile(values)
    if made is None:
        return [f"{FILE}: {problem}" for problem in problems], nothing
    given = {name: getattr(made, name) for name in values}
    return [], partial(_take_over, app, given)


async def _take_over(app: App, given: dict[str, Any], _source: Source) -> Brought:
    """Change nothing; return the fields that differ. They steer prompts, gates and times."""
    await app.profiles.refresh()
    now = app.profiles.live.current
    wanted = with_values(now, given)
    lines = difference(now, wanted, whole=True)
    told = ["The profile stays as it is; the file would change:", *lines] if lines else []
    return Brought(told, changes(now, wanted))


PART = Part("profile", export, read)
