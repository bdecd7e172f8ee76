"""Mail addresses: what may stand in a header and on an SMTP command line."""

import re
import unicodedata
from email.headerregistry import Address

from core.domain.errors import BadInputError

_FORM = re.compile(r'\s*(?:"?(?P<name>[^"<>]*?)"?\s*<(?P<angle>[^<>\s]+)>|(?P<bare>[^<>\s]+))\s*')
_LOCAL = re.compile(r"[^\s\"(),:;<>@\[\]\\]+")
_MAX_LOCAL = 64  # octets, RFC 5321 4.5.3.1.1
_MAX_ADDRESS = 254  # octets, RFC 5321 4.5.3.1.3 less the angle brackets


def parse_address(text: str) -> Address:
    """Return the address in `text`: `me@example.com` or `Me <me@example.com>`.

    The domain comes back in its ASCII form (IDNA 2008), so only a local part outside ASCII needs a
    server with SMTPUTF8. Raises BadInputError for anything that is not one plain address: quoted
    local parts and domain literals are legal, but nobody has one, and attackers like them.
    """
    refuse_controls(text, "mail address", also=frozenset({"Cf"}))
    match = _FORM.fullmatch(text)
    local, at, domain = (match["angle"] or match["bare"] if match else "").rpartition("@")
    if match is None or not at or not _plain(local):
        message = f"{text!r} is no mail address; write it as name@example.com."
        raise BadInputError(message)
    found = Address((match["name"] or "").strip(), local, _ascii_domain(domain, text))
    if len(local.encode()) > _MAX_LOCAL or len(found.addr_spec.encode()) > _MAX_ADDRESS:
        message = f"The mail address {text[:60]!r}… is longer than mail allows."
        raise BadInputError(message)
    return found


def refuse_controls(text: str, what: str, also: frozenset[str] = frozenset()) -> None:
    """Raise BadInputError for characters that could end a header or hide what it says.

    That is every control character, line and paragraph separators and lone surrogates.
    """
    for char in text:
        if unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} | also:
            shown = text.encode("unicode_escape").decode()[:60]
            message = f"The {what} '{shown}' holds the control character U+{ord(char):04X}."
            raise BadInputError(message)


def _plain(local: str) -> bool:
    """Say whether a local part is a dot-atom (RFC 5321 4.1.2, with RFC 6531 letters)."""
    dots = local.startswith(".") or local.endswith(".") or ".." in local
    return bool(_LOCAL.fullmatch(local)) and not dots


def _ascii_domain(domain: str, text: str) -> str:
    import idna

    try:
        return idna.encode(domain, uts46=True, transitional=False).decode()
    except idna.IDNAError as error:
        message = f"{text!r} is no mail address: {domain!r} is no domain."
        raise BadInputError(message) from error
