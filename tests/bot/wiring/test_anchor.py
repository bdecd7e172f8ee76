"""Where the anchor lies, and when there is none."""

from pathlib import Path

import pytest

from bot.app import Overrides, build_app
from bot.config import load_config
from bot.wiring.anchor import anchor_path
from tests.scenarios.places import Place
from tests.scenarios.sitting import sitting


@pytest.mark.parametrize(
    ("data_dir", "place"),
    [
        ("./data", "data.anchor"),
        ("data/", "data.anchor"),
        ("link", "disk/equerry.anchor"),
        ("link/../my.data", "disk/my.data.anchor"),
    ],
)
def test_by_default_it_lies_beside_data_dir(tmp_path: Path, data_dir: str, place: str) -> None:
    """Beside the folder itself where data_dir is a link to it."""
    (tmp_path / "disk" / "equerry").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "disk" / "equerry")
    path = tmp_path / "config.yaml"
    path.write_text(f"data_dir: {data_dir}", encoding="utf-8")
    assert anchor_path(load_config(path, {})) == tmp_path / place


def test_the_folder_of_the_configuration_has_it_beside(tmp_path: Path) -> None:
    """`.` is the folder it stands for, and a whole disk has nothing beside it."""
    path = tmp_path / "config.yaml"
    path.write_text("data_dir: .", encoding="utf-8")
    assert anchor_path(load_config(path, {})) == tmp_path.with_name(f"{tmp_path.name}.anchor")
    path.write_text("data_dir: /", encoding="utf-8")
    assert anchor_path(load_config(path, {})) is None


async def test_a_configured_place_is_used(place: Place, tmp_path: Path) -> None:
    """Folders above it are made."""
    anchor = tmp_path / "elsewhere" / "deep" / "anchor"
    place.configure(storage={"anchor": str(anchor)})
    async with sitting(place) as talk:
        await talk.say("note: one")
    assert anchor.is_file()
    assert not place.data.with_name("data.anchor").exists()


async def test_a_key_inside_data_dir_anchors_nothing(place: Place) -> None:
    """Whoever can write the log could sign it; a sentence says what to set."""
    environ = {"HOME": str(place.data)}
    async with build_app(place.config(), Overrides(environ=environ)) as app:
        assert app.anchor.keeper is None
        assert "the key would lie in data_dir" in app.said
    assert not place.data.with_name("data.anchor").exists()
