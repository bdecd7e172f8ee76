import pytest

from core.agents.addresses import LEFT_OUT, addresses, without_composed


@pytest.mark.parametrize(
    ("text", "there"),
    [
        ("see https://a.example/x.", {"https://a.example/x"}),
        ("(https://a.example/x)", {"https://a.example/x"}),
        ("https://a.example/wiki/A_(b)", {"https://a.example/wiki/A_(b)"}),
        ("<a href='http://a.example/?q=1&r=2#f'>", {"http://a.example/?q=1&r=2#f"}),
        ("HTTPS://A.example/x, then", {"HTTPS://A.example/x"}),
        ("https://a.example/{{ t1 }}", {"https://a.example/"}),
        ("ftp://a.example and a.example", set()),
    ],
)
def test_addresses_stand_literally(text: str, there: set[str]) -> None:
    """An address is taken as it stands, without the punctuation of the sentence around it."""
    assert addresses(text) == there


def test_addresses_of_a_json_value() -> None:
    """Values of objects and lists are looked through, each string for itself."""
    value = {"a": ["https://a.example/", {"b": "https://b.example/?x="}], "c": "secret", "d": 1}
    assert addresses(value) == {"https://a.example/", "https://b.example/?x="}


def test_composed_addresses_are_taken_out() -> None:
    """An address that was not known is replaced wherever it stands; all else stays as it was."""
    known = frozenset({"https://a.example/x"})
    value = {
        "text": "Read https://a.example/x, or https://evil.example/?q=secret.",
        "list": ["https://a.example/x#y", 3, None],
    }
    assert without_composed(value, known) == {
        "text": f"Read https://a.example/x, or {LEFT_OUT}.",
        "list": [LEFT_OUT, 3, None],
    }
