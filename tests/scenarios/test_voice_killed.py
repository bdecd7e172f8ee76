"""`kill -9` while a recording is being transcribed, and what `/cost` and `/why` say after it."""

import subprocess
import sys
import time
from decimal import Decimal

import pytest

from bot.doctor import examine
from core.agents.transcribing import transcribe
from tests.scenarios.counting import agree, calls, log
from tests.scenarios.hearer import VOICE
from tests.scenarios.places import Place
from tests.scenarios.program import ROOT, environment
from tests.scenarios.sitting import sitting
from tests.servers.openai import OpenAiServer, transcript
from tests.waiting import PROGRAM_S

EAR = {"model": "openai/whisper-1", "price_per_minute": 0.6}
HIGHEST = Decimal("0.2")


def kill_while_it_hears(place: Place, server: OpenAiServer, goal: str) -> None:
    """Have a process transcribe, and kill it while the server is slow."""
    server.script(transcript("too late")._replace(delay_s=60))
    command = [sys.executable, "-m", "tests.scenarios.hearer", str(place.file), goal]
    process = subprocess.Popen(command, cwd=ROOT, env=environment(), stderr=subprocess.PIPE)
    until = time.monotonic() + PROGRAM_S
    while not server.uploads:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until
        time.sleep(0.02)
    process.kill()
    process.communicate()


async def test_the_call_under_way_is_counted_and_made_again(place: Place) -> None:
    """Killed while it hears: one call at its highest cost, one that is made again, each once."""
    with OpenAiServer() as server:
        place.configure(llm={"api_base": server.api_base, "api_key": "sk-k", "transcription": EAR})
        async with sitting(place) as talk:
            await talk.say("add a task: call Bob")
            goal = str((await talk.events("goal.started.v1"))[0].goal)
        kill_while_it_hears(place, server, goal)
        server.script(transcript("Call Bob.", {"type": "duration", "seconds": 19}))
        async with sitting(place) as talk:
            for _ in range(2):
                assert await transcribe(talk.app.kernel, goal, VOICE) == "Call Bob."
            assert [upload.data for upload in server.uploads] == [VOICE.data] * 2
            heard = [one for one in calls(await log(talk)) if one["agent"] == "transcriber"]
            assert [(one["outcome"], Decimal(one["usd"])) for one in heard] == [
                ("unknown", HIGHEST),
                ("ok", Decimal("0.19")),
            ]
            assert {one["tier"] for one in heard} == {"transcription"}
            assert await agree(talk) == Decimal("0.39")
            assert "transcriber $0.39 (2)" in await talk.say("/cost")
            told = await talk.say(f"/why {goal}")
            assert "openai/whisper-1 for the transcriber" in told
            assert "counted at its highest cost" in told


@pytest.mark.parametrize(
    ("settings", "level", "said"),
    [
        ({}, "ok", "off: no llm.transcription.model"),
        ({"model": "openai/whisper-1"}, "ok", "openai/whisper-1"),
        ({"model": "mine"}, "fail", "set `llm.transcription.price_per_minute`"),
    ],
)
async def test_the_doctor_tells_whether_voice_is_read(
    place: Place, settings: dict[str, object], level: str, said: str
) -> None:
    """Off, on, or of no use: an unknown price would refuse every voice message."""
    place.configure(llm={"transcription": settings})
    async with sitting(place) as talk:
        (found,) = [one async for one in examine(talk.app) if one.part == "voice"]
    assert found.level == level
    assert said in found.said
