"""What is at hand is noted by reference, where the words mean it and something is there."""

import pytest

from adapters.offline.context import Context, Item
from adapters.offline.planner import decide
from adapters.when.words import WordsWhen

ACTIONS = frozenset({"note.append"})
LETTER = Item("FABCDEFGH", "a PDF that came with this message, 5,100 characters")
PICTURE = Item("FPICTUREX", "a picture that the owner sent before, without readable text")


@pytest.mark.parametrize(
    ("words", "file"),
    [
        ("note this", None),
        ("Note it down, please.", None),
        ("save the file as bob.md", "bob.md"),
        ("keep what I forwarded", None),
        ("write that down for me", None),
        ("note this letter in my notes", None),
    ],
)
def test_the_newest_text_is_noted(words: str, file: str | None) -> None:
    """Its handle stands in the note, not a word of it."""
    decided = decide(words, Context(actions=ACTIONS, hands=(PICTURE, LETTER)), WordsWhen())
    assert isinstance(decided, dict)
    (task,) = decided["tasks"]
    assert task["input"]["args"] == {
        "text": "{{ FABCDEFGH }}",
        **({"file": file} if file else {}),
    }


@pytest.mark.parametrize("words", ["note: this is it", "note that the mast is ready", "keep calm"])
def test_other_words_mean_what_they_meant(words: str) -> None:
    """A file in sight changes no other request."""
    with_it = decide(words, Context(actions=ACTIONS, hands=(LETTER,)), WordsWhen())
    assert with_it == decide(words, Context(actions=ACTIONS), WordsWhen())


def test_this_means_what_is_answered_and_these_mean_all_that_came() -> None:
    """Nearer things go first, whatever is newer."""
    told = "a PDF that the owner sent before, 90 characters"
    old, answered = Item("FOLDXXXXX", told), Item("FANSWERED", f"{told}; the owner answers it")
    second = Item("FSECONDXX", "a text file that came with this message, 20 characters")

    def text(words: str, *hands: Item) -> str:
        decided = decide(words, Context(actions=ACTIONS, hands=hands), WordsWhen())
        assert isinstance(decided, dict)
        return str(decided["tasks"][0]["input"]["args"]["text"])

    assert text("note this", old, second, answered) == "{{ FANSWERED }}"
    assert text("note this", old, second, LETTER) == "{{ FSECONDXX }}"
    assert text("note these", old, second, LETTER) == "{{ FABCDEFGH }}\n\n{{ FSECONDXX }}"


def test_without_a_text_at_hand_nothing_is_referred_to() -> None:
    """A picture has no text to note."""
    decided = decide("note this", Context(actions=ACTIONS, hands=(PICTURE,)), WordsWhen())
    assert "{{" not in str(decided)


def test_typed_references_are_refused_still() -> None:
    """What the owner types in braces is no reference of the rule's own."""
    decided = decide(
        "note: {{ FABCDEFGH }}", Context(actions=ACTIONS, hands=(LETTER,)), WordsWhen()
    )
    assert isinstance(decided, str)


@pytest.mark.parametrize(
    "words", ["remember this document", "Take the file into memory.", "learn this"]
)
def test_the_newest_text_is_taken_into_memory(words: str) -> None:
    """By its handle, where the words mean the whole of it."""
    actions = frozenset({"memory.take_in", "memory.remember"})
    decided = decide(words, Context(actions=actions, hands=(LETTER,)), WordsWhen())
    assert isinstance(decided, dict)
    (task,) = decided["tasks"]
    assert task["input"] == {"action": "memory.take_in", "args": {"text": "{{ FABCDEFGH }}"}}
