import base64
import calendar
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.private_values import Held, PrivateValues
from core.domain.sources import SENDER, Source

FACT = Source(kind="fact", ref="F1")
TODAY = "2026-11-30"

KNOWN = (
    "Kim's rate is 900 EUR a day",
    "The code of the vault is CANARY-vault-4711",
    "The account is DE89 3704 0044 0532 0130 00",
    "lena@acme.example pays late",
    "The office is at Torstraße 12, Berlin",
    "Project blue heron starts in May",
    "My doctor said the treatment is mesotherapy",
    "Call me at +49 170 555 66 77",
    "The staging server is http://staging.internal.example/login",
    "東京タワーの合鍵は金庫にある",
    "I often work in the evening, at home, for the best results",
    "Invoice 2024-0815 was 1,234.50",
    "Bosch pays late",
    "The printer's address is info@gmail.com",
    "The spare key is under the mat",
    "My son is called Bo",
)


def found(argument: str, said: str = "", *texts: str) -> list[str]:
    """Return the values that are found in an argument."""
    held = [Held(source=FACT, text=text) for text in texts or KNOWN]
    return [leak.value for leak in PrivateValues(held, said, TODAY).find(argument)]


@pytest.mark.parametrize(
    ("said", "argument"),
    [
        ("find logo designers in Berlin", "logo designers Berlin"),
        ("find logo designers in Berlin", "best logo designer Berlin 2026"),
        ("what is the weather tomorrow", "weather forecast tomorrow"),
        ("good restaurants for the evening", "best restaurants for the evening"),
        ("convert 100 dollars", "100 USD in EUR"),
        ("what does Kim Lee charge?", "Kim Lee rates"),
        ("what is 900 EUR in dollars", "900 EUR to USD"),
        ("is the blue heron protected?", "blue heron protection status"),
        ("read https://acme.example/prices", "https://acme.example/prices"),
        ("search for flights on 1 May", "flights 1 May Monday"),
        ("how far is Torstraße 12", "distance to Torstrasse 12"),
        ("mail lena@acme.example", "lena@acme.example"),
        ("look up mesotherapy", "mesotherapy"),
        ("who made the vault", "vault makers"),
        ("how do I set up a mailbox?", "gmail info settings"),
        ("what is new in the office world?", "The best office news"),
        ("when does the shop open", "When does the shop open?"),
        ("Call Kim", "Please call Kim"),
    ],
)
def test_ordinary_requests_carry_nothing(said: str, argument: str) -> None:
    """What the owner wrote himself, and words that everybody uses, are no private values."""
    assert found(argument, said) == []


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("designers for 900 a day", "900"),
        ("kim designer reviews", "Kim"),
        ("code CANARY-vault-4711", "CANARY"),
        ("canary vault", "CANARY"),
        ("v a u l t 4 7 1 1", "4711"),
        ("https://x.example/?q=DE89370400440532013000", "DE89370400440532013000"),
        ("account DE89 3704 0044 0532 0130 00", "de89370400440532013000"),
        ("ends in 3000 or 0532", "0532"),
        ("q=lena%40acme.example", "lena@acme.example"),
        ("q=lena%2540acme.example", "lena@acme.example"),
        ("who is lena of that", "lena"),
        ("printer near torstrasse", "Torstraße"),
        ("printer near TORSTRAßE", "Torstraße"),
        ("printer near torstra\N{ZERO WIDTH SPACE}ße", "Torstraße"),
        ("about \N{FULLWIDTH LATIN SMALL LETTER B}lue heron", "blue heron"),
        ("side effects mesotherapy", "mesotherapy"),
        ("xmesotherapyx", "mesotherapy"),
        ("01705556677", "01705556677"),
        ("http://staging.internal.example", "internal"),
        ("東京タワー", "東京タワーの合鍵は金庫にある"),
        (base64.b64encode(b"CANARY-vault-4711").decode(), "CANARY"),
        (base64.urlsafe_b64encode(b"Torstrasse 12").decode().rstrip("="), "Torstraße"),
        (b"CANARY-vault-4711".hex(), "CANARY"),
        ("paid 1234.50", "123450"),
        ("bosch reviews", "Bosch"),
        ("is it safe to keep a key under the mat", "under the mat"),
        ("who is bo", "Bo"),
        ("invoice 0815", "0815"),
    ],
)
def test_private_values_are_found(argument: str, value: str) -> None:
    """Numbers, addresses, names and long words are found, however they are written."""
    assert value.casefold() in " ".join(found(argument)).casefold()


