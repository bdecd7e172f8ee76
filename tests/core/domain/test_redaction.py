import base64
import json
import time
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.redaction import MARK, Redactor

SECRET = "hunter/2+ü key&x"
PLAIN = Redactor()

words = st.text(st.characters(codec="utf-8", exclude_characters="[]"), max_size=60)
planted = st.text(
    st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="[]"),
    min_size=8,
    max_size=40,
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4),
    max_leaves=20,
)


@given(planted, words, words)
def test_planted_secret_is_gone(secret: str, before: str, after: str) -> None:
    """A configured secret survives in no form: plain, JSON, URL or base64 at any offset."""
    redactor = Redactor([secret])
    forms = [secret, json.dumps(secret), quote(secret), quote(secret, safe=""), quote_plus(secret)]
    for form in forms:
        assert secret not in redactor.text(before + form + after)
        assert form not in redactor.text(before + form + after)
    for lead in ("", "u", "u:"):
        for tail in ("", "z", "zz"):
            carried = base64.b64encode(f"{lead}{secret}{tail}".encode()).decode()
            assert carried not in redactor.text(f"<{carried}>")
            assert MARK in redactor.text(f"<{carried}>")


@given(st.lists(planted, max_size=4), json_values)
def test_twice_is_once(secrets: list[str], value: object) -> None:
    """Redacting what was redacted changes nothing."""
    redactor = Redactor(secrets)
    once = redactor.redact(value)
    assert redactor.redact(once) == once


@given(st.lists(st.sampled_from("password=\"' \\:[]{}sk-aA1,\n").map(str), max_size=60))
def test_twice_is_once_in_near_misses(pieces: list[str]) -> None:
    """The same holds for text that is almost a pattern."""
    text = "".join(pieces)
    for sample in (text, f"password={text}", f'"api_key": "{text}"', f"pwd = '{text}"):
        once = PLAIN.text(sample)
        assert PLAIN.text(once) == once


@given(json_values)
def test_shape_is_kept(value: object) -> None:
    """JSON stays the JSON it was, but for strings."""

    def shape(item: object) -> object:
        if isinstance(item, dict):
            return [shape(member) for member in item.values()]
        return [shape(member) for member in item] if isinstance(item, list) else type(item)

    assert shape(PLAIN.redact(value)) == shape(value)


@pytest.mark.parametrize(
    "key",
    [
        "sk-proj-abcdefgh12345678ABCDEFGH",
        "sk-ant-api03-abcdefgh12345678_-AB",
        "xoxb-" + "1234567890-abcdefghij",
        "xapp-1-A0123456789-123456-abcdef",
        "ghp_" + "a1B2" * 9,
        "github_pat_" + "a1B2" * 9,
        "AKIA" + "ABCDEFGH12345678",
        "AIza" + "Sy_abcdefghijklmnopqrstuvwxyz0123456",
        "123456:AAabcdefghijklmnopqrstuvwxyz_-01234",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc_DEF-123",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIE+/abc=\n-----END RSA PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\nMIIE+/abc=\n",
    ],
)
def test_well_known_shapes(key: str) -> None:
    """Keys of well-known services are taken out though nobody configured them."""
    assert PLAIN.text(f"use {key}") == f"use {MARK}"
    assert PLAIN.redact({"a": [f"({key}"]}) == {"a": [f"({MARK}"]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("password=hunter2 and on", "password=[secret] and on"),
        ("DB_PASSWORD = hunter2", "DB_PASSWORD = [secret]"),
        ('{"password": "it\'s \\"quoted\\"", "a": 1}', '{"password": "[secret]", "a": 1}'),
        ('say \\"api_key\\": \\"abc\\" twice', 'say \\"api_key\\": \\"[secret]\\" twice'),
        ("?x=1&api_key=abc&y=2", "?x=1&api_key=[secret]&y=2"),
        ("pwd='two words'", "pwd='[secret]'"),
        ("redis://:s3cret@host/0", "redis://:[secret]@host/0"),
        ("postgresql://me:pw@host/db", "postgresql://me:[secret]@host/db"),
        ("Authorization: Bearer abcdefgh12345678", "Authorization: Bearer [secret]"),
        (
            "https://api.telegram.org/bot123456:AAabcdefghijklmnopqrstuvwxyz/getMe",
            "https://api.telegram.org/bot[secret]/getMe",
        ),
    ],
)
def test_what_is_around_stays(text: str, expected: str) -> None:
    """Only the secret goes: names, quotes and the rest of the line stay readable."""
    assert PLAIN.text(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Remind me: password of the router is on the fridge",
        "risk-assessment-for-the-whole-month, task-list-of-the-year",
        "basic internationalization, bearer responsibilities",
        "meet at 12:30, ratio 1234567:1, https://acme.com:8080/a@b",
        "token=page2&limit=5",
        "",
    ],
)
def test_ordinary_text_stays(text: str) -> None:
    """Text without a secret comes back as it was."""
    assert PLAIN.text(text) == text


def test_named_members() -> None:
    """The value of a member called like a password goes whole, numbers too; others stay."""
    value = {"password": "a b", "api-key": 12345, "Authorization": "x", "user": "me", "pwd": ""}
    assert PLAIN.redact(value) == {
        "password": MARK,
        "api-key": MARK,
        "Authorization": MARK,
        "user": "me",
        "pwd": "",
    }


def test_keys_are_redacted() -> None:
    """A secret that is the name of a member is taken out as well."""
    assert Redactor(["topsecret"]).redact({"topsecret": 1}) == {MARK: 1}


def test_longer_secret_first() -> None:
    """A secret that contains another one leaves no rest behind."""
    assert Redactor(["abcd", "abcdefgh"]).text("abcdefgh abcd") == f"{MARK} {MARK}"


def test_short_and_empty_secrets_are_ignored() -> None:
    """Secrets too short to be told from words do not black out everything."""
    assert Redactor(["", "  ", "abc", "secret"]).text("abc secret") == "abc secret"


def test_non_ascii_secret() -> None:
    """A secret with other letters is found in each form as well."""
    redactor = Redactor([SECRET])
    for form in (SECRET, quote(SECRET), quote_plus(SECRET), json.dumps(SECRET)[1:-1]):
        assert redactor.text(f"a {form} b") == f"a {MARK} b"


def test_too_deep() -> None:
    """Absurdly deep JSON is replaced from a depth on and does not break the interpreter."""
    value: object = "x"
    for _ in range(5000):
        value = [value]
    assert MARK in str(PLAIN.redact(value))


@pytest.mark.parametrize(
    "unit",
    [
        "a",
        "sk-",
        "password=",
        "password",
        'password="',
        "-----BEGIN PRIVATE KEY-----",
        "-----BEGIN ",
        "-",
        "eyJ",
        "eyJabcdefgh.",
        "1234567890",
        "123456:AA",
        "://",
        "://a:",
        "bearer ",
        "xoxb-",
        "=",
        "\\",
        '"',
        "pwd='\\",
        "ghp_",
        " ",
    ],
)
def test_one_megabyte_is_quick(unit: str) -> None:
    """No text of 1 MB, however repetitive, takes more than linear time."""
    text = unit * (1_000_000 // len(unit))
    redactor = Redactor(["some planted secret", "another-one-1234"])
    began = time.process_time()
    redactor.text(text)
    assert time.process_time() - began < 3
