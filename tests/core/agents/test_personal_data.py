import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.agents.personal_data import is_iban, luhn, personal_data, same_form


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Write to bob.b+x@acme.co.uk, please.", ["mail address"]),
        ("Pay DE89 3704 0044 0532 0130 00 now", ["bank account"]),
        ("Pay GB82WEST12345698765432.", ["bank account"]),
        ("Card 4111 1111 1111 1111", ["card number"]),
        ("Card 4111-1111-1111-1111.", ["card number"]),
        ("Call +49 30 901820", ["phone number"]),
        ("Call +49 (30) 901820", ["phone number"]),
        ("Call 030 901820 or (030) 9018-20", ["phone number", "phone number"]),
        ("Call (555) 123-4567 or 555-123-4567", ["phone number", "phone number"]),
    ],
)
def test_personal_data_is_found(text: str, kinds: list[str]) -> None:
    """Mail addresses, accounts, cards and phone numbers are told by their form."""
    assert [datum.kind for datum in personal_data(text)] == kinds


@pytest.mark.parametrize(
    "text",
    [
        "Order 4111 1111 1111 1112",
        "IBAN DE89 3704 0044 0532 0130 01",
        "On 2026-11-23 at 09:30",
        "It costs 1,200.50 or 1.200,50",
        "Version 10.0.12.3",
        "Invoice 2026-114 of 23.11.2026",
        "@bob said x@ y",
        "0000 0000 0000 0000",
    ],
)
def test_other_numbers_are_not(text: str) -> None:
    """Dates, amounts, versions and numbers with a wrong check digit are no personal data."""
    assert list(personal_data(text)) == []


def test_forms_are_compared_without_their_signs() -> None:
    """The same number is the same, however it is grouped."""
    assert same_form("+49 (30) 90-18.20") == same_form("+4930901820")


@given(st.integers(10**12, 10**18))
def test_luhn_has_one_right_check_digit(number: int) -> None:
    """For every number exactly one of the ten check digits is right."""
    assert sum(luhn(f"{number}{digit}") for digit in range(10)) == 1


@given(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=11, max_size=30))
def test_iban_check_digits_are_right_or_wrong(body: str) -> None:
    """Check digits made as the standard says are right; any one digit more is wrong."""
    value = int("".join(str(int(sign, 36)) for sign in f"{body}DE00"))
    digits = 98 - value % 97
    assert is_iban(f"DE{digits:02d}{body}")
    assert not is_iban(f"DE{(digits + 1) % 97:02d}{body}")
