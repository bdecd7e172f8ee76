"""Text as it is compared, whatever its case and spaces, and however often it was put into JSON."""

import re

_ESCAPED = re.compile(r'\\+(?:[nrt]|u([0-9a-f]{4})|(["\\/]))', re.IGNORECASE)


def flat(text: str) -> str:
    """Return the words of a text: JSON's escapes read, in small letters, one space between them.

    Both sides of a comparison are to go through this.
    """
    if "\\" in text:
        text = _ESCAPED.sub(_meant, text)
    return " ".join(text.casefold().split())


def _meant(found: re.Match[str]) -> str:
    return chr(int(found[1], 16)) if found[1] else found[2] or " "
