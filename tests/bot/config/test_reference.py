import re
from pathlib import Path

import yaml

from bot.config import load_config
from bot.config.keys import all_keys
from bot.config.reference import documented, render

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "config.example.yaml"


def test_page_is_current() -> None:
    """docs/configuration.md is what the models say; `python -m bot.config.reference` writes it."""
    assert (ROOT / "docs/configuration.md").read_text(encoding="utf-8") == render()


def test_every_key_is_explained() -> None:
    """Each key that takes a value has a row with a meaning."""
    page = render()
    for key in documented():
        assert key.field.description, key.dotted
        assert f"| `{key.dotted}` |" in page


def test_example_is_the_defaults(tmp_path: Path) -> None:
    """The example loads, and changes nothing."""
    copy = tmp_path / "config.yaml"
    copy.write_text(EXAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    empty = tmp_path / "empty.yaml"
    empty.touch()
    example, default = load_config(copy, {}), load_config(empty, {})
    assert example.gates.policy() == default.gates.policy()
    assert example == default


def _leaves(value: object, prefix: str = "") -> list[str]:
    if not isinstance(value, dict):
        return [prefix]
    paths = [prefix] if prefix else []
    return paths + [p for k, v in value.items() for p in _leaves(v, f"{prefix}.{k}".strip("."))]


def test_example_has_every_key() -> None:
    """The example, with its commented lines taken in, names every key that is not free."""
    text = EXAMPLE.read_text(encoding="utf-8")
    shown = re.sub(r"^( +)# (?=[a-z ]+:)", r"\1", text, flags=re.MULTILINE)
    shown = re.sub(
        r"^ +(?:smtp|search|servers|more): (?:null|\{\}).*\n", "", shown, flags=re.MULTILINE
    )
    paths = set(_leaves(yaml.safe_load(shown)))
    free = re.compile(r"gates\.(?:impact|actions)\.|\.prices\.|<name>")
    missing = [k.dotted for k in all_keys(named=True) if not free.search(k.dotted)]
    assert [path for path in missing if path not in paths] == []
    assert {f"actions.mcp.servers.files.{n}" for n in ("command", "args", "env", "url")} <= paths


def test_commented_sections_of_the_example_load(tmp_path: Path) -> None:
    """What the example only shows in comments is valid once it is uncommented."""
    text = EXAMPLE.read_text(encoding="utf-8")
    shown = re.sub(r"^( +)# (?=[a-z ]+:)", r"\1", text, flags=re.MULTILINE)
    shown = re.sub(
        r"^ +(?:smtp|search|servers|more): (?:null|\{\}).*\n", "", shown, flags=re.MULTILINE
    )
    path = tmp_path / "config.yaml"
    path.write_text(shown, encoding="utf-8")
    config = load_config(path, {"MAIL_PASSWORD": "x", "SEARCH_KEY": "y"})
    assert config.actions.mail.smtp is not None
    assert config.actions.web.search is not None
    assert config.actions.mcp.servers["files"].command == "npx"
