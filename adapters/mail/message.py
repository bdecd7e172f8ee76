"""A mail as bytes: the same arguments under the same marker are the same bytes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import policy, utils
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage

from core.domain.errors import BadInputError
from core.ports.files import OwnerFile, OwnerFiles

MAX_ATTACHED = 20_000_000
"""Bytes of all attachments together; most servers take 25 MB, and base64 adds a third."""

CRLF = "\r\n"
_PLAIN_CONTROLS = "\t\n\r"


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail says, checked: addresses parsed, attachments read."""

    sender: Address
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    subject: str
    body: str
    attachments: tuple[OwnerFile, ...] = ()

    @property
    def recipients(self) -> tuple[str, ...]:
        """Each address that will get it, once."""
        return tuple(dict.fromkeys(one.addr_spec for one in (*self.to, *self.cc)))

    @property
    def utf8(self) -> bool:
        """Whether a local part needs a server with SMTPUTF8."""
        return not all(one.isascii() for one in (self.sender.addr_spec, *self.recipients))


def check_attachments(files: OwnerFiles, names: Sequence[str]) -> None:
    """Raise BadInputError for a name that is no file of the owner, or when all are too large."""
    total = 0
    for name in names:
        size = files.size(name)
        if size is None:
            message = f"The attachment {name!r} is not there."
            raise BadInputError(message)
        total += size
    if total > MAX_ATTACHED:
        raise _too_large()


async def read_attachments(files: OwnerFiles, names: Sequence[str]) -> tuple[OwnerFile, ...]:
    """Return the files meant by `names`, each read once; one that is gone has no data.

    Raises BadInputError like `check_attachments`, and what `OwnerFiles.read` raises.
    """
    found: list[OwnerFile] = []
    room = MAX_ATTACHED
    for name in names:
        if (files.size(name) or 0) > room:
            raise _too_large()
        found.append(await files.read(name, room))
        room -= len(found[-1].data or b"")
    return tuple(found)


def _too_large() -> BadInputError:
    message = f"The attachments are larger than {MAX_ATTACHED // 1_000_000} MB together."
    return BadInputError(message)


def message_id(letter: Letter, marker: str) -> str:
    """Return the Message-ID: made from the marker, so that a repeat can be recognised."""
    return f"<{marker}@{letter.sender.domain}>"


def render(letter: Letter, marker: str, at: datetime) -> bytes:
    """Return the mail as it goes over the wire, with CRLF.

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
    for file in letter.attachments:
        _attach(mail, file)
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


def _attach(mail: EmailMessage, file: OwnerFile) -> None:
    if file.data is None:
        message = f"The attachment {file.name!r} is not there."
        raise BadInputError(message)
    maintype, subtype = file.media_type
    mail.add_attachment(file.data, maintype=maintype, subtype=subtype, filename=file.basename)
