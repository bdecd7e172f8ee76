"""Models answer in many shapes; the owner sees what was said, and what was called is done."""

import json
from typing import Any

import pytest

from tests.scenarios.places import Place
from tests.scenarios.plans import does, plan_json
from tests.scenarios.serving import planned, served
from tests.scenarios.sitting import Sitting, sitting
from tests.servers.openai import Call, OpenAiServer, failure, stream
from tests.servers.shapes import CALLS, SAYS, THOUGHT, Shape, content, native, reply

TEXT = "The printer is fixed. Ask me more: 2 < 3, [a](b), and `<think>` is a tag."
ARGS = {"title": "A plan", "tasks": [does("t1", "note.append", {"text": "it's [1] (cheap)"})]}
DONE = "Added to notes.md: it's [1] (cheap)"
BROKEN = "<tool_call>note.append</tool_call>"


async def kept_out(talk: Sitting, server: OpenAiServer, words: str) -> None:
    """Check that words are neither shown, nor kept, nor sent with the next message."""
    shown = "".join(progress.delta for progress in talk.surface.progressed)
    assert words not in shown + "\n".join(talk.said)
    server.only(stream(["Fine."]))
    assert await talk.say("and now?") == "Fine."
    assert words not in json.dumps(server.requests[-1])
    assert words not in str(await talk.events())
    assert words not in await talk.say("/memory")


@pytest.mark.parametrize("shape", SAYS, ids=[one.name for one in SAYS])
async def test_what_is_said_is_shown_and_no_thought(place: Place, shape: Shape) -> None:
    """The reply, as it arrives too, is the text alone: no thought, no token of a template."""
    with OpenAiServer() as server:
        server.script(reply(shape.make(TEXT), stream=True))
        async with sitting(served(place, server)) as talk:
            assert await talk.say("how is the printer?") == TEXT
            assert "".join(one.delta for one in talk.surface.progressed) == TEXT
            assert len(server.requests) == 1
            await kept_out(talk, server, THOUGHT[10:30])


@pytest.mark.parametrize("shape", CALLS, ids=[one.name for one in CALLS])
async def test_what_is_called_is_done_and_not_shown(place: Place, shape: Shape) -> None:
    """The plan is taken from whatever it is written in, after one request."""
    with OpenAiServer() as server:
        server.script(reply(shape.make("submit_plan", ARGS), stream=True))
        async with sitting(served(place, server)) as talk:
            assert await talk.say("note that it is cheap") == DONE
            assert len(server.requests) == 1
            shown = "".join(one.delta for one in talk.surface.progressed)
            assert not {"{", "submit_plan", "note.append"} & set(shown.split()), shown
            await kept_out(talk, server, THOUGHT[10:30])


@pytest.mark.parametrize("shape", CALLS, ids=[one.name for one in CALLS])
async def test_an_agent_that_is_asked_for_a_whole_answer(place: Place, shape: Shape) -> None:
    """The assistant submits its text in the same ways."""
    task = {"id": "t1", "agent": "assistant", "input": {"instruction": "greet"}}
    with OpenAiServer() as server:
        result = shape.make("submit_result", {"text": "Dear Bob"})
        server.script(planned({**task, "confidence": 0.9, "why": "x"}), reply(result, stream=False))
        async with sitting(served(place, server)) as talk:
            assert await talk.say("write a greeting") == "Dear Bob"
            await kept_out(talk, server, THOUGHT[10:30])


@pytest.mark.parametrize(
    "text",
    [
        "A model thinks between <think> and </think>.",
        "```\n<think>\nhm\n</think>\n```\nThat is how it looks.",
        "Okay, done.",
        "Write `<tool_call>` to call.",
        "In the analysis we saw that the assistant final draft was good.",
    ],
)
async def test_a_text_that_speaks_of_markup_is_shown_as_it_is(place: Place, text: str) -> None:
    """In a fence, in backticks or in a sentence it is only spoken of."""
    with OpenAiServer() as server:
        server.script(reply(content(text), stream=True))
        async with sitting(served(place, server)) as talk:
            assert await talk.say("what is it?") == text


