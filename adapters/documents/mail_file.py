"""A mail that was saved as a file: who wrote what to whom, and the text."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from adapters.documents.document import Document, broken, named, on_one_line, prose
from adapters.documents.web_file import from_html
from core.domain.errors import BadInputError

_HEADERS = ("From", "To", "Cc", "Date", "Subject")
_NAMED = 5


def from_eml(path: Path, data: bytes) -> Document:
    """Return the headers people look at and the text; attachments are named in the note only."""
    try:
        mail = message_from_bytes(data, policy=policy.default)
        headers = {name: on_one_line(str(mail.get(name, ""))) for name in _HEADERS}
        text = _text(path, mail)
        beside = [on_one_line(it.get_filename() or "") for it in mail.iter_attachments()]
    except BadInputError:
        raise
    except Exception as error:
        raise broken(path, error) from error
    if not headers["From"] and not headers["Subject"]:
        message = f"{path} is no mail, whatever its name says; give it its right ending first."
        raise BadInputError(message)
    subject = headers.pop("Subject")
    head = "\n".join(f"{name}: {value}" for name, value in headers.items() if value)
    whole = "\n\n".join(part for part in (f"# {subject}" if subject else "", head, text) if part)
    return Document(named(subject, path.stem), whole, "mail", _note(path, beside))


def _text(path: Path, mail: EmailMessage) -> str:
    """Return the plain text of a mail, or what its page says."""
    body = mail.get_body(("plain", "html"))
    if body is None:
        return ""
    content = str(body.get_content())
    if body.get_content_subtype() != "html":
        return prose(content).strip()
    return from_html(path, content.encode()).text if content.strip() else ""


def _note(path: Path, beside: list[str]) -> str:
    if not beside:
        return ""
    what = "an attachment that is" if len(beside) == 1 else f"{len(beside)} attachments that are"
    names = ", ".join(name or "one without a name" for name in beside[:_NAMED])
    more = ", …" if len(beside) > _NAMED else ""
    return f"{path.name} has {what} not read: {names}{more}."
