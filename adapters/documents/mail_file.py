"""A mail that was saved as a file: who wrote what to whom, and the text."""

import base64
import binascii
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import collapse_rfc2231_value, format_datetime, parsedate_to_datetime
from pathlib import Path
from typing import Literal

from adapters.documents.calendar_file import appointments
from adapters.documents.document import Document, broken, named, on_one_line, prose
from adapters.documents.encoding import marked
from adapters.documents.text_file import readable
from adapters.documents.web_file import whole_page
from core.domain.errors import BadInputError

_HEADERS = ("From", "To", "Cc", "Date")
_ONCE = ("From", "Subject", "Date")
_NAMED = 5
_DEEPEST = 4
"""Mails in mails that are read: a chain of forwards has one or two."""
_STUB = 3
"""A plain text with a third of the words of its page, or less, only says that there is a page."""
_FOLD = re.compile(r"\r?\n(?=[ \t])")
_SPACED = re.compile(rb"^([\x21-\x39\x3b-\x7e]+)[ \t]+:", re.MULTILINE)
"""The name of a header with blanks after it, which were allowed once."""
_NAMING = ("content-disposition", "content-type")
_RAW_NAME = re.compile(r'name="?([^";\r\n]+)')
_SIGNATURES = ("application/pgp-signature", "application/pkcs7-signature")
_ENCRYPTED = ("application/pgp-encrypted", "application/pkcs7-mime")


def from_eml(path: Path, data: bytes) -> Document:
    """Return the headers people look at and the text; attachments are named, not read."""
    try:
        mail = _Mail(path, _parsed(data))
        whole = mail.whole("# ")
    except BadInputError:
        raise
    except Exception as error:
        raise broken(path, error) from error
    if not mail.headers("From") and not mail.headers("Subject"):
        message = f"{path} is no mail, whatever its name says; give it its right ending first."
        raise BadInputError(message)
    return Document(named(mail.subject, path.stem), whole, "mail", _note(path, mail))


def _parsed(data: bytes) -> Message:
    if mark := marked(data):
        data = data.decode(mark, "replace").encode()
    head, blank, body = data.lstrip(b"\r\n").partition(b"\n\n")
    data = _SPACED.sub(rb"\1:", head) + blank + body
    # The parser that keeps headers as they came; the newer one fails on some that are malformed.
    return message_from_bytes(data)


@dataclass(frozen=True, slots=True)
class _Text:
    """Words of one part, and what kind of part it was."""

    kind: Literal["plain", "html", "calendar", "mail"]
    words: str


@dataclass(slots=True)
class _Mail:
    """A mail while it is read: what is attached and what is odd is gathered on the way."""

    path: Path
    mail: Message
    depth: int = 0
    beside: list[str] = field(default_factory=list)
    inner_beside: list[str] = field(default_factory=list)
    oddities: list[str] = field(default_factory=list)

    def whole(self, sign: str) -> str:
        """Return the subject as a heading, the headers, and the texts in their order."""
        lines = [f"{name}: {it}" for name in _HEADERS for it in self.headers(name) if it]
        for name in _ONCE:
            if (count := len(self.headers(name))) > 1:
                doubt = "who wrote it" if name == "From" else "which one is right"
                self._odd(f"has {count} {name} lines, so {doubt} is not certain")
        texts = list(dict.fromkeys(it.words for it in self._texts(self.mail) if it.words))
        if self.beside:
            lines.append(f"Attachments: {', '.join(self.beside)}")
        head = f"{sign}{self.subject}" if self.subject else ""
        return "\n\n".join(it for it in (head, "\n".join(lines), *texts) if it)

    @property
    def subject(self) -> str:
        """The first subject, empty where there is none."""
        return next(iter(self.headers("Subject")), "")

    def headers(self, name: str) -> list[str]:
        """Return all headers of a name, as people read them."""
        raw = [value for key, value in self.mail.raw_items() if key.strip().lower() == name.lower()]
        shown = [_decoded(str(value)) for value in raw]
        return [_dated(it) for it in shown] if name == "Date" else shown

    def _texts(self, part: Message) -> Iterator[_Text]:
        kind = part.get_content_type()
        if kind == "multipart/alternative":
            yield from self._alternative(part)
        elif kind == "message/rfc822" or _name(part).lower().endswith(".eml"):
            yield from self._attached(part)
        elif part.is_multipart():
            for inner in _inside(part):
                if not (kind == "multipart/related" and inner.get_content_maintype() == "image"):
                    yield from self._texts(inner)
            if kind == "message/delivery-status":
                yield _Text("plain", _status(part))
        elif kind == "text/calendar":
            found = appointments(self._content(part))
            yield from (_Text("calendar", it) for it in found)
        elif _is_text(part) and part.get_content_disposition() != "attachment":
            yield self._text(part)
        else:
            self._beside(part, kind)

    def _alternative(self, part: Message) -> Iterator[_Text]:
        """Yield the best of the forms of one text, and invitations, which are more than a form."""
        forms = [list(self._texts(inner)) for inner in _inside(part)]
        plain = next((it for it in forms if _words(it, "plain")), [])
        page = next((it for it in reversed(forms) if _words(it, "html")), [])
        stub = _words(page, "html") >= _STUB * max(_words(plain, "plain"), 1)
        yield from page if page and (not plain or stub) else plain
        if not plain and not page:
            yield from (it for form in forms for it in form)
        yield from (it for form in forms for it in form if it.kind == "calendar")

    def _text(self, part: Message) -> _Text:
        content = self._content(part)
        if part.get_content_subtype() != "html":
            return _Text("plain", prose(content).strip())
        return _Text("html", prose(whole_page(content.encode())).strip())

    def _content(self, part: Message) -> str:
        data = part.get_payload(decode=True)
        label = collapse_rfc2231_value(part.get_param("charset", "") or "")
        text, oddity = readable(data if isinstance(data, bytes) else b"", label)
        if oddity:
            self._odd(oddity)
        return text

    def _attached(self, part: Message) -> Iterator[_Text]:
        """Yield a mail that hangs on this one, as one that was forwarded does."""
        inner = _mail_in(part)
        if self.depth == _DEEPEST or inner is None:
            self._beside(part, "message/rfc822")
            return
        mail = _Mail(self.path, inner, self.depth + 1)
        what = "## Attached mail"
        whole = mail.whole(f"{what}: ")
        self.inner_beside += mail.beside + mail.inner_beside
        for oddity in mail.oddities:
            self._odd(oddity)
        yield _Text("mail", whole if whole.startswith(what) else f"{what}\n\n{whole}")

    def _beside(self, part: Message, kind: str) -> None:
        name = _name(part)
        if kind.replace("/x-", "/") in _ENCRYPTED:
            self._odd("has an encrypted part, which cannot be read")
        elif kind.replace("/x-", "/") not in _SIGNATURES:
            self.beside.append(name or "one without a name")

    def _odd(self, oddity: str) -> None:
        if oddity not in self.oddities:
            self.oddities.append(oddity)


