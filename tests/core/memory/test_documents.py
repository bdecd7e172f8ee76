import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.errors import BadInputError
from core.memory.document_sentences import sentences, words
from core.memory.documents import MOST, STRETCHED, Passage, chunks


def _sentence(number: int, length: int = 12) -> str:
    return f"Sentence {number} " + " ".join(["word"] * (length - 3)) + " end."


def _paragraph(first: int, count: int) -> str:
    return " ".join(_sentence(n) for n in range(first, first + count))


def _body(passage: Passage) -> str:
    return re.sub(r"^\[[^\]]*\]\s", "", passage.text)


def test_a_short_document_is_one_passage() -> None:
    """A text of a few paragraphs stays together, under its title."""
    assert chunks("First.\n\nSecond.\n", "Notes") == [Passage("[Notes] First.\n\nSecond.", "", 1)]


def test_headings_part_passages() -> None:
    """No passage runs over a heading; each knows the path to it, and its place."""
    text = "# Contract\nIntro.\n## Payment\nWithin *14* days.\n### Late\nTwo percent."
    text += "\n## Term\nA year."
    assert chunks(text, "Contract") == [
        Passage("[Contract] Intro.", "Contract", 1),
        Passage("[Contract › Payment] Within *14* days.", "Contract › Payment", 2),
        Passage("[Contract › Payment › Late] Two percent.", "Contract › Payment › Late", 3),
        Passage("[Contract › Term] A year.", "Contract › Term", 4),
    ]


def test_underlined_headings_count() -> None:
    """A line under a single line makes it a heading; a rule between paragraphs does not."""
    found = chunks("Plan\n====\nOne.\n\nCosts\n---\nTwo.\n\n---\n\nThree.", "")
    assert [(p.heading, p.text) for p in found] == [
        ("Plan", "[Plan] One."),
        ("Plan › Costs", "[Plan › Costs] Two.\n\nThree."),
    ]


def test_a_heading_without_text_is_not_lost() -> None:
    """A heading that nothing follows becomes a passage; one that others follow is in their path."""
    found = chunks("# A\n## Call Bob\n## Call Eve\nSoon.", "")
    assert [p.text for p in found] == ["[A] Call Bob", "[A › Call Eve] Soon."]


def test_a_long_path_is_shortened() -> None:
    """Where the whole path is long, its two ends stand before the text; `heading` has it all."""
    middle = "a very long heading in the middle " * 3
    (found,) = chunks(f"# {middle}\n## Fees\nTen.", "Offer")
    assert found.text == "[Offer › Fees] Ten."
    assert found.heading == f"{middle.strip()} › Fees"


def test_long_text_is_cut_at_sentences() -> None:
    """One paragraph of 100 sentences becomes passages of 120 to 200 words of whole sentences."""
    found = chunks(_paragraph(0, 100), "")
    assert all(120 <= words(p.text) <= MOST for p in found)
    assert all(p.text.startswith("Sentence") and p.text.endswith("end.") for p in found)
    assert " ".join(p.text for p in found) == _paragraph(0, 100)


def test_paragraphs_stay_whole_where_they_fit() -> None:
    """Paragraphs of 144 words are not mixed to fill passages."""
    paragraphs = [_paragraph(n * 12, 12) for n in range(5)]
    assert [p.text for p in chunks("\n\n".join(paragraphs), "")] == paragraphs


def test_no_crumb_is_left_at_the_end() -> None:
    """A last sentence that would stand alone goes to the passage before it."""
    found = chunks(f"{_paragraph(0, 16)}\n\n{_sentence(99)}", "")
    assert len(found) == 1
    assert words(found[0].text) <= STRETCHED


def test_abbreviations_do_not_end_sentences() -> None:
    """Titles, initials, dates and decimals do not end a sentence; quotes belong to theirs."""
    text = (
        'Dr. J. Ruiz paid $3.50 on Jan. 5 at 9 a.m. sharp, e.g. Cash. "Fine!" she said. (So.) Yes?'
    )
    assert [s.strip() for s in sentences(text, MOST)] == [
        "Dr. J. Ruiz paid $3.50 on Jan. 5 at 9 a.m. sharp, e.g. Cash.",
        '"Fine!" she said.',
        "(So.)",
        "Yes?",
    ]


