from hypothesis import given
from hypothesis import strategies as st

from core.domain.errors import BadInputError
from core.domain.own_words import COMMAND, Own, joined, sentence

QUOTED = st.text(alphabet="/ahelp_@. \n:'\u200b1", max_size=12)


def _stated(text: str) -> list[str]:
    places = text.commands if isinstance(text, Own) else ()
    return [found[0] for place in places if (found := COMMAND.match(text, place))]


def test_a_text_of_our_own_states_its_commands() -> None:
    """All of them, wherever they stand."""
    text = Own("/help lists them; see /goals.")
    assert text.whole
    assert _stated(text) == ["/help", "/goals"]


def test_beside_a_quotation_only_ours_are_stated() -> None:
    """The same command in a quoted text is words."""
    text = "There is no '/goals'; " + Own("/goals lists them.") + " Said: /goals"
    assert text == "There is no '/goals'; /goals lists them. Said: /goals"
    assert not text.whole
    assert text.commands == (22,)


def test_a_text_made_in_any_other_way_states_nothing() -> None:
    """What the tools of Python make of a text has lost what it states."""
    text = Own("/help lists them.")
    for made in (f"{text}", text.strip(), text[:5], str(text), text.lower()):
        assert not isinstance(made, Own)


def test_an_error_keeps_what_its_sentence_states() -> None:
    """Its sentence as text is the same."""
    error = BadInputError("no 'x'; " + Own("/goals lists them."))
    assert str(error) == sentence(error) == "no 'x'; /goals lists them."
    assert _stated(sentence(error)) == ["/goals"]
    assert _stated(sentence(ValueError("/goals"))) == []
    assert sentence(ValueError()) == ""


@given(before=QUOTED, behind=QUOTED, between=st.sampled_from(["", " ", "\n"]))
def test_no_quotation_forges_a_command(before: str, behind: str, between: str) -> None:
    """What is stated is the command that we wrote, or nothing where a quotation runs into it."""
    text = joined([before, Own("/help"), behind], between)
    assert text == between.join([before, "/help", behind])
    assert set(_stated(text)) <= {"/help"}
    assert set(text.commands) <= {len(before) + len(between)}
    assert text.whole is False


def test_nothing_joined_is_whole() -> None:
    """An empty text quotes nobody."""
    assert joined([]) == ""
    assert joined([Own("a"), Own("/b")]).whole
