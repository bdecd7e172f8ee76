"""Export and import: what is the owner's as files, and back."""

import json
from datetime import datetime
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.app import App, build_app
from bot.config.read import read_yaml
from bot.portable.profile import written
from bot.portable.run import export_to, import_from
from core.domain.erasable import Erasable
from core.domain.errors import BadInputError
from core.domain.events import NewEvent, Payload
from core.domain.events.memory import FactForgotten, FactLearned, FactSuperseded
from core.domain.sources import Source
from core.memory.profile.model import OwnerProfile, check_profile
from tests.scenarios.places import Place
from tests.scenarios.program import Program
from tests.scenarios.sitting import Sitting

MAIL = Source(kind="mail", ref="m7", title="Mallory")
PROFILE = ("name Ada", "voice plain\nand brief", "add clients Globex: pays <bob@globex.example>")


async def fill(app: App) -> None:
    """Give the place a profile and facts: known, superseded and forgotten."""
    talk = Sitting(app)
    for line in PROFILE:
        await talk.say(f"/profile {line}")
    learned = [
        FactLearned(
            fact="FAAAAAA",
            text=Erasable.of("Bob likes “tea”\nand cake"),
            by="G12",
            sources=(MAIL,),
            kind="person",
            speaker="ada",
            confidence=0.5,
            about=Erasable.of(["Bob", "likes"]),
            project="party",
            source="talk:1",
            part=3,
        ),
        FactLearned(fact="FBBBBBB", text=Erasable.of("old"), by="G1"),
        FactLearned(fact="Lease (1).md#1", text=Erasable.of("a passage"), by="ingest"),
        FactLearned(fact="FCCCCCC", text=Erasable.of("gone"), by="G1"),
    ]
    more: list[Payload] = [
        FactSuperseded(fact="FBBBBBB", by_fact="FAAAAAA"),
        FactForgotten(fact="FCCCCCC", erased=True),
    ]
    for payload in (*learned, *more):
        stream = f"fact:{payload.fact}"  # type: ignore[attr-defined]
        await app.kernel.log.append([NewEvent(stream=stream, payload=payload)])


async def test_what_is_exported_comes_back_elsewhere(place: Place, tmp_path: Path) -> None:
    """The same profile in one version, the same facts with their provenance; again, nothing."""
    out, again = tmp_path / "out", tmp_path / "again"
    async with build_app(place.config()) as app:
        await fill(app)
        files = await export_to(app, out)
        assert files[:2] == ["profile.yaml", "facts.jsonl"]
        assert files[-1] == "events.jsonl"
        mine = app.profiles.live.current
        log = await app.kernel.log.head()
    assert {path.stat().st_mode & 0o777 for path in out.iterdir()} == {0o600}
    assert out.stat().st_mode & 0o777 == 0o700
    events = [json.loads(line) for line in (out / "events.jsonl").read_text("utf-8").splitlines()]
    assert (events[-1]["position"], events[-1]["hash"]) == log
    assert "gone" not in "".join(path.read_text("utf-8") for path in out.iterdir())
    async with build_app(Place(tmp_path / "elsewhere").config()) as app:
        told = await import_from(app, out)
        assert told[0] == "The profile has a new version, 1:"
        assert told[-1] == "3 facts were added."
        assert app.profiles.live.current == mine
        assert await import_from(app, out) == []
        await export_to(app, again)
    before, after = (_facts(folder) for folder in (out, again))
    assert before.keys() == after.keys() == {"FAAAAAA", "FBBBBBB", "Lease (1).md#1"}
    for name, fact in before.items():
        assert _time(after[name]["said_at"]) == _time(fact["learned"])
        moved = {key: after[name][key] for key in ("said_at", "learned")}
        assert after[name] == {**fact, **moved}
    assert after["FAAAAAA"]["sources"] == [MAIL.model_dump()]
    assert (after["FBBBBBB"]["state"], after["FBBBBBB"]["by_fact"]) == ("superseded", "FAAAAAA")


def _time(text: object) -> datetime:
    return datetime.fromisoformat(str(text))


def _facts(folder: Path) -> dict[str, dict[str, object]]:
    lines = (folder / "facts.jsonl").read_text("utf-8").splitlines()
    return {fact["id"]: fact for fact in map(json.loads, lines)}


async def test_a_forgotten_fact_stays_forgotten(place: Place, tmp_path: Path) -> None:
    """An old export does not bring it back."""
    async with build_app(place.config()) as app:
        await fill(app)
        await export_to(app, tmp_path / "out")
        payload = FactForgotten(fact="FAAAAAA", erased=True)
        await app.kernel.log.append([NewEvent(stream="fact:FAAAAAA", payload=payload)])
        assert await import_from(app, tmp_path / "out") == []
        row = await app.kernel.rows.get("facts", "FAAAAAA")
        assert row is not None
        assert row.state == "forgotten"


async def test_an_edited_file_is_one_version(place: Place, tmp_path: Path) -> None:
    """With exactly the fields that differ; a field that is left out stays."""
    async with build_app(place.config()) as app:
        await fill(app)
        await export_to(app, tmp_path / "out")
        (tmp_path / "out" / "profile.yaml").write_text("company: Acme\nname: Ada\nroles: [boss]\n")
        told = await import_from(app, tmp_path / "out")
        assert told[1:] == ["company: (empty) → Acme", "roles: + boss"]
        assert app.profiles.live.version == len(PROFILE) + 1
        assert app.profiles.live.voice == "plain\nand brief"


