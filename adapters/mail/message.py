"""A mail as bytes: the same arguments under the same marker are the same bytes."""

import mimetypes
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import policy, utils
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path

from adapters.mail.addresses import refuse_controls
from core.domain.errors import BadInputError

MAX_ATTACHED = 20_000_000
"""Bytes of all attachments together; most servers take 25 MB, and base64 adds a third."""

CRLF = "\r\n"
_PLAIN_CONTROLS = "\t\n\r"


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail says, checked: addresses parsed, attachments found."""

    sender: Address
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    subject: str
    body: str
    attachments: tuple[Path, ...]

    @property
    def recipients(self) -> tuple[str, ...]:
        """Each address that will get it, once."""
        return tuple(dict.fromkeys(one.addr_spec for one in (*self.to, *self.cc)))

    @property
    def utf8(self) -> bool:
        """Whether a local part needs a server with SMTPUTF8."""
        return not all(one.isascii() for one in (self.sender.addr_spec, *self.recipients))


def find_attachments(root: Path, names: Sequence[str]) -> tuple[Path, ...]:
    """Return the files meant by `names`, relative to `root`.

    Raises BadInputError for a path that leads out of `root` (symbolic links included), that is no
    file, or when all together are larger than `MAX_ATTACHED`.
    """
    found = []
    for name in names:
        refuse_controls(name, "attachment")
        path = (root / name).resolve()
        if not path.is_relative_to(root.resolve()):
            message = f"The attachment {name!r} lies outside the files folder."
            raise BadInputError(message)
        if not path.is_file():
            message = f"The attachment {name!r} is not there."
            raise BadInputError(message)
        found.append(path)
    if sum(path.stat().st_size for path in found) > MAX_ATTACHED:
        message = f"The attachments are larger than {MAX_ATTACHED // 1_000_000} MB together."
        raise BadInputError(message)
    return tuple(found)


def message_id(letter: Letter, marker: str) -> str:
    """Return the Message-ID: made from the marker, so that a repeat can be recognised."""
    return f"<{marker}@{letter.sender.domain}>"


def render(letter: Letter, marker: str, at: datetime) -> bytes:
    """Return the mail as it goes over the wire, with CRLF; reads the attachments.

    Bodies are 7-bit in every case, so no server needs 8BITMIME.
    """
    rules = policy.SMTP.clone(cte_type="7bit", utf8=letter.utf8)
    mail = EmailMessage(policy=rules)
    mail["From"] = letter.sender
    mail["To"] = letter.to
    if letter.cc:
        mail["Cc"] = letter.cc
    mail["Date"] = utils.format_datetime(at)
    mail["Message-ID"] = message_id(letter, marker)
    mail["X-Equerry-Operation"] = marker
    _set_body(mail, letter.body)
    for path in letter.attachments:
        _attach(mail, path)
    if letter.attachments:
        # Encoded parts hold no "=_", and nobody knows the marker before the text is fixed.
        mail.set_boundary(f"=_equerry_{marker}")
    return _subject(letter.subject) + mail.as_bytes(policy=rules)


def _subject(subject: str) -> bytes:
    """Return the header as a line of its own.

    The policy of EmailMessage loses spaces between encoded words (CPython gh-92081, in 3.11), and
    would show a plain subject that looks like an encoded word as something else than the card did.
    """
    plain = subject.isascii() and "=?" not in subject
    header = Header(subject, "us-ascii" if plain else "utf-8", header_name="Subject")
    return f"Subject: {header.encode(linesep=CRLF)}{CRLF}".encode("ascii")


def _set_body(mail: EmailMessage, body: str) -> None:
    controls = any(ord(char) < ord(" ") and char not in _PLAIN_CONTROLS for char in body)
    mail.set_content(body, cte="quoted-printable" if controls else None)


def _attach(mail: EmailMessage, path: Path) -> None:
    kind, encoding = mimetypes.guess_type(path.name)
    maintype, _, subtype = (kind or "").partition("/")
    if encoding or maintype not in {"application", "audio", "font", "image", "text", "video"}:
        maintype, subtype = "application", "octet-stream"
    mail.add_attachment(path.read_bytes(), maintype=maintype, subtype=subtype, filename=path.name)
