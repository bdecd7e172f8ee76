"""What is forgotten is in no file any more, and nothing else is lost with it."""

import asyncio
import json
import shutil
from pathlib import Path

import pytest

from adapters.inmemory.model import Scripted, ScriptedModel
from bot.app import Overrides, build_app
from core.memory.forgetting import forget
from core.ports.model import ModelRequest
from tests.scenarios.disk import places_of
from tests.scenarios.places import Place
from tests.scenarios.program import Program
from tests.scenarios.sitting import sitting

SECRETS = {
    "zylophant": ("remember that the zylophant sleeps in Bergquast", "where is the zylophant?"),
    "accountant": ("/remember my accountant is Petra Quästenfloß", "who is my accountant?"),
    "motto": ('My motto is "Nüchtern\u2019s \\ Zimtkern" 🦊.', "what is my motto?"),
    "office": ("Our office is in Wupper-Tannquell.", "where is our office?"),
}
WORDS = {
    "zylophant": "Bergquast",
    "accountant": "Quästenfloß",
    "motto": "Zimtkern",
    "office": "Tannquell",
}


class _PowerCutError(Exception):
    """Ends the work of a process."""


def _facts(program: Program) -> dict[str, str]:
    """Return the id of each planted fact."""
    listed = json.loads(program.ok("memory", "list", "--json"))
    return {
        name: one["id"] for name, word in WORDS.items() for one in listed if word in one["text"]
    }


def test_forgotten_words_are_in_no_file(program: Program, tmp_path: Path) -> None:
    """Told in three ways, answered with, forgotten in chat and outside: no file holds the words."""
    data = program.place.data
    said = program.chat(*(line for pair in SECRETS.values() for line in pair), "/export")
    _half_an_export(data / "exports")
    history = data / "terminal" / "history"
    history.parent.mkdir(exist_ok=True)
    lines = [f"\n# 2026-11-01 10:00:00\n+{tell}\n" for tell, _ in SECRETS.values()]
    history.write_text("".join(lines), encoding="utf-8")
    for word in WORDS.values():
        assert said.count(word) >= 3, said
        assert places_of(word, data)
        assert len(places_of(word, data / "exports")) == 2
    facts = _facts(program)
    assert set(facts) == set(WORDS)
    told = program.chat(f"/forget {facts['zylophant']}", f"/forget {facts['motto'].lower()}")
    assert told.count("is forgotten") == 2, told
    assert "is forgotten" in program.ok("memory", "forget", facts["accountant"])
    for name in ("zylophant", "motto", "accountant"):
        assert places_of(WORDS[name], data) == []
    _check_the_rest(program, tmp_path)


def _half_an_export(exports: Path) -> None:
    """Leave what a killed `/export` leaves: a hidden folder without the mark."""
    (whole,) = exports.iterdir()
    half = exports / f".{whole.name}.k1lled"
    half.mkdir()
    shutil.copy(whole / "facts.jsonl", half)


def _check_the_rest(program: Program, tmp_path: Path) -> None:
    data, kept = program.place.data, WORDS["office"]
    assert "events verified" in program.ok("verify")
    assert "rebuilt" in program.ok("rebuild")
    program.ok("export", str(tmp_path / "out"))
    shutil.copytree(data, tmp_path / "copy")
    answers = program.chat(*(ask for _, ask in SECRETS.values()), "/memory list")
    for name, word in WORDS.items():
        if word == kept:
            continue
        found = json.loads(program.ok("memory", "search", name, "--json"))
        assert word not in json.dumps(found, ensure_ascii=False)
        assert word not in answers
        assert places_of(word, tmp_path / "out") == []
        assert places_of(word, tmp_path / "copy") == []
        assert places_of(word, data) == []
    assert kept in answers
    assert places_of(kept, tmp_path / "out")
    exported = next((data / "exports").glob("2*"))
    assert places_of(kept, exported) == ["facts.jsonl"]
    assert (exported / "facts.jsonl").stat().st_mode & 0o777 == 0o600
    assert "nothing was changed" in program.ok("import", str(exported))
    assert kept in (data / "terminal" / "history").read_text("utf-8")


def test_forgetting_twice_and_what_never_was(program: Program) -> None:
    """Both are told in a sentence, with exit code 1; nothing is appended."""
    identity = json.loads(program.ok("memory", "add", "The key is Plumquatz", "--json"))["id"]
    program.ok("memory", "forget", identity)
    for unknown, said in ((identity, "forgotten already"), ("FNEVER", "no fact 'FNEVER'")):
        done = program.run("memory", "forget", unknown)
        assert (done.code, done.out) == (1, "")
        assert said in done.err
    assert len(program.events("--type", "fact.forgotten.v1")) == 1


def _cut_off(place: Place, fact: str, before: str) -> None:
    """Forget a fact in a process that ends just before it erases the log or the traces."""

    async def ends(_: object) -> None:
        raise _PowerCutError

    async def work() -> None:
        async with build_app(place.config(), Overrides(environ={}), lead=False) as app:
            part = app.store if before == "log" else app.traces
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(part, "erase", ends)
                with pytest.raises(_PowerCutError):
                    await forget(app.kernel, app.traces, fact)

    asyncio.run(work())


@pytest.mark.parametrize("before", ["log", "traces"])
def test_killed_before_it_erased_the_next_start_erases(program: Program, before: str) -> None:
    """The word that a fact is forgotten is enough: the next start takes its words away."""
    data, (tell, ask) = program.place.data, SECRETS["motto"]
    program.chat(tell, ask)
    history = data / "terminal" / "history"
    history.parent.mkdir(exist_ok=True)
    history.write_text(f"\n# 2026\n+{tell}\n", encoding="utf-8")
    _cut_off(program.place, _facts(program)["motto"], before)
    assert "equerry.db" in places_of("zimtkern", data)
    program.chat("hello")
    assert places_of("zimtkern", data) == []
    assert len(program.events("--type", "fact.forgotten.v1")) == 1
    assert "events verified" in program.ok("verify")


def _answer(request: ModelRequest) -> Scripted:
    text = request.messages[-1].content
    return "The zylophant sleeps in Bergquast." if "where" in text else "Fine."


async def test_prompts_and_answers_of_a_model_forget_too(place: Place) -> None:
    """Packed prompts hold facts and turns; after forgetting no prompt does, old or new."""
    model = ScriptedModel(_answer)
    async with sitting(place, Overrides(model=model, environ={})) as talk:
        await talk.say("The zylophant sleeps in Bergquast.")
        await talk.say("/remember the zylophant sleeps in Bergquast")
        await talk.say("where does the zylophant sleep?")
        assert "Bergquast" in str(model.requests[-1].messages)
        listed = await talk.say("/memory list")
        assert places_of("Bergquast", place.data)
        for line in listed.splitlines():
            assert "is forgotten" in await talk.say(f"/forget {line.split()[0]}")
        assert places_of("Bergquast", place.data) == []
        await talk.say("and now, what of the zylophant?")
        assert "bergquast" not in str(model.requests[-1].messages).casefold()
    assert places_of("Bergquast", place.data) == []
