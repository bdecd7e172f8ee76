"""Summaries in an export: readable, and back with every version."""

import json
from pathlib import Path

import pytest

from bot.app import App, build_app
from bot.portable.run import export_to, import_from
from core.domain.erasable import Erasable
from core.domain.errors import BadInputError
from core.domain.events import NewEvent, Payload
from core.domain.events.memory import SummaryRolledBack, SummaryUpdated
from core.memory.summaries.versions import Versions
from tests.scenarios.places import Place

TALK, PROJECT = "conversation:main", "project:party"


def version(scope: str, number: int, text: str) -> SummaryUpdated:
    """Return a version as the compactor makes it."""
    return SummaryUpdated(
        scope=scope, version=number, text=Erasable.of(text), after=0, until=7, events=("E1",)
    )


async def fill(app: App) -> None:
    """Give the place a summary with a rollback, and one of a project."""
    changes: list[Payload] = [
        version(TALK, 1, "## Decisions\n- tea, not coffee"),
        version(TALK, 2, "## Decisions\n- coffee"),
        SummaryRolledBack(scope=TALK, version=3, to=1, by="owner"),
        version(PROJECT, 1, "## Open\n- the cake"),
    ]
    for payload in changes:
        stream = f"summary:{payload.scope}"  # type: ignore[attr-defined]
        await app.kernel.log.append([NewEvent(stream=stream, payload=payload)])


async def told(app: App) -> list[list[tuple[int, int, str, tuple[str, ...]]]]:
    """Return every version of both summaries: number, whose text, the text, its events."""
    versions = Versions(app.kernel.log, app.kernel.rows)
    return [
        [(one.version, one.origin, one.text, one.events) for one in await versions.history(scope)]
        for scope in (TALK, PROJECT)
    ]


async def test_summaries_come_back_with_their_versions(place: Place, tmp_path: Path) -> None:
    """A page to read, and elsewhere the same versions; imported again, nothing is added."""
    out = tmp_path / "out"
    async with build_app(place.config()) as app:
        await fill(app)
        files = await export_to(app, out)
        assert {"summaries.md", "summaries.jsonl"} <= set(files)
        mine = await told(app)
    page = (out / "summaries.md").read_text("utf-8")
    assert "# conversation:main\n\nVersion 3" in page
    assert "tea, not coffee" in page
    assert "- coffee" not in page
    async with build_app(Place(tmp_path / "elsewhere").config()) as app:
        lines = await import_from(app, out)
        assert lines[0] == "2 summaries were added as outside text."
        assert await told(app) == mine
        current = await Versions(app.kernel.log, app.kernel.rows).current(TALK)
        assert current is not None
        assert current.until == 0
        assert await import_from(app, out) == []


async def test_a_version_whose_text_was_erased_is_not_exported(
    place: Place, tmp_path: Path
) -> None:
    """The others are numbered without it."""
    out = tmp_path / "out"
    async with build_app(place.config()) as app:
        await fill(app)
        row = await app.kernel.rows.get("summaries", "v000001:conversation:main")
        assert row is not None
        await app.kernel.log.erase([row.doc["text"]["ref"]])
        await export_to(app, out)
    assert "tea" not in (out / "summaries.jsonl").read_text("utf-8")
    async with build_app(Place(tmp_path / "elsewhere").config()) as app:
        lines = await import_from(app, out)
        assert lines[0] == "2 summaries were added as outside text."
        talk, _ = await told(app)
        assert [(number, text) for number, _, text, _ in talk] == [(1, "## Decisions\n- coffee")]


async def test_every_mistake_is_told_and_nothing_is_taken_over(
    place: Place, tmp_path: Path
) -> None:
    """Each with its line: no JSON, no scope, an unknown maker, a number that is there twice."""
    out = tmp_path / "out"
    async with build_app(place.config()) as app:
        await fill(app)
        await export_to(app, out)
        good = json.loads((out / "summaries.jsonl").read_text("utf-8").splitlines()[0])
        lines = ["{", *(json.dumps({**good, **bad}) for bad in ({"scope": "cat"}, {"made_by": 1}))]
        lines += [json.dumps({**good, "version": 9}), json.dumps({**good, "version": 9}), "[]"]
        (out / "summaries.jsonl").write_text("\n".join(lines))
        before = await app.kernel.log.head()
        with pytest.raises(BadInputError) as caught:
            await import_from(app, out)
        assert await app.kernel.log.head() == before
    for part in (
        "line 1: this is no JSON",
        "line 2: scope must be",
        "line 3: ",
        "version 9 of 'conversation:main' is there twice",
        "line 6: this must be a JSON object",
    ):
        assert part in str(caught.value)