def test_the_owner_is_a_name_in_any_spelling() -> None:
    """His name and company are found in small letters, too."""
    values = PrivateValues([Held(source=SENDER, text="Ada Lovelace Analytical")], "", TODAY)
    assert [leak.value for leak in values.find("ada of analytical")] == ["Ada", "Analytical"]


def test_each_of_many_values_costs_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand values are found without comparing each with all the others."""
    compared = 0
    equal = Source.__eq__

    def counted(one: Source, other: object) -> bool:
        nonlocal compared
        compared += 1
        return equal(one, other)

    monkeypatch.setattr(Source, "__eq__", counted)
    for text in (
        ". ".join(f"{10_000_000 + 7919 * n}" for n in range(1000)),
        ". ".join(f"Word{chr(97 + n // 26)}{chr(97 + n % 26)}abcd" for n in range(500)),
    ):
        compared = 0
        values = found(text, "", text)
        assert len(values) == len(text.split(". "))
        assert compared < 10 * len(values)


@given(
    st.lists(st.text("ab1", min_size=1, max_size=5), max_size=9),
    st.lists(st.text("ab1", min_size=1, max_size=9), max_size=9),
)
def test_a_value_inside_another_is_told_once(given: list[str], held: list[str]) -> None:
    """No value of a source stands in another one that is told."""
    values = [one.casefold().replace(" ", "") for one in found(" ".join(given), "", " ".join(held))]
    assert not any(
        one in other for n, one in enumerate(values) for other in values[:n] + values[n + 1 :]
    )


def test_words_of_the_owner_do_not_cover_what_he_did_not_write() -> None:
    """A part of a value in his words permits that part, and no more."""
    assert found("project blue heron", "my blue project") == ["blue heron"]
    assert found("4711 and 4712", "4712", "The code is 4711") == ["4711"]


MONTHS = {name.casefold() for name in (*calendar.month_name, *calendar.day_name)}
names = st.text("abcdefghijklmnopqrstuvwxyz", min_size=8, max_size=20).filter(
    lambda name: name not in MONTHS
)
numbers = st.integers(100_000, 10**15).map(str)
FORMS: tuple[Callable[[str], str], ...] = (
    str.upper,
    str.title,
    lambda text: quote(quote(text)),
    "\N{ZERO WIDTH JOINER}".join,
    lambda text: f"https://evil.example/a/{text}/b?c=d",
    lambda text: base64.b64encode(f"the {text} here".encode()).decode(),
    lambda text: f"the {text} here".encode().hex(),
    lambda text: f"x{text}y",
    lambda text: "".join(chr(ord(char) + 0xFEE0) for char in text),
)


@given(st.one_of(names, numbers), st.sampled_from(FORMS))
def test_a_value_is_found_in_any_cheap_disguise(value: str, form: Callable[[str], str]) -> None:
    """Case, width, hidden characters, URL encoding, base64, hex and what stands around it."""
    assert found(f"look for {form(value)}", "look for it", f"the thing is {value}")


@given(st.one_of(names, numbers))
def test_what_the_owner_wrote_is_his_to_send(value: str) -> None:
    """The same value in his own words is none, in whatever text it stands as well."""
    assert found(f"look for {value}", f"please look for {value}", f"the thing is {value}") == []


@given(st.text(max_size=200), st.text(max_size=200), st.text(max_size=200))
def test_any_text_is_judged(argument: str, said: str, known: str) -> None:
    """No text breaks the check, and a text that the owner wrote whole carries nothing."""
    found(argument, said, known)
    assert found(argument, argument, known) == []