async def test_two_calls_under_one_index_are_two(place: Place) -> None:
    """huggingface/smolagents#1569: neither joined to what is no JSON, nor one of them lost."""
    calls = [Call("submit_plan", plan_json(does("t1", "note.append", {"text": t}))) for t in "ab"]
    deltas = [native(call.name, json.loads(call.arguments)).message for call in calls]
    both = [{"tool_calls": [{**d["tool_calls"][0], "id": f"c{n}"}]} for n, d in enumerate(deltas)]
    with OpenAiServer() as server:
        wire = native("submit_plan", {})._replace(deltas=both)
        server.script(reply(wire, stream=True))
        async with sitting(served(place, server)) as talk:
            await talk.say("note a and b")
    assert sorted(place.note().read_text("utf-8").split()) == ["a", "b"]


@pytest.mark.parametrize("name", ["note.append", "note__append", "functions.note.append"])
async def test_an_action_called_as_a_tool_is_a_plan_of_it(place: Place, name: str) -> None:
    """A call of what only the executor does means that it is to be done (langgenius/dify#17660)."""
    with OpenAiServer() as server:
        server.script(stream(calls=[Call(name, '{"text": "tea"}')]))
        async with sitting(served(place, server)) as talk:
            await talk.say("note tea")
            await talk.say("accept")  # it says nothing of how sure it is, so it is asked
            assert len(server.requests) == 1
    assert place.note().read_text("utf-8") == "tea\n"


@pytest.mark.parametrize(
    "change",
    [
        lambda plan: {**plan, "tasks": json.dumps(plan["tasks"])},
        lambda plan: {**plan, "tasks": plan["tasks"][0]},
        lambda plan: {**plan, "tasks": [{**plan["tasks"][0], "needs": None}]},
        lambda plan: {**plan, "tasks": [{**plan["tasks"][0], "confidence": "90%"}]},
        lambda plan: {
            **plan,
            "tasks": [{**plan["tasks"][0], "input": json.dumps(plan["tasks"][0]["input"])}],
        },
        lambda plan: {"arguments": plan},
    ],
    ids=["list in a text", "no list", "null", "per cent", "object in a text", "wrapped"],
)
async def test_a_plan_that_can_mean_one_thing_is_taken(place: Place, change: Any) -> None:  # noqa: ANN401 - a change of JSON
    """earendil-works/pi#9931, usestrix/strix#1024: taken as meant, without asking again."""
    with OpenAiServer() as server:
        raw = json.dumps(change(ARGS))
        server.script(stream(calls=[Call("submit_plan", raw)]))
        async with sitting(served(place, server)) as talk:
            assert await talk.say("note that it is cheap") == DONE
            assert len(server.requests) == 1


async def test_a_call_that_cannot_be_read_is_sent_back(place: Place) -> None:
    """Of a model that has tools too: it is told, and nothing of the markup is shown."""
    with OpenAiServer() as server:
        server.script(planned(does("t1", "note.append", {"text": "tea"})))
        async with sitting(served(place, server)) as talk:
            await talk.say("note tea")
            server.script(
                stream(["Sure. ", BROKEN]),
                reply(native("submit_plan", ARGS), stream=True),
            )
            assert await talk.say("note that it is cheap") == DONE
            assert "Not accepted" in json.dumps(server.requests[-1])
            assert BROKEN not in "".join(one.delta for one in talk.surface.progressed)


async def test_a_call_that_stays_unreadable_is_told_as_a_failure(place: Place) -> None:
    """Where the server takes no schema, and the second answer is no better."""
    with OpenAiServer() as server:
        server.script(stream([BROKEN]), failure(400, "no response_format"), stream([BROKEN]))
        async with sitting(served(place, server)) as talk:
            said = await talk.say("note that it is cheap")
            assert "could not be used" in said
            assert BROKEN not in said
