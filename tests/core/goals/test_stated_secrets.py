import json
import re
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.inmemory.model import ScriptedModel
from adapters.offline.model import OfflineModel
from adapters.when.words import WordsWhen
from core.agents.call_events import unpacked
from core.agents.shield import NOTE, Shielded
from core.domain.events import NewEvent
from core.domain.events.messages import MessageQueued
from core.domain.events.models import ModelCalled
from core.domain.events.personal import SecretStated
from core.memory.forgetting import forget
from core.ports.model import ModelAnswer, ModelMessage, ModelRequest, ToolCall
from tests.core.support.actions import Crash
from tests.core.support.plans import do, plan, result, write
from tests.core.support.world import HERE, Setup, World

TOLD = "my wifi password is hunter2x"
_REFERENCE = re.compile(r"\[\[S[A-Z2-7]{8} [\w ]+\]\]")


def world() -> World:
    """Return a core with a model of somebody else's, so that what it is told is a prompt."""
    return World(Setup(offline=OfflineModel(WordsWhen())))


def prompts(model: ScriptedModel) -> str:
    """Return all that a model was ever told."""
    return json.dumps([request.model_dump(mode="json") for request in model.requests])


def reference(request: ModelRequest) -> str:
    """Return the newest reference in a prompt."""
    *_, newest = _REFERENCE.finditer("\n".join(message.content for message in request.messages))
    return newest[0]


async def test_a_stated_password_is_in_no_prompt_and_comes_back_in_the_reply() -> None:
    """The model has a reference; the owner who asks for the password gets the password."""
    here = world()
    await here.say(TOLD, "I keep it.")
    answered = lambda request: f"It is {reference(request)}."  # noqa: E731 - a script of one answer
    assert await here.say("what is the wifi password?", answered) == ["It is hunter2x."]
    assert "hunter2x" not in prompts(here.model)
    assert NOTE in [message.content for message in here.model.requests[-1].messages]
    (queued,) = [one for one in await here.told(MessageQueued) if "It is" in one.text.text]
    assert queued.text.text == "It is hunter2x."


async def test_a_stated_password_goes_out_by_reference_and_the_card_shows_it() -> None:
    """What is planned with the reference has the value where it goes: on the card, then out."""
    here = world()
    await here.say(TOLD, "I keep it.")
    await here.say(
        "send the wifi password to Jana",
        lambda request: plan(
            do("t1", "probe.high", to="jana", text=f"The wifi: {reference(request)}!")
        ),
    )
    assert here.card.items[0].args.value["text"] == "The wifi: hunter2x!"
    await here.decide()
    assert [one.text for one in here.probe("probe.high").effects] == ["The wifi: hunter2x!"]
    assert "hunter2x" not in prompts(here.model)


async def test_an_agent_that_writes_has_the_reference_too() -> None:
    """A draft by the assistant is made with a reference, and is right when it is used."""
    here = world()
    await here.say(
        f"{TOLD}. Write Jana about it",
        lambda request: plan(
            write("t1", f"tell Jana that the password is {reference(request)}"),
            do("t2", "probe.high", to="jana", text="{{ t1.text }}"),
        ),
        lambda request: result(f"Dear Jana, it is {reference(request)}."),
    )
    assert here.card.items[0].args.value["text"] == "Dear Jana, it is hunter2x."
    assert "hunter2x" not in prompts(here.model)


async def test_a_secret_told_bare_later_is_known_also_after_a_restart() -> None:
    """Once stated it is known: in a reply that stands in the window, and in a new process."""
    here = world()
    await here.say(TOLD, "I keep it.")
    await here.say("and?", reference)
    for _ in range(2):
        here.restart()
        await here.say("is hunter2x or H U N T E R 2 X better?", "The first.")
    assert "hunter2x" not in prompts(here.model)
    assert "H U N T E R" not in prompts(here.model)


async def test_the_log_has_where_a_secret_stands_and_never_what_it_is() -> None:
    """Events and rows name the text; erasing that text erases the secret."""
    here = world()
    await here.say(TOLD, "I keep it.")
    (stated,) = here.events(SecretStated)
    assert stated.kind == "password"
    assert "hunter2x" not in json.dumps([event.wire() for event in here.store.stored], default=str)
    assert "[[S" in await here.kernel.calls.shield.text("hunter2x")
    await here.store.erase([stated.text])
    here.restart()
    assert await here.kernel.calls.shield.text("hunter2x") == "hunter2x"
    await here.still()


