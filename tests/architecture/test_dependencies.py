import re
import tomllib

from tests.architecture.source import ROOT


def test_every_dependency_is_explained() -> None:
    """docs/dependencies.md has a line for each dependency, and for no other."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    names = {re.split(r"[\[<>=!~;]", requirement)[0] for requirement in wanted}
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"^\| ([a-z0-9-]+) +\|", text, re.MULTILINE)) - {"package"}
    assert explained == names


def test_the_lock_names_the_public_index_only() -> None:
    """Every package of uv.lock comes from the public index and has a hash."""
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    packages = [package for package in lock["package"] if package["name"] != "equerry"]
    sources = {tuple(package["source"].items()) for package in packages}
    assert sources == {(("registry", "https://pypi.org/simple"),)}
    files = [file for package in packages for file in package["wheels"]]
    assert all(file["hash"].startswith("sha256:") for file in files)


def test_the_compromised_releases_stay_out() -> None:
    """Litellm is locked at the release that was looked at."""
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    versions = {package["name"]: package.get("version") for package in lock["package"]}
    assert versions["litellm"] == "1.106.2"
