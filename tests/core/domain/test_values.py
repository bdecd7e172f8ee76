import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from core.domain.canonical import canonical, sha256
from core.domain.cards import Confidence
from core.domain.erasable import ERASED, Content, Erasable, contents_of, inflate, refs_of
from core.domain.errors import BugError
from core.domain.events import PAYLOADS, Event, NewEvent, Payload, decode, stamp
from core.domain.events.personal import TodoAdded, TodoDone
from core.domain.explain import explain
from core.domain.ids import goal_id, operation_marker, question_key, short_id
from core.domain.money import Usd, dollars
from core.domain.sources import Source, merged

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=8,
)


def test_markers_do_not_depend_on_the_order_of_arguments() -> None:
    """Equal arguments give the same marker; another goal, task, action or argument another one."""
    one = operation_marker("G1", "t1", "a.b", {"x": 1, "y": [1, 2]})
    assert one == operation_marker("G1", "t1", "a.b", {"y": [1, 2], "x": 1})
    assert len(one) == 32
    others = {
        operation_marker("G2", "t1", "a.b", {"x": 1, "y": [1, 2]}),
        operation_marker("G1", "t2", "a.b", {"x": 1, "y": [1, 2]}),
        operation_marker("G1", "t1", "a.c", {"x": 1, "y": [1, 2]}),
        operation_marker("G1", "t1", "a.b", {"x": 1, "y": [2, 1]}),
    }
    assert len({one, *others}) == 5


def test_a_marker_never_changes() -> None:
    """The marker of a known operation is this one in every version: it outlives an upgrade."""
    assert operation_marker("G1", "t1", "note.append", {"text": "é"}) == (
        "f51d80d8b291f5001084f3a6e7986eaa"
    )


def test_equal_questions_share_a_key() -> None:
    """A question's key tells action and arguments apart, and nothing else."""
    assert question_key("a.b", {"x": 1, "y": 2}) == question_key("a.b", {"y": 2, "x": 1})
    assert question_key("a.b", {"x": 1}) != question_key("a.c", {"x": 1})
    assert question_key("a.b", {"x": 1}) != question_key("a.b", {"x": "1"})


def test_short_ids_can_be_typed() -> None:
    """A short id has its prefix and base-32 characters, and its parts do not run together."""
    card = short_id("C", "G1", "m")
    assert len(card) == 9
    assert card[0] == "C"
    assert set(card[1:]) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
    assert short_id("C", "G1m") != card != short_id("C", "m", "G1")
    assert len(short_id("F", "x", length=6)) == 7
    assert goal_id(12) == "G12"


@given(value=json_values)
def test_canonical_text_is_one_per_value(value: object) -> None:
    """Canonical text reads back as the value, and is the same for an equal one."""
    text = canonical(value)
    assert json.loads(text) == value
    assert canonical(json.loads(text)) == text


def test_canonical_text_has_no_numbers_that_json_lacks() -> None:
    """Not-a-number cannot be hashed."""
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical(float("nan"))
    assert sha256("\ud800")


class _Priced(BaseModel):
    usd: Usd


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("0", "$0.00"),
        ("0.0004", "$0.0004"),
        ("-0.004", "$-0.0040"),
        ("0.01", "$0.01"),
        ("1.005", "$1.00"),
        ("1234.5", "$1234.50"),
    ],
)
def test_money_is_said_as_people_read_it(amount: str, said: str) -> None:
    """Cents are shown, and more digits only where a cent would hide the amount."""
    assert dollars(Decimal(amount)) == said


@pytest.mark.parametrize("given_amount", [0.1, "0.1", Decimal("0.1")])
def test_money_is_exact(given_amount: object) -> None:
    """A tenth is a tenth, from a float, a text or a decimal, and a plain text in JSON."""
    priced = _Priced.model_validate({"usd": given_amount})
    assert priced.usd + priced.usd + priced.usd == Decimal("0.3")
    assert priced.model_dump(mode="json") == {"usd": "0.1"}
    tiny = _Priced.model_validate({"usd": "1E-7"})
    assert tiny.model_dump(mode="json") == {"usd": "0.0000001"}


@pytest.mark.parametrize("amount", ["x", "", "NaN", "Infinity", None, [1]])
def test_what_is_no_amount_does_not_validate(amount: object) -> None:
    """Words, nothing and infinity are a validation error like any other."""
    with pytest.raises(ValidationError, match="is no amount of money"):
        _Priced.model_validate({"usd": amount})