def _is_text(part: Message) -> bool:
    """Tell whether a part is words; one that has no parts is, whatever it says it has."""
    return part.get_content_maintype() in {"text", "multipart"}


def _inside(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [it for it in payload if isinstance(it, Message)] if isinstance(payload, list) else []


def _mail_in(part: Message) -> Message | None:
    """Return the mail that a part holds, also where it was encoded, None for what is none."""
    inner = next(iter(_inside(part)), None)
    if inner is not None and (inner.keys() or part.get_content_type() != "message/rfc822"):
        return inner
    data = part.get_payload(decode=True)
    if inner is not None:
        try:
            data = base64.b64decode(str(inner.get_payload()))
        except (binascii.Error, ValueError):
            return None
    mail = _parsed(data) if isinstance(data, bytes) else None
    return mail if mail is not None and mail.keys() else None


def _words(texts: Sequence[_Text], kind: str) -> int:
    return sum(len(it.words.split()) for it in texts if it.kind == kind)


def _status(part: Message) -> str:
    """Return what a server says of a mail that did not arrive."""
    lines = (
        f"{key}: {_decoded(str(value))}"
        for inner in _inside(part)
        for key, value in inner.raw_items()
    )
    return prose("\n".join(lines))


def _name(part: Message) -> str:
    """Return the name of a part, however it was written, on one line."""
    found = part.get_param("filename", None, "content-disposition")
    if isinstance(found, tuple):  # RFC 2231, whose bytes arrive as Latin-1
        return on_one_line(readable(found[2].encode("latin-1", "replace"), found[0] or "")[0])
    name = part.get_filename() or ""
    if "\ufffd" in name:  # letters that should have been encoded
        heads = [str(value) for key, value in part.raw_items() if key.lower() in _NAMING]
        name = next((it[1] for head in heads if (it := _RAW_NAME.search(head))), name)
    return _decoded(name)


def _decoded(raw: str) -> str:
    """Return a header as people read it: encoded words, and letters that should have been."""
    data = _FOLD.sub("", raw).encode("utf-8", "surrogateescape")
    text, _ = readable(data)
    try:
        pieces = decode_header(text)
    except (HeaderParseError, ValueError):
        return on_one_line(text)
    return on_one_line("".join(_piece(piece, label) for piece, label in pieces))


def _piece(piece: str | bytes, label: str | None) -> str:
    if isinstance(piece, str):
        return piece
    return piece.decode("raw-unicode-escape") if label is None else readable(piece, label)[0]


def _dated(text: str) -> str:
    """Return a date in its usual form; one that is malformed stays as it is."""
    try:
        return format_datetime(parsedate_to_datetime(text))
    except (ValueError, TypeError, IndexError):
        return text


def _note(path: Path, mail: _Mail) -> str:
    notes = [f"{path.name} {oddity}." for oddity in mail.oddities]
    beside = mail.beside + mail.inner_beside
    if beside:
        one = len(beside) == 1
        what = "an attachment that is" if one else f"{len(beside)} attachments that are"
        names = ", ".join(beside[:_NAMED])
        more = ", …" if len(beside) > _NAMED else ""
        notes.append(f"{path.name} has {what} not read: {names}{more}.")
    return " ".join(notes)
