"""Bad input, second table: lines of the owner and answers of a model.

Each row: what is fed, the one clear sentence that comes back, and the event where something was
decided. After each the program goes on: a note is taken, and the log verifies.
"""

import re
from typing import NamedTuple

import pytest

from adapters.inmemory.model import ScriptedModel, called
from bot.app import Overrides
from core.domain.errors import ModelRefusedError
from core.ports.model import ModelAnswer
from tests.scenarios.places import ASK_FOR_NOTES, Place
from tests.scenarios.plans import does, plan, writes
from tests.scenarios.sitting import Sitting, sitting


class Row(NamedTuple):
    """A line and the sentence (a regular expression for the whole of it) that answers it."""

    line: str
    sentence: str


LINES = [
    Row("accept", "No card is open here: there is nothing to answer."),
    Row("reject", "No card is open here: there is nothing to answer."),
    Row("edit", "No card is open here: there is nothing to answer."),
    Row("always", "No card is open here: there is nothing to answer."),
    Row("accept CAAAAAAAA", "There is no card 'CAAAAAAAA'; /inbox lists the open ones."),
    Row("edit CAAAAAAAA x=1", "There is no card 'CAAAAAAAA'; /inbox lists the open ones."),
    Row("reject CAAAAAAAA: no", "There is no card 'CAAAAAAAA'; /inbox lists the open ones."),
    Row("why CAAAAAAAA", "There is no goal, card, operation or message 'CAAAAAAAA'; .*"),
    Row("/frobnicate", r"There is no command /frobnicate; /help lists what there is\."),
    Row("/statsu", r"There is no command /statsu; did you mean /status\?"),
    Row("/why G999", r"There is no goal, card, operation or message 'G999'; .*"),
    Row("/undo", r"There is nothing that can be undone\."),
    Row("/undo G999", r"There is no operation, goal or card 'G999'; /goals lists the goals\."),
    Row("/stop G999", r"There is no open goal 'G999'; /goals lists them\."),
    Row("/grants revoke PXXXXXX", r"There is no active grant 'PXXXXXX'; /grants lists them\."),
    Row("/grants give me all", r"Write /grants to list them, or /grants revoke ID\."),
    Row("\u202e\u200f\x07", "The message is empty: it holds no text that can be read."),
    Row("remind me at 25:99 to eat", r".+"),
    Row("done with nothing I know", r".+"),
]

BAD_ANSWERS: list[tuple[str, ModelAnswer | str, str]] = [
    ("not JSON", called("submit_plan", "{"), "The plan is not valid JSON: "),
    ("no plan", called("submit_plan", {}), "The plan does not fit the schema: title: "),
    (
        "unknown field",
        called("submit_plan", {"title": "x", "tasks": [{**does("t1", "x", {}), "mood": 1}]}),
        "tasks.0.mood: extra inputs are not permitted",
    ),
    ("another tool", called("rm", {}), "The tool 'rm' does not exist"),
    ("nothing", ModelAnswer(model="scripted"), "The answer was empty"),
    (
        "unknown agent",
        plan({**writes("t1", "x", {}), "agent": "wizard"}),
        "Task 't1' names the unknown agent 'wizard'; there are: assistant, executor",
    ),
    (
        "cycle",
        plan(writes("a", "x", {}, "b"), writes("b", "x", {}, "a")),
        " wait for one another.",
    ),
    (
        "cycle through references",
        plan(writes("a", "x", {"y": "{{ b }}"}), writes("b", "x", {"y": "{{ a.text }}"})),
        " wait for one another.",
    ),
    (
        "twice the same id",
        plan(writes("a", "x", {}), writes("a", "y", {})),
        "The plan has two tasks with the id 'a'.",
    ),
    (
        "a reference to no task",
        plan(does("t1", "note.append", {"text": "{{ t7.text }}"})),
        "Task 't1' refers to 't7', which is no task of the plan.",
    ),
    (
        "arguments out of schema",
        plan(does("t1", "note.append", {"txt": "x"})),
        "The arguments of note.append do not fit: text: field required",
    ),
    (
        "unknown action",
        plan(does("t1", "rocket.launch", {})),
        "There is no action 'rocket.launch' here; there are: ",
    ),
    (
        "confidence out of range",
        plan(does("t1", "note.append", {"text": "x"}, confidence=7)),
        "confidence: input should be less than or equal to 1",
    ),
]


async def goes_on(talk: Sitting, place: Place) -> None:
    """Check that the next message is handled and that the log verifies."""
    await talk.say("note: still here")
    await talk.say("accept")
    assert place.note().read_text("utf-8") == "still here\n"
    assert (await talk.app.store.verify()).problem is None


@pytest.mark.parametrize("row", LINES, ids=lambda row: ascii(row.line))
async def test_a_line_that_cannot_be_followed(row: Row, place: Place) -> None:
    """One sentence comes back, no effect is begun, and the next line works."""
    place.configure(**ASK_FOR_NOTES)
    async with sitting(place) as talk:
        said = await talk.say(row.line)
        assert re.fullmatch(row.sentence, said), said
        for kind in ("operation.started.v1", "card.decided.v1"):
            assert not await talk.events(kind)
        await goes_on(talk, place)