@given(value=json_values)
def test_an_erasable_value_leaves_no_trace_in_the_event(value: object) -> None:
    """The wire form has a reference and a salted hash; the content row has the value."""
    sealed = Erasable.of(value)
    assert sealed.model_dump(mode="json") == {"ref": sealed.ref, "sha256": sealed.sha256}
    row = sealed.content()
    assert row is not None
    assert row.body is not None
    assert json.loads(row.body) == value
    assert sha256(row.salt + row.body) == sealed.sha256


def test_equal_texts_have_different_hashes() -> None:
    """A fresh salt keeps a hash from being guessed; a given salt is used as it is."""
    assert Erasable.of("x").sha256 != Erasable.of("x").sha256
    assert Erasable.of("x", salt="s") == Erasable.of("x", salt="s")


def test_erasable_values_are_found_in_any_depth() -> None:
    """Content rows are found in models, mappings, lists and tuples, and only for fresh values."""
    one, two = Erasable.of("one"), Erasable.of("two")
    read = Erasable(ref="r", sha256="h", value="read back")
    found = list(contents_of({"a": [one, (two,)], "b": read, "c": 3}))
    assert [json.loads(row.body or "") for row in found] == ["one", "two"]
    todo = TodoAdded(todo="T1", title=one)
    assert [row.ref for row in contents_of(todo)] == [one.ref]
    assert read.content() is None


def test_wire_forms_are_inflated_where_values_are_left() -> None:
    """References are found and filled in any depth; an erased one stays without a value."""
    one, two = Erasable.of("one"), Erasable.of("two")
    wire = {"a": [one.model_dump(mode="json")], "b": {"c": two.model_dump(mode="json")}, "d": 1}
    assert list(refs_of(wire)) == [one.ref, two.ref]
    assert list(refs_of((wire,))) == [one.ref, two.ref]
    full = inflate(wire, {one.ref: "one"})
    assert Erasable.model_validate(full["a"][0]).text == "one"
    assert Erasable.model_validate(full["b"]["c"]).text == ERASED
    assert full["d"] == 1
    assert Content(ref="r", salt="", body=None).body is None


def test_taint_merges_once_and_without_the_owner() -> None:
    """Sources are kept once in order of appearance; the owner's own word is none."""
    web, mail = Source(kind="web", ref="w"), Source(kind="mail", ref="m")
    owner = Source(kind="owner", ref="o")
    assert merged((web, owner), (), (mail, web)) == (web, mail)
    assert merged() == ()
    assert not owner.outside


def test_the_lower_of_claim_and_record_counts() -> None:
    """Neither a bold claim nor a good record alone makes confidence."""
    assert Confidence(claimed=0.9, earned=0.4).used == 0.4
    assert Confidence(claimed=0.2, earned=0.8).used == 0.2


class _Form(BaseModel):
    name: str
    ages: list[int]
    a: int
    b: int
    c: int


def test_errors_are_explained_in_a_clause() -> None:
    """The first four problems are named with their place, the rest is counted."""
    with pytest.raises(ValidationError) as caught:
        _Form.model_validate({"ages": ["x"]})
    text = explain(caught.value)
    assert text.startswith("name: field required; ages.0: input should be a valid integer")
    assert text.endswith("b: field required; and 1 more")
    with pytest.raises(ValidationError) as whole:
        _Form.model_validate("text")
    assert explain(whole.value).startswith("value: ")


def test_every_payload_is_registered_under_its_name() -> None:
    """Wire names carry a version and are claimed once."""
    assert PAYLOADS["todo.done.v1"] is TodoDone
    assert all(name.rsplit(".v", 1)[1].isdecimal() for name in PAYLOADS)
    with pytest.raises(BugError, match="Two payloads claim"):
        type("Copy", (Payload,), {"wire": "todo.done.v1", "__module__": __name__})


def test_an_unknown_type_is_a_bug() -> None:
    """An event of a type that nobody registered is named with its position."""
    at = datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    event = Event(
        position=7,
        id="e",
        stream="s",
        version=1,
        type="no.such.v1",
        goal=None,
        actor="a",
        at=at,
        payload={},
        causation=None,
        key=None,
        prev="",
        hash="",
    )
    with pytest.raises(BugError, match=r"Event 7 has the unknown type 'no.such.v1'"):
        decode(event)
    assert stamp(at) == "2026-01-01T10:00:00.000000+00:00"
    assert event.wire()["at"] == stamp(at.astimezone(UTC))
    assert NewEvent(stream="s", payload=TodoDone(todo="T")).actor == "equerry"
