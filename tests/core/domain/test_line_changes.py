"""Which lines of a text changed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain import line_changes as module
from core.domain.line_changes import line_changes

TEXTS = st.lists(st.sampled_from(["", "a", "b", "c", "-", "+x"]), max_size=30).map("\n".join)


def told(before: str, after: str, context: int) -> list[str]:
    """Return the changes without the lines that say where they stand."""
    found = line_changes(before, after, context=context)
    return [line for line in found if not line.startswith("@@")]


def sides(lines: list[str]) -> tuple[list[str], list[str]]:
    """Return the text before and the text after that a whole difference shows."""
    old = [line[1:] for line in lines if line[0] in " -"]
    new = [line[1:] for line in lines if line[0] in " +"]
    return old, new


@given(before=TEXTS, after=TEXTS, steps=st.sampled_from([0, 10, 1_000_000]))
def test_both_texts_can_be_read_from_the_changes(before: str, after: str, steps: int) -> None:
    """However little may be compared, nothing is lost and nothing is made up."""
    with pytest.MonkeyPatch.context() as bound:
        bound.setattr(module, "MOST_STEPS", steps)
        found = told(before, after, 100)
        changed = before.splitlines() != after.splitlines()
        assert sides(found) == ((before.splitlines(), after.splitlines()) if changed else ([], []))
        bare = [line for line in found if line[0] != " "]
        assert told(before, after, 0) == bare


def test_a_change_has_its_place_and_its_surroundings() -> None:
    """As other tools write it."""
    before, after = "1\n2\n3\n4\n5\n6\n", "1\n2\nc\n4\n5\n6\n7\n"
    assert list(line_changes(before, after, context=1)) == [
        *("@@ -2,3 +2,3 @@", " 2", "-3", "+c", " 4"),
        *("@@ -6 +6,2 @@", " 6", "+7"),
    ]
    assert list(line_changes("", "a", context=1)) == ["@@ -0,0 +1 @@", "+a"]


def test_what_would_cost_too_much_to_compare_is_replaced_as_a_whole() -> None:
    """Twenty thousand lines of a hundred kinds: what is equal at both ends still stays."""
    middle = [str(number * 7919 % 101) for number in range(20_000)]
    before, after = ["begin", "x", *middle, "end"], ["begin", "y", *middle[::-1], "end"]
    found = told("\n".join(before), "\n".join(after), 1)
    assert found[:2] == [" begin", "-x"]
    assert found[-1] == " end"
    assert len(found) == len(before) + len(after) - 2


def test_few_changes_in_many_lines_are_found() -> None:
    """Ten thousand lines with a change here and there show nothing else."""
    before = [str(number) for number in range(10_000)]
    after = [f"{line}!" if int(line) % 200 == 100 else line for line in before]
    assert len(told("\n".join(before), "\n".join(after), 0)) == 100