@pytest.mark.parametrize(
    ("answer", "sentence"), [row[1:] for row in BAD_ANSWERS], ids=[row[0] for row in BAD_ANSWERS]
)
async def test_an_answer_of_a_model_that_does_not_validate(
    answer: ModelAnswer, sentence: str, place: Place
) -> None:
    """It is sent back once with what was wrong; then the goal fails with that, as an event."""
    place.configure(**ASK_FOR_NOTES)
    model = ScriptedModel([answer, answer, plan(does("t1", "note.append", {"text": "still here"}))])
    async with sitting(place, Overrides(model=model)) as talk:
        said = await talk.say("do it")
        assert sentence in said
        assert said.startswith("The model's plan could not be used, also after one repair: ")
        assert len(said.splitlines()) == 1
        assert sentence in model.requests[1].messages[-1].content
        (finished,) = await talk.events("goal.finished.v1")
        assert finished.payload["outcome"] == "failed"
        assert len(await talk.events("model.called.v1")) == 2
        assert not await talk.events("plan.proposed.v1")
        await goes_on(talk, place)


async def test_an_answer_that_is_repaired_is_used(place: Place) -> None:
    """The second answer counts; the owner sees nothing of the first."""
    good = plan(does("t1", "note.append", {"text": "repaired"}))
    async with sitting(place, Overrides(model=ScriptedModel(["", good]))) as talk:
        assert await talk.say("do it") == "Added to notes.md: repaired"


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        ({"text": "{{ a.nothing }}"}, "points to nothing: 'a' has no 'nothing'"),
        ({"text": "x", "file": "{{ a.title }}/../../x.md"}, "../../x.md"),
        ({"text": "x", "file": "../out.md"}, "out.md"),
        ({"text": "x", "file": "/etc/passwd"}, "/etc/passwd"),
    ],
)
async def test_arguments_that_only_the_action_can_judge(
    args: dict[str, str], sentence: str, place: Place
) -> None:
    """The task fails as refused, in one sentence; a re-plan is told, nothing is asked or begun."""
    first = does("a", "task.add", {"title": "call"})
    model = ScriptedModel([plan(first, does("b", "note.append", args, "a"))])
    model.then("I cannot do that.", "Hello.")
    async with sitting(place, Overrides(model=model)) as talk:
        await talk.say("do it")
        (failed,) = await talk.events("task.failed.v1")
        assert failed.payload["kind"] == "refused"
        assert sentence in failed.payload["error"]["value"]
        assert len(failed.payload["error"]["value"].splitlines()) == 1
        assert talk.surface.shown == []
        assert await talk.say("hi") == "Hello."
    assert not place.note().parent.exists() or not list(place.note().parent.iterdir())


@pytest.mark.parametrize(
    "edit",
    ["edit file=../out.md", "edit txt=x", "edit 7.text=x", "edit file=/etc/passwd", "edit text="],
)
async def test_an_edit_that_is_not_valid(edit: str, place: Place) -> None:
    """The card stays open with what it asked, and can still be accepted."""
    place.configure(**ASK_FOR_NOTES)
    async with sitting(place) as talk:
        await talk.say("note: as asked")
        said = await talk.say(edit)
        assert said
        assert len(said.splitlines()) == 1
        assert not await talk.events("card.decided.v1")
        await talk.say("accept")
    assert place.note().read_text("utf-8") == "as asked\n"


async def test_an_edit_without_words_takes_the_next_line(place: Place) -> None:
    """`edit` alone asks for the text; a slash command in between is no text."""
    place.configure(**ASK_FOR_NOTES)
    async with sitting(place) as talk:
        await talk.say("note: as asked")
        assert "Send the new text" in await talk.say("edit")
        await talk.say("as I want it")
    assert place.note().read_text("utf-8") == "as I want it\n"


async def test_a_megabyte_is_kept_and_told(place: Place) -> None:
    """It is durable as it came; the answer says what to do instead."""
    place.configure(**ASK_FOR_NOTES)
    text = "note: " + "x" * 1_000_000
    async with sitting(place) as talk:
        assert (
            await talk.say(text)
            == "The message has 1,000,006 characters and I can work from 100,000 at the most: it "
            "is kept, but please send the long part as a file or in pieces."
        )
        (received,) = await talk.events("message.received.v1")
        assert received.payload["text"]["value"] == text
        (finished,) = await talk.events("goal.finished.v1")
        assert finished.payload["outcome"] == "failed"
        await goes_on(talk, place)


async def test_hidden_characters_are_taken_out(place: Place) -> None:
    """Control characters and direction marks reach neither the log nor the file."""
    async with sitting(place) as talk:
        await talk.say("note: \x1b[31mpay \u202egpj.exe\u2066 \x00now\x7f")
        (received,) = await talk.events("message.received.v1")
        assert received.payload["text"]["value"] == "note: [31mpay gpj.exe now"
    assert place.note().read_text("utf-8") == "[31mpay gpj.exe now\n"


async def test_a_server_that_refuses_is_told_once(place: Place) -> None:
    """A refused call ends the goal with the sentence of the model's adapter."""
    refused = ModelRefusedError("The server of the model 'x' refused the key.")
    async with sitting(place, Overrides(model=ScriptedModel([refused, "Hello."]))) as talk:
        assert await talk.say("hi") == "The server of the model 'x' refused the key."
        assert await talk.say("hi again") == "Hello."