BAD = {
    "name: [a": ["profile.yaml: this is not YAML at line"],
    "- a": ["the file holds a list"],
    "name: Ada\nname: Bob": ["the key 'name' is there twice"],
    "nam: x\nname: 5": ["nam: there is no such field; did you mean 'name'?", "name: 5 is not"],
    "timezone: Mars\nquiet_hours: 5-6": ["timezone: 'Mars' is not", "quiet_hours: '5-6' is not"],
    "people: [{about: x}]\nroles: founder": ["people[1].name is needed", "roles: 'founder' is not"],
    "clients: [Bob]": ["clients[1]: 'Bob' is not allowed: it must be name, about and contact"],
}


@pytest.mark.parametrize("text", BAD)
async def test_every_mistake_is_said_and_nothing_imported(
    place: Place, tmp_path: Path, text: str
) -> None:
    """Of both files at once, with the file and the place."""
    out = tmp_path / "out"
    async with build_app(place.config()) as app:
        await fill(app)
        await export_to(app, out)
        (out / "profile.yaml").write_text(text, encoding="utf-8")
        facts = '{"id": "FNEW", "text": "x"}\n{"id": "F1"}\n[]\n{\n{"id": "F2", "text": ""}\n'
        (out / "facts.jsonl").write_text(facts, encoding="utf-8")
        head = await app.kernel.log.head()
        with pytest.raises(BadInputError) as refused:
            await import_from(app, out)
        assert await app.kernel.log.head() == head
    told = str(refused.value)
    for line in (
        *BAD[text],
        "line 2: the key 'text'",
        "line 3: this must be a JSON object",
        "line 4: this is no",
    ):
        assert line in told
    assert "facts.jsonl, line 5: text must not be empty" in told
    assert "line 1" not in told.replace("at line 1", "")


async def test_an_export_replaces_only_an_export(place: Place, tmp_path: Path) -> None:
    """A folder with anything else in it is refused and left as it is; nothing lies beside."""
    out, mine = tmp_path / "x" / "out", tmp_path / "mine"
    mine.mkdir()
    (mine / "letter.txt").write_text("dear")
    async with build_app(place.config()) as app:
        await export_to(app, out)
        await fill(app)
        await export_to(app, out)
        assert len(_facts(out)) == 3
        with pytest.raises(BadInputError, match="no export"):
            await export_to(app, mine)
        (out / "letter.txt").write_text("dear")
        with pytest.raises(BadInputError, match=r"letter\.txt"):
            await export_to(app, out)
        with pytest.raises(BadInputError, match="is no folder"):
            await export_to(app, mine / "letter.txt")
        with pytest.raises(BadInputError, match="There is no folder"):
            await import_from(app, tmp_path / "nowhere")
        with pytest.raises(BadInputError, match="is no export"):
            await import_from(app, mine)
    assert [path.name for path in (tmp_path / "x").iterdir()] == ["out"]
    assert [path.name for path in mine.iterdir()] == ["letter.txt"]


words = st.text(st.characters(codec="utf-8"), max_size=40)
profiles = st.fixed_dictionaries(
    {
        "name": words,
        "voice": words,
        "roles": st.lists(words, max_size=3),
        "people": st.lists(st.fixed_dictionaries({"name": words, "about": words}), max_size=2),
    }
)


@settings(max_examples=300, suppress_health_check=list(HealthCheck))
@given(values=profiles)
def test_the_file_means_what_was_written(
    tmp_path_factory: pytest.TempPathFactory, values: dict[str, object]
) -> None:
    """Any profile that may be comes back from its YAML the same, read strictly or not."""
    made, _ = check_profile(values)
    made = made or OwnerProfile(name="1e5", company="yes", voice=" - a\n  b: c")
    path = tmp_path_factory.getbasetemp() / "profile.yaml"
    path.write_text(written(made), encoding="utf-8")
    for found in (read_yaml(path), yaml.safe_load(path.read_text("utf-8"))):
        assert check_profile(found) == (made, [])


def test_the_command_line(place: Place, tmp_path: Path) -> None:
    """Export, edit, import, look: exit code 1 and nothing changed where there is a mistake."""
    program = Program(place)
    out = tmp_path / "out"
    assert "profile.yaml, facts.jsonl, summaries.md, summaries.jsonl, events.jsonl" in program.ok(
        "export", str(out)
    )
    file = out / "profile.yaml"
    file.write_text(file.read_text("utf-8").replace('name: ""', 'name: "Ada"', 1), "utf-8")
    assert "name: (empty) → Ada" in program.ok("import", str(out))
    assert "nothing was changed" in program.ok("import", str(out))
    data = json.loads(program.ok("profile", "--json"))
    assert (data["version"], data["profile"]["name"], data["from"]["name"]) == (1, "Ada", "log")
    file.write_text("timezone: Mars\nname: 5", encoding="utf-8")
    done = program.run("import", str(out))
    assert (done.code, done.out) == (1, "")
    assert "profile.yaml: timezone: 'Mars' is not allowed" in done.err
    assert "profile.yaml: name: 5 is not allowed" in done.err
    assert "Exported to" in program.chat("/export")