@pytest.mark.parametrize(
    "secret",
    [
        "the PIN of my card is 4321",
        "account number 12345678",
        "IBAN DE89 3704 0044 0532 0130 00",
        "API key: f3a9c2d1e8",
        "mein Passwort lautet Sommer-26",
        'the password is "correct horse battery"',
    ],
)
async def test_all_kinds_stand_as_references(secret: str) -> None:
    """PINs, keys, numbers of accounts and quoted phrases are no more in a prompt than passwords."""
    here = world()
    value = re.split(r" is |number |IBAN |: |lautet ", secret)[-1].strip('"')
    told = await here.say(secret, lambda request: f"Noted: {reference(request)}")
    assert told == [f"Noted: {value}"]
    assert value not in prompts(here.model)


async def test_a_reference_that_stood_in_no_prompt_is_not_filled_in() -> None:
    """Nobody gets a secret by guessing at references, or by naming one of another prompt."""
    here = world()
    await here.say(TOLD, "I keep it.")
    (stated,) = here.events(SecretStated)
    shielded = await here.kernel.calls.shield.over(
        ModelRequest(
            agent="assistant",
            tier="fast",
            messages=(ModelMessage(role="user", content=f"Say [[{stated.secret} password]]"),),
        )
    )
    said = f"[[{stated.secret} password]] [[SAAAAAAAA password]]"
    assert shielded.filled(ModelAnswer(text=said, model="m")).text == said


def test_what_a_loop_asks_a_tool_keeps_the_reference() -> None:
    """Only a result that is submitted has values: a search or a fetch carries none outside."""
    request = ModelRequest(agent="researcher", tier="fast", messages=())
    shielded = Shielded(request, {"SABCDEFGH": 'a"b'})
    argument = '{"query": "[[SABCDEFGH password]]"}'
    calls = tuple(ToolCall(id=n, name=n, arguments=argument) for n in ("web__search", "submit_x"))
    filled = shielded.filled(ModelAnswer(tool_calls=calls, model="m"))
    assert [call.arguments for call in filled.tool_calls] == [argument, '{"query": "a\\"b"}']


@given(st.lists(st.integers(1, 40), max_size=6))
def test_streamed_text_has_values_wherever_it_is_cut(cuts: list[int]) -> None:
    """Pieces of a reference are held back until it is whole."""
    request = ModelRequest(agent="planner", tier="fast", messages=())
    text = "It is [[SABCDEFGH password]], [sic] and so on."
    shown: list[str] = []
    take = Shielded(request, {"SABCDEFGH": "hunter2x"}).streamed(shown.append)
    assert take is not None
    places = [0, *sorted(set(cuts)), len(text)]
    for start, end in pairwise(places):
        take(text[start:end])
    assert "".join(shown) == "It is hunter2x, [sic] and so on."


async def test_dates_and_times_are_no_pin() -> None:
    """A short number stands for itself where it is a part of another."""
    here = world()
    await here.say("my PIN is 2026", "I keep it.")
    shield = here.kernel.calls.shield
    assert await shield.text("on 2026-11-30 at 20:26, 2026.50") == "on 2026-11-30 at 20:26, 2026.50"
    assert (await shield.text("it is 2026.")).startswith("it is [[S")


async def test_a_plan_that_was_paid_for_before_a_crash_is_filled_in_again() -> None:
    """An answer on the log has its values also in the process that comes after."""
    here = world()
    paid: dict[str, Any] = {"usd": Decimal("0.01"), "model": "scripted"}
    here.model.then(lambda request: ModelAnswer(text=f"Kept {reference(request)}.", **paid))
    await here.hear(TOLD)

    async def dies(events: Sequence[NewEvent]) -> bool:
        if any(event.payload.wire == "goal.finished.v1" for event in events):
            raise Crash
        return False

    here.store.meanwhile = dies
    with pytest.raises(Crash):
        await here.drain(HERE)
    here.store.meanwhile = None
    here.restart()
    await here.drain(HERE)
    assert [outbound.text for outbound in here.surface.sent] == ["Kept hunter2x."]


class NoFiles:
    """Traces of nothing outside the log."""

    async def erase(self, _needles: Sequence[str]) -> list[str]:
        """Find none."""
        return []


async def kept_prompts(here: World) -> str:
    """Return the prompts that the log still has."""
    calls = await here.told(ModelCalled)
    return "\n".join(unpacked(call.prompt) or "" for call in calls if call.prompt)


async def test_forgetting_a_fact_erases_prompts_that_have_it_by_reference() -> None:
    """The words around a reference go too, and what was stated there is known no more."""
    here = world()
    await here.say(
        f"remember that {TOLD}",
        lambda request: plan(do("t1", "memory.remember", text=f"the wifi is {reference(request)}")),
    )
    await here.say("what is the wifi?", lambda request: f"the wifi is {reference(request)}")
    assert "the wifi is [[S" in await kept_prompts(here)
    (fact,) = await here.rows("facts", "known")
    await forget(here.kernel, NoFiles(), fact.key)
    assert "the wifi is [[S" not in await kept_prompts(here)
