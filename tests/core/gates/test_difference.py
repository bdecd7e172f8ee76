from core.gates.difference import difference


def test_changed_values_are_shown_field_by_field() -> None:
    """Only what changed is shown, old before new; a list has a line for each value, whole."""
    before = {"to": ["a"], "subject": "x", "cc": None, "n": 1}
    after = {"to": ["a", "b"], "subject": "x", "cc": "c", "n": None, "more": True}
    assert difference(before, after) == (
        "- to: a",
        "+ to: a",
        "+ to: b",
        "+ cc: c",
        "- n: 1",
        "+ n: (nothing)",
        "+ more: true",
    )


def test_long_texts_are_shown_line_by_line() -> None:
    """Of a text with several lines only the changed ones are shown, whatever they begin with."""
    before = {"body": "Dear Bob\n-- \nAda\nsame"}
    after = {"body": "Dear Bob\n--\nAda\nsame\n++ new"}
    assert difference(before, after) == ("- body: -- ", "+ body: --", "+ body: ++ new")
    assert difference(before, before) == ()
