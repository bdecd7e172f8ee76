from hypothesis import given
from hypothesis import strategies as st

from adapters.telegram.rich import Entity, Rich, cut, join, styled, tidy, units, without_commands
from tests.adapters.telegram.checks import assert_valid

KINDS = st.sampled_from(
    ["bold", "italic", "underline", "strikethrough", "code", "pre", "blockquote", "text_link"]
)
TEXTS = st.text(st.sampled_from("ab \n🦊e\u0301/"), max_size=24)
RICHES = st.builds(
    Rich,
    TEXTS,
    st.lists(st.builds(Entity, KINDS, st.integers(0, 20), st.integers(0, 20)), max_size=6).map(
        tuple
    ),
)


def whole(rich: Rich) -> Rich:
    """Return a text whose entities do not begin or end inside an emoji."""
    edges = {units(rich.text[:n]) for n in range(len(rich.text) + 1)}
    kept = [it for it in rich.entities if {it.offset, it.end} <= edges]
    return Rich(rich.text, tuple(kept))


@given(st.text())
def test_units_are_what_utf_16_counts(text: str) -> None:
    """An emoji counts twice, as it does for Telegram."""
    assert units(text) == len(text.encode("utf-16-le", "surrogatepass")) // 2


@given(RICHES)
def test_whatever_the_entities_a_tidy_text_is_valid(rich: Rich) -> None:
    """Crossing, empty and blank entities come out nested; nothing but white space is trimmed."""
    tidied = tidy(whole(rich))
    assert_valid(tidied)
    assert tidied.text.strip() == rich.text.strip()
    assert tidy(tidied) == tidied


@given(st.lists(RICHES, max_size=4))
def test_joined_parts_keep_their_formatting(parts: list[Rich]) -> None:
    """What an entity covers is the same text after joining."""
    joined = join(parts, "🦊")
    assert joined.text == "🦊".join(part.text for part in parts)
    raw = joined.text.encode("utf-16-le")
    covered = [raw[it.offset * 2 : it.end * 2] for it in joined.entities]
    before = [(part.text.encode("utf-16-le"), it) for part in parts for it in part.entities]
    inside = [it.end <= len(text) // 2 for text, it in before]
    for found, (text, it), within in zip(covered, before, inside, strict=True):
        assert not within or found == text[it.offset * 2 : it.end * 2]


def test_the_api_names_what_is_set() -> None:
    """An entity has its address or language only where it has one."""
    rich = join(
        [styled("x", "pre", language="python"), styled("🦊", "text_link", url="http://a.b")]
    )
    assert rich.as_api() == [
        {"type": "pre", "offset": 0, "length": 1, "language": "python"},
        {"type": "text_link", "offset": 1, "length": 2, "url": "http://a.b"},
    ]
    assert cut(rich, 1, 3) == styled("🦊", "text_link", url="http://a.b")


def test_only_commands_lose_their_tap() -> None:
    """Paths and addresses stay what they are; what is code or a link already is not touched."""
    text = "see http://a.b/undo, /etc/hosts and a/b, then 🦊 /undo"
    rich = without_commands(Rich(text))
    assert [(it.offset, it.length) for it in rich.entities] == [(units(text) - 5, 5)]
    assert without_commands(rich) == rich
