"""A scripted OpenAI-compatible server: plans, references, a repair, and a server that is away."""

from tests.scenarios.places import Place
from tests.scenarios.plans import does, plan_json, writes
from tests.scenarios.program import Program
from tests.scenarios.sitting import sitting
from tests.servers.http import Reply
from tests.servers.openai import Call, OpenAiServer, answer, stream

KEY = "sk-test-0123456789"


def with_model(place: Place, server: OpenAiServer) -> Place:
    """Configure the scripted server as the model."""
    prices = {"input_per_million": 1, "output_per_million": 4}
    tier = {"model": "openai/gpt-x", "prices": prices}
    tiers = {"fast": tier, "balanced": tier, "deep": tier}
    place.configure(llm={"api_base": server.api_base, "api_key": KEY, "tiers": tiers})
    return place


def submits(plan: str) -> Reply:
    """Return a streamed answer that submits a plan."""
    return stream(calls=[Call("submit_plan", plan)])


async def test_a_plan_with_branches_and_references(place: Place) -> None:
    """Two branches, a text made from both outputs, a note of that text, and what it cost."""
    tasks = plan_json(
        does("todo", "task.add", {"title": "call Acme"}),
        does("when", "reminder.set", {"text": "Acme", "at": "2030-01-02T09:00"}),
        writes("text", "say both", {"todo": "{{ todo }}", "when": "{{ when }}"}),
        does("note", "note.append", {"text": "Done: {{ text.text }}"}),
    )
    with OpenAiServer() as server:
        server.script(submits(tasks), answer(calls=[Call("submit_result", '{"text": "both"}')]))
        async with sitting(with_model(place, server)) as talk:
            said = await talk.say("prepare the call with Acme")
            assert "Added to notes.md: Done: both" in said
            calls = await talk.events("model.called.v1")
            assert [event.payload["outcome"] for event in calls] == ["ok", "ok"]
            assert "Model gpt-x" in (await talk.say("/why")).replace("openai/", "")
            assert "$0.0004" in await talk.say("/status")
        assert "call Acme" in str(server.requests[1]["messages"])
    assert place.note().read_text("utf-8") == "Done: both\n"


async def test_a_plan_that_does_not_validate_is_sent_back_once(place: Place) -> None:
    """Cut JSON first, a plan then: the server is told what was wrong."""
    good = plan_json(does("t1", "note.append", {"text": "second try"}))
    with OpenAiServer() as server:
        server.script(submits('{"title": "cut'), submits(good))
        async with sitting(with_model(place, server)) as talk:
            assert await talk.say("note something") == "Added to notes.md: second try"
        told = server.requests[1]["messages"][-1]
        assert told["role"] == "tool"
        assert told["content"].startswith("Not accepted: The plan is not valid JSON")


def test_a_server_that_is_away_is_stood_in_for(program: Program) -> None:
    """The offline model answers and says so; with the server back the model answers again."""
    with OpenAiServer() as server:
        with_model(program.place, server)
    shown = program.chat("note: buy milk")
    assert program.place.note().read_text("utf-8") == "buy milk\n"
    outcomes = {line["payload"]["outcome"] for line in program.events("--type", "model.called.v1")}
    assert outcomes == {"unreachable", "ok"}
    assert "Added to notes.md: buy milk" in shown
