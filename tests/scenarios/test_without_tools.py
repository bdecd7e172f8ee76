"""A model without tool calls, as small local ones are: the owner notices nothing of it."""

from tests.scenarios.places import Place
from tests.scenarios.plans import does, plan_json
from tests.scenarios.sitting import sitting
from tests.scenarios.test_model_server import with_model
from tests.servers.openai import OpenAiServer, answer, stream, usage

OWN = '```json\n{"name": "note.append", "arguments": {"text": "the printer is broken"}}\n```'


async def test_a_call_in_the_text_is_asked_for_again_as_a_plan(place: Place) -> None:
    """An action named in fenced JSON becomes a plan by schema; one event counts both requests."""
    plan = plan_json(does("t1", "note.append", {"text": "the printer is broken"}))
    with OpenAiServer() as server:
        server.script(
            stream([OWN], used=usage(1000, 50)),
            answer(plan, used=usage(1200, 80)),
            answer('{"call": null, "reply": "Gladly."}'),
        )
        async with sitting(with_model(place, server)) as talk:
            said = await talk.say("add a note that the printer is broken")
            assert said == "Added to notes.md: the printer is broken"
            [call] = await talk.events("model.called.v1")
            assert (call.payload["tokens_in"], call.payload["tokens_out"]) == (2200, 130)
            assert await talk.say("thanks") == "Gladly."
        assert ["tools" in body for body in server.requests] == [True, False, False]
    assert place.note().read_text("utf-8") == "the printer is broken\n"
