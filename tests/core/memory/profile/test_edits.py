import pytest

from core.domain.errors import BadInputError
from core.memory.profile.edits import changes, difference, edited, field_named, unquoted
from core.memory.profile.model import OwnerProfile, check_profile

BASE = OwnerProfile.model_validate(
    {
        "name": "Ada",
        "roles": ["founder", "engineer"],
        "people": [{"name": "Bob Meyer", "about": "buyer", "contact": "bob@globex.example"}],
    }
)


@pytest.mark.parametrize(
    ("mode", "field", "value", "told"),
    [
        ("set", "company", "Acme  Ltd", ["company: (empty) → Acme  Ltd"]),
        ("set", "Name", '"Ada Lovelace"', ["name: Ada → Ada Lovelace"]),
        ("set", "name", '"Ada" or "A."', ['name: Ada → "Ada" or "A."']),
        ("set", "name", "", ["name: Ada → (empty)"]),
        ("set", "voice", "plain\nbrief", ["voice: (empty) → plain / brief"]),
        ("set", "hours", "mon-fri 9:00-18:00", ["working_hours: (empty) → Mon-Fri 09:00-18:00"]),
        ("set", "timezone", "asia/tokyo", ["timezone: (empty) → Asia/Tokyo"]),
        ("set", "quiet_hours", "22:00 – 7:00", ["quiet_hours: (empty) → 22:00-07:00"]),
        ("set", "quiet_hours", "never", []),
        ("set", "roles", "founder; engineer", []),
        ("set", "roles", ["founder"], ["roles: - engineer"]),
        ("set", "roles", "engineer\nfounder", ["roles: in another order: engineer, founder"]),
        ("add", "roles", "Founder", []),
        ("add", "roles", "cook", ["roles: + cook"]),
        ("add", "brand", 'never say "cheap"; be kind', None),
        ("remove", "roles", "2", ["roles: - engineer"]),
        ("remove", "roles", "FOUNDER", ["roles: - founder"]),
        (
            "add",
            "people",
            "Eve: lawyer <eve@law.example>",
            ["people: + Eve: lawyer <eve@law.example>"],
        ),
        (
            "add",
            "people",
            {"name": "bob meyer", "about": "chief buyer"},
            ["people: Bob Meyer: buyer <bob@globex.example> → bob meyer: chief buyer"],
        ),
        ("remove", "people", "Bob Meyer", ["people: - Bob Meyer: buyer <bob@globex.example>"]),
    ],
)
def test_a_change_is_told_in_words(
    mode: str, field: str, value: object, told: list[str] | None
) -> None:
    """Set, add and remove take text as written by hand or JSON; what is so already is no change."""
    after = edited(BASE, mode, field, value)  # type: ignore[arg-type]
    lines = difference(BASE, after)
    assert lines == (told if told is not None else lines)
    assert bool(changes(BASE, after)) == bool(lines)
    assert difference(after, after) == []


@pytest.mark.parametrize(
    ("mode", "field", "value", "told"),
    [
        ("set", "nmae", "x", "did you mean name?"),
        ("set", "colour", "red", "there are: name, company"),
        ("add", "name", "x", "name is no list"),
        ("remove", "roles", "3", "there are: 1 founder; 2 engineer."),
        ("remove", "clients", "Bob", "there are: none."),
        ("set", "timezone", "Europe/Berln", "did you mean Europe/Berlin?"),
        ("set", "timezone", "../../etc/passwd", "it must be a time zone name"),
        ("set", "quiet_hours", "22:00", "a span such as 22:00-07:00"),
        ("set", "quiet_hours", "07:00-07:00", "a span such as"),
        ("set", "working_hours", "Foo 9:00-18:00", "hours such as"),
        ("set", "working_hours", "25:00-26:00", "hours such as"),
        ("set", "name", "two\nlines", "text on one line"),
        ("set", "name", "x" * 301, "at most 300 characters"),
        ("set", "voice", "bell \x07", "without control characters"),
        ("set", "people", "a: b: c <d> e", "names nobody"),
        ("set", "people", [{"name": "Bob", "phone": "1"}], "people[1].phone: there is no such"),
        ("set", "roles", 5, "it must be a list"),
        ("add", "roles", "", "Say what to add"),
        ("add", "roles", [""], "not empty"),
    ],
)
def test_what_may_not_be_is_refused_in_a_sentence(
    mode: str, field: str, value: object, told: str
) -> None:
    """It names the field, the value and what is allowed."""
    with pytest.raises(BadInputError) as refused:
        edited(BASE, mode, field, value)  # type: ignore[arg-type]
    assert told in str(refused.value)


def test_every_mistake_is_said_at_once() -> None:
    """Each wrong field has its own line."""
    values = {"nam": "x", "timezone": 5, "roles": ["a", "A"], "clients": [{"about": "x"}]}
    made, problems = check_profile(values)
    assert made is None
    assert sorted(problems) == [
        "clients[1].name is needed here.",
        "nam: there is no such field; did you mean 'name'?",
        "roles: a list is not allowed: it must be a list that names 'A' once.",
        "timezone: 5 is not allowed: it must be a time zone name such as Europe/Berlin.",
    ]


def test_names_of_fields_are_read_leniently() -> None:
    """Hyphens, spaces, case and short names."""
    assert field_named("Working-Hours") == field_named("hours") == "working_hours"
    assert field_named("brand rules") == "brand_rules"


@pytest.mark.parametrize(
    ("text", "inner"), [('"a b"', "a b"), ("“a”", "a"), ("'", "'"), ('"a" "b"', '"a" "b"')]
)
def test_quotes_around_the_whole_are_dropped(text: str, inner: str) -> None:
    """Those inside stay."""
    assert unquoted(text) == inner