def test_chinese_sentences_end_without_a_blank() -> None:
    """Text without blanks is measured and cut too."""
    found = chunks("我们每周一开会讨论预算和计划。" * 60, "")
    assert len(found) > 1
    assert all(p.text.endswith("。") and words(p.text) <= MOST for p in found)


def test_a_sentence_longer_than_a_passage_is_cut() -> None:
    """At clauses where it has some, between words where not, and inside a word without end."""
    clauses = ", ".join(["one two three four"] * 100)
    assert all(p.text.endswith("four,") for p in chunks(clauses, "")[:-1])
    assert [words(p.text) for p in chunks("word " * 500, "")] == [200, 200, 100]
    assert "".join(p.text for p in chunks("x" * 20_000, "")) == "x" * 20_000


def test_tables_and_code_stay_whole() -> None:
    """A table and code that fit are in one passage each, though text stands around them."""
    table = "\n".join(
        ["| item | price |", "|---|---|", *(f"| part {n} | {n} |" for n in range(20))]
    )
    code = "\n".join(
        ["```python", *(f"call({n})  # step. Next" for n in range(30)), "# no heading", "```"]
    )
    before, between, after = (_paragraph(n, 10) for n in (0, 10, 20))
    found = chunks(f"{before} The table:\n{table}\n\n{between}\n\n{code}\n\n{after}", "")
    assert sum(table in p.text for p in found) == 1
    assert sum(code in p.text for p in found) == 1
    assert {p.heading for p in found} == {""}


def test_a_long_table_repeats_its_head() -> None:
    """Every part of a table that fits nowhere names the columns; no row is cut or lost."""
    rows = [f"| part {n} | {n} euros |" for n in range(100)]
    found = chunks("\n".join(["| item | price |", "|---|---|", *rows]), "Prices")
    assert len(found) > 1
    assert all(p.text.startswith("[Prices]\n| item | price |\n|---|---|\n| part") for p in found)
    assert [line for p in found for line in p.text.split("\n")[3:]] == rows


def test_long_code_is_fenced_in_every_part() -> None:
    """Code that fits nowhere is cut between lines, and each part is code."""
    lines = [f"value_{n} = compute(value_{n - 1}, {n})" for n in range(1, 120)]
    found = chunks("\n".join(["~~~py", *lines, "~~~"]), "")
    assert all(p.text.startswith("~~~py\n") and p.text.endswith("\n~~~") for p in found)
    assert [line for p in found for line in p.text.split("\n")[1:-1]] == lines


def test_a_fence_nobody_closes_is_text() -> None:
    """Headings below an open fence still count."""
    assert [p.heading for p in chunks("```\nx\n\n# Real\ny", "")] == ["", "Real"]


def test_lists_are_cut_between_items() -> None:
    """A long list is cut where an item begins, not at the stops inside."""
    items = [f"- Item {n} has a cause. It has an effect, and a date too" for n in range(60)]
    found = chunks("\n".join(items), "")
    assert len(found) > 1
    assert [line for p in found for line in p.text.split("\n")] == items


@pytest.mark.parametrize("text", ["", " \n\t\n", "---\n\n***\n", "# \n", "| |\n|---|\n"])
def test_an_empty_document_is_refused(text: str) -> None:
    """A document without words is refused in one sentence that names it."""
    with pytest.raises(BadInputError, match=r"^The document 'Plan' is empty: [^.]+\.$"):
        chunks(text, "Plan")


def test_hostile_text_takes_no_long_time() -> None:
    """Long runs of marks, fences and blanks are read in time that grows with their length."""
    for text in ("." * 200_000, "```a\n" * 20_000, "# " + " " * 200_000 + "x", "! " * 100_000):
        assert chunks(f"{text}\nword", "")


@given(st.text(alphabet="ab.!? \n#|-=`~*1,é。", max_size=800))
def test_every_word_is_kept(text: str) -> None:
    """Whatever the markup, no letter of a document is lost and no passage is too long."""
    try:
        found = chunks(f"{text}\n\nlast", "")
    except BadInputError:
        return
    kept = "".join(p.text + p.heading for p in found)
    for letter in "abé":
        assert kept.count(letter) >= text.count(letter)
    assert all(words(_body(p)) <= STRETCHED for p in found)
    assert [p.part for p in found] == list(range(1, len(found) + 1))
