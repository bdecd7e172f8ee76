"""What will run is shown whole: on cards, in lists, in stories, whatever hides in it."""

import asyncio
import json
import string
from collections.abc import Sequence
from types import NoneType, UnionType
from typing import Any, Literal, get_args, get_origin

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from adapters.chat.cards import Look
from adapters.chat.plain import plain_card, whole_card
from adapters.chat.safe_text import safe_text
from adapters.telegram.cards import card_parts
from bot.app import Overrides, build_app
from bot.config import Config
from bot.reports import lists
from core.domain.arguments import argument_lines, leaves
from core.domain.canonical import canonical
from core.domain.cards import Confidence, Ruling
from core.domain.errors import RefusedError
from core.domain.plan import PlannedTask
from core.domain.whole_text import storable
from core.goals.cases import Case
from core.goals.gating import card_item
from core.goals.state import TaskState
from core.ports.action import Action
from core.ports.chat_surface import CardView
from tests.scenarios.hiding import BODY, PEOPLE, mail_model, with_mail
from tests.scenarios.places import Place
from tests.scenarios.sitting import sitting
from tests.servers.smtp import SmtpServer

RULING = Ruling(
    route="review",
    rule="always",
    reasons=(),
    impact="high",
    confidence=Confidence(claimed=1, earned=1),
)
PLAIN = st.text(string.ascii_letters + string.digits + "./@:-_", min_size=1, max_size=80)
ANY = st.text(max_size=120)


@pytest.fixture(scope="module")
def actions(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Action[Any]]:
    """Give every action that the program can have."""
    folder = tmp_path_factory.mktemp("actions")
    smtp = {"host": "127.0.0.1", "port": 25, "tls": "none", "from": "me@home.example"}
    search = {"provider": "searxng", "url": "http://127.0.0.1:1"}
    sections = {
        "mail": {"smtp": smtp},
        "http": {"allow": ["api.example"]},
        "web": {"search": search},
    }
    return asyncio.run(_built(Place(folder, {"actions": sections}).config()))


async def _built(config: Config) -> Sequence[Action[Any]]:
    async with build_app(config) as app:
        registry = app.kernel.actions
        own = [registry.get(name) for name in ("access.grant", "operation.undo", "profile.change")]
        return list({action.name: action for action in (*registry.offered(), *own)}.values())


def values(kind: Any, text: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:  # noqa: ANN401 - an annotation
    """Return values for an argument by its annotation."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Literal:
        return st.sampled_from(inner)
    if origin is UnionType or str(origin) == "typing.Union":
        return st.one_of(*(values(one, text) for one in inner))
    if origin is tuple or origin is list:
        return st.lists(values(inner[0], text), max_size=4)
    if origin is dict:
        return st.dictionaries(text, values(inner[1], text), max_size=3)
    if kind is NoneType:
        return st.none()
    if kind is str:
        return text
    return st.recursive(
        text | st.integers() | st.booleans() | st.none(),
        lambda deeper: st.lists(deeper, max_size=3) | st.dictionaries(text, deeper, max_size=3),
        max_leaves=5,
    )


def shown_card(action: Action[Any], given: dict[str, Any]) -> tuple[CardView, dict[str, Any]]:
    """Return the card of an action with arguments, as the gate makes it, and what would run."""
    try:
        args = action.Args.model_validate(given)
        wire = args.model_dump(mode="json")
        case = Case(action=action, args=args, wire=wire, control=(), content=())
        task = TaskState(planned=PlannedTask(id="t1", agent="executor", input={}))
        item = card_item(task, case, "m1", RULING)
    except (ValidationError, RefusedError):
        assume(False)
        raise
    view = CardView(
        card="CAB2CD34E",
        goal="G1",
        kind="operation",
        conversation="telegram:7",
        title=item.title.text,
        why="you asked: “x” (G1).",
        route="review",
        items=(item,),
    )
    return view, wire


def drawn_arguments(
    data: st.DataObject, action: Action[Any], text: st.SearchStrategy[str]
) -> tuple[CardView, dict[str, Any]]:
    """Return a card of an action with arguments that are drawn for each of its fields."""
    fields = action.Args.model_fields.items()
    drawn = {
        field.alias or name: data.draw(values(field.annotation, text), name)
        for name, field in fields
    }
    return shown_card(action, storable(drawn))  # as a plan comes in


def sent(view: CardView) -> tuple[str, str]:
    """Return the text of all messages of a card, and of its file."""
    parts = card_parts(view)
    text = "\n".join(message.text for message in parts.messages)
    return text, parts.file[1].decode() if parts.file else ""


SLOW = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[
        HealthCheck.filter_too_much,
        HealthCheck.too_slow,
        HealthCheck.function_scoped_fixture,
    ],
)


@SLOW
@given(data=st.data())
def test_each_plain_value_stands_on_the_card_word_for_word(
    actions: Sequence[Action[Any]], data: st.DataObject
) -> None:
    """Of every action: what decides in the messages themselves, all else there or in the file."""
    action = data.draw(st.sampled_from(actions))
    view, wire = drawn_arguments(data, action, PLAIN)
    text, file = sent(view)
    for name, value in wire.items():
        for _, leaf in leaves(value):
            word = leaf if isinstance(leaf, str) else canonical(leaf)
            assert word in text or (name not in action.control and word in file), name
            assert word in whole_card(view)
            if name in action.control:
                assert word in plain_card(view)


@SLOW
@given(data=st.data())
def test_each_odd_value_is_there_in_its_visible_form(
    actions: Sequence[Action[Any]], data: st.DataObject
) -> None:
    """Hidden characters, white space and quotes are named in place; no line of it is left out."""
    action = data.draw(st.sampled_from(actions))
    view, wire = drawn_arguments(data, action, ANY)
    text, file = sent(view)
    for line in argument_lines(wire, [name for name in wire if name in action.control]):
        assert safe_text(line).rstrip() in text
    for name in wire.keys() - action.control:
        for _, leaf in leaves(wire[name]):
            for line in leaf.split("\n") if isinstance(leaf, str) else [canonical(leaf)]:
                seen = safe_text(line).strip()
                assert seen in text or " ".join(seen.split()) in text or seen in file


async def test_no_list_and_no_story_leaves_a_recipient_out(
    place: Place, smtp_server: SmtpServer
) -> None:
    """The card, `/inbox`, `inbox --json` and `/why CARD` show every address, the real one first."""
    async with sitting(with_mail(place, smtp_server), Overrides(model=mail_model())) as talk:
        await talk.say("send everybody the offer")
        card, report = talk.card, await lists.inbox(talk.app)
        stories = {
            "card": plain_card(card, Look(body_lines=1)),
            "/inbox": await talk.say("/inbox"),
            "inbox": report.text,
            "/why": await talk.say(f"/why {card.card}"),
        }
        for where, text in stories.items():
            assert "to: attacker@evil.example (“Bob Smith of Acme" in text, where
            for person in PEOPLE[1:]:
                assert f"to: {person}\n" in text, (where, person)
        assert json.loads(json.dumps(report.data))[0]["items"][0]["args"]["to"] == PEOPLE
        assert all(line in stories["/why"] for line in BODY.split("\n"))
