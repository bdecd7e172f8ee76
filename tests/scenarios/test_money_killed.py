"""`kill -9` of the real program during a model call: what is paid, what is repeated."""

import signal
import time
from decimal import Decimal

import pytest

from tests.scenarios.counting import agree, calls, log
from tests.scenarios.program import Program
from tests.scenarios.serving import served
from tests.scenarios.sitting import sitting
from tests.scenarios.test_money import DEAR, FIRST, PLAN, SECOND
from tests.servers.openai import OpenAiServer
from tests.waiting import PROGRAM_S

REPLIES = (PLAN, FIRST, SECOND)


def kill_during_call(program: Program, server: OpenAiServer, number: int) -> None:
    """Have a plan run, and kill the program while the server is slow with a call."""
    server.script(*REPLIES[: number - 1], REPLIES[number - 1]._replace(delay_s=60))
    script = program.place.file.with_name("script.txt")
    script.write_text("write both", encoding="utf-8")
    process = program.start("chat", "--script", str(script))
    until = time.monotonic() + PROGRAM_S
    while len(server.requests) < number:
        assert time.monotonic() < until
        time.sleep(0.02)
    time.sleep(0.1)
    process.send_signal(signal.SIGKILL)
    process.communicate()


@pytest.mark.parametrize("number", [1, 2, 3])
async def test_one_call_is_repeated_and_no_effect(program: Program, number: int) -> None:
    """Killed while the plan, the first or the second text is written: one call more, no effect."""
    server = OpenAiServer()
    with server:
        served(program.place, server, prices=DEAR)
        kill_during_call(program, server, number)
        server.script(*REPLIES[number - 1 :])
        async with sitting(program.place) as talk:
            assert talk.said[-1] == "Two."
            assert len(server.requests) == 4
            outcomes = [one["outcome"] for one in calls(await log(talk))]
            assert sorted(outcomes) == ["ok", "ok", "ok", "unknown"]
            (lost,) = [one for one in calls(await log(talk)) if one["outcome"] == "unknown"]
            reserved = [e.payload for e in await talk.events("budget.reserved.v1")]
            (hold,) = [one for one in reserved if one["call"] == lost["call"]]
            assert Decimal(lost["usd"]) == Decimal(hold["usd"]) > 0
            agents = ["planner", "assistant", "assistant"]
            assert (lost["agent"], lost["model"]) == (agents[number - 1], "openai/middle")
            assert "counted at its highest cost" in lost["error"]
            assert len(await talk.events("operation.finished.v1")) == 1
            await agree(talk)
    assert program.place.note().read_text("utf-8") == "One.\n"
