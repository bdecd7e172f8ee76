"""Personal data by its form: mail addresses, phone numbers, bank accounts, payment cards.

Forms with a check digit are checked by it, so that an order number is not taken for a card.
"""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_IBAN = re.compile(
    r"(?<![A-Z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![A-Z0-9])"
)
_CARD = re.compile(r"(?<![\d-])\d(?:[ -]?\d){12,18}(?![\d-])")
_ALONE = r"(?<![\w.,/-])(?<!\d )"
_PHONE = re.compile(
    rf"{_ALONE}(?:\+|00)[1-9]\d{{0,2}}[ /.-]?(?:\(\d{{1,5}}\)[ /.-]?)?"
    r"\d(?:[ /.-]?\d){4,12}(?![\w-])"
    rf"|{_ALONE}\(?0[1-9]\d{{0,4}}\)?[ /.-]\d(?:[ /.-]?\d){{3,10}}(?![\w-])"
    rf"|{_ALONE}(?:\(\d{{3}}\) ?|\d{{3}}[ .-])\d{{3}}[ .-]\d{{4}}(?![\w-])"
)
_RADIX, _NINE = 97, 9


class PersonalDatum(NamedTuple):
    """What was found, and of which kind."""

    kind: str
    text: str


def personal_data(text: str) -> Iterator[PersonalDatum]:
    """Yield the personal data in a text, each part of the text once."""
    for kind, pattern, holds in _KINDS:
        left, end = [], 0
        for match in pattern.finditer(text):
            if holds(match[0]):
                yield PersonalDatum(kind, match[0])
                left.append(text[end : match.start()])
                end = match.end()
        text = " ".join([*left, text[end:]])


def same_form(text: str) -> str:
    """Return a datum as it is compared: without the signs that only set it apart."""
    return re.sub(r"[\s()/.-]", "", text).casefold()


def luhn(number: str) -> bool:
    """Return whether the check digit is right (ISO/IEC 7812-1, annex B)."""
    digits = [int(sign) for sign in number if sign.isdigit()]
    doubled = [
        d if n % 2 == 0 else d * 2 - _NINE * (d * 2 > _NINE) for n, d in enumerate(digits[::-1])
    ]
    return sum(doubled) % 10 == 0 and any(digits)


def is_iban(text: str) -> bool:
    """Return whether the check digits are right (ISO 13616, modulo 97)."""
    plain = text.replace(" ", "")
    moved = plain[4:] + plain[:4]
    return int("".join(str(int(sign, 36)) for sign in moved)) % _RADIX == 1


def _always(_text: str) -> bool:
    return True


_KINDS: tuple[tuple[str, re.Pattern[str], Callable[[str], bool]], ...] = (
    ("mail address", _MAIL, _always),
    ("bank account", _IBAN, is_iban),
    ("card number", _CARD, luhn),
    ("phone number", _PHONE, _always),
)
