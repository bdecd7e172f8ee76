import base64
import smtplib
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage, MIMEPart
from pathlib import Path

import pytest

from adapters.files.root import FileRoot
from adapters.mail.delivery import SmtpConfig
from adapters.mail.smtp import MailArgs, MailSend
from core.domain.errors import BadInputError
from core.ports.action import ActionResult
from tests.adapters.mail.contexts import MARKER, context
from tests.servers.process import LOOPBACK
from tests.servers.smtp import SmtpServer


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Give a files folder beside which a secret lies."""
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    root = tmp_path / "files"
    root.mkdir()
    return root


@pytest.fixture
def mail(smtp_server: SmtpServer, files: Path) -> MailSend:
    """Give the action over a kind server."""
    config = SmtpConfig(LOOPBACK, smtp_server.port, "Owner <owner@home.example>", tls="none")
    return MailSend(config, FileRoot(files))


async def send(action: MailSend, **given: object) -> ActionResult:
    """Send a mail that says hello, changed as `given`."""
    fields = {"to": ["ann@there.example"], "subject": "Hello", "body": "Hi Ann\n", **given}
    args = MailArgs.model_validate(fields)
    action.check(args, context())
    approved = replace(context(), pins=await action.pins(args))
    return await action.run(args, approved)


def plain(part: MIMEPart) -> str:
    """Return the text of a part with plain line ends."""
    text: str = part.get_content()
    return text.replace("\r\n", "\n")


async def test_a_mail_arrives(mail: MailSend, smtp_server: SmtpServer) -> None:
    """Envelope, headers and body come as asked, and the account says what was done."""
    result = await send(mail, cc=["Bob <bob@there.example>", "ann@there.example"])
    (got,) = smtp_server.mails
    assert got.sender == "owner@home.example"
    assert got.recipients == ("ann@there.example", "bob@there.example")
    assert got.message["From"] == "Owner <owner@home.example>"
    assert got.message["Cc"] == "Bob <bob@there.example>, ann@there.example"
    assert got.message["Subject"] == "Hello"
    assert got.message["Date"] == "Tue, 03 Nov 2026 09:30:00 +0100"
    assert got.message["X-Equerry-Operation"] == MARKER
    assert plain(got.message) == "Hi Ann\n"
    assert result.said == 'Sent "Hello" to ann@there.example, bob@there.example.'
    assert result.output == {
        "message_id": got.message["Message-ID"],
        "to": ["ann@there.example"],
        "accepted": ["ann@there.example", "bob@there.example"],
    }


async def test_a_repeat_is_the_same_bytes(
    mail: MailSend, files: Path, smtp_server: SmtpServer
) -> None:
    """The same arguments under the same marker make the same mail, attachments included."""
    (files / "a.txt").write_bytes(b"a")
    for _ in range(2):
        await send(mail, attachments=["a.txt"])
    one, two = smtp_server.mails
    assert one.raw == two.raw
    assert f"<{MARKER}@home.example>".encode() in one.raw


@pytest.mark.parametrize(
    "body",
    [
        "",
        ".\n..\n.leading\n",
        "x" * 5000 + "\n",
        "Grüße, 世界 🐎\n" * 50,
        "a\n.\nQUIT\nMAIL FROM:<x@y.z>\n",
        "From the start\n",
        "nul \x00 bell \x07\n",
        "a\n\n\n",
    ],
)
async def test_a_body_survives(mail: MailSend, smtp_server: SmtpServer, body: str) -> None:
    """Dots, long lines, other scripts, control characters and SMTP commands arrive as text."""
    await send(mail, body=body)
    (got,) = smtp_server.mails
    assert plain(got.message).rstrip("\n") == body.rstrip("\n")
    assert max(map(len, got.raw.split(b"\r\n"))) <= 998
    assert got.raw.isascii()


@pytest.mark.parametrize("end", ["\r.\r", "\r\n.\r\n", "\n.\r\n", "\r.\n"])
async def test_a_body_cannot_end_early(mail: MailSend, smtp_server: SmtpServer, end: str) -> None:
    """No form of the end-of-mail line in a body cuts it or starts a second mail."""
    await send(mail, body=f"before{end}MAIL FROM:<x@y.example>\r\nafter\n")
    (got,) = smtp_server.mails
    lines = got.message.get_content().splitlines()
    assert lines == ["before", ".", "MAIL FROM:<x@y.example>", "after"]


@pytest.mark.parametrize(
    "subject", ["Grüße aus Köln", "世界 " * 60, "a" * 400, "ab " * 90, "x: y", "", "=?utf-8?q?hi?="]
)
async def test_a_subject_survives(mail: MailSend, smtp_server: SmtpServer, subject: str) -> None:
    """Other scripts and long subjects come out as they went in."""
    await send(mail, subject=subject)
    assert smtp_server.mails[0].message["Subject"].strip() == subject.strip()


@pytest.mark.parametrize(
    "given",
    [
        {"subject": "Hello\r\nBcc: eve@evil.example"},
        {"subject": "Hello\nX: y"},
        {"subject": "Hello\x85Bcc: eve@evil.example"},
        {"subject": "Hello\u2028Bcc: eve@evil.example"},
        {"subject": "Hello\x0cBcc: eve@evil.example"},
        {"subject": "Hello\x1b[31m"},
        {"to": ["ann@there.example\r\nBcc: eve@evil.example"]},
        {"to": ["Ann\r\nBcc: eve@evil.example <ann@there.example>"]},
        {"cc": ["ann@there.example, eve@evil.example"]},
        {"attachments": ["a\n.txt"]},
    ],
)
async def test_an_injection_is_refused(
    mail: MailSend, smtp_server: SmtpServer, given: dict[str, object]
) -> None:
    """Line breaks and control characters are refused in one sentence before anything is sent."""
    with pytest.raises(BadInputError) as refused:
        await send(mail, **given)
    assert str(refused.value).isprintable()
    assert smtp_server.mails == []


async def test_attachments_arrive(mail: MailSend, files: Path, smtp_server: SmtpServer) -> None:
    """Files of several kinds come with name, type and content, text included."""
    contents = {"Büro.pdf": b"%PDF-\x00\xff", "notes.md": b".\r\nx\n", "b.tar.gz": b"\x1f\x8b"}
    for name, content in contents.items():
        (files / name).write_bytes(content)
    inner = EmailMessage()
    inner.set_content("inner")
    (files / "old.eml").write_bytes(inner.as_bytes())
    await send(mail, body="Grüße\n", attachments=[*contents, "old.eml"])
    got = smtp_server.mails[0].message
    parts = {part.get_filename(): part for part in got.iter_attachments()}
    assert {name: base64.b64decode(str(parts[name].get_payload())) for name in contents} == contents
    assert [part.get_content_type() for part in parts.values()] == [
        "application/pdf",
        "text/markdown",
        "application/octet-stream",
        "application/octet-stream",
    ]
    body = got.get_body()
    assert body is not None
    assert plain(body) == "Grüße\n"


@pytest.mark.parametrize("path", ["../secret.txt", "/etc/hostname", "gone.txt", ".", "link"])
async def test_an_attachment_stays_inside(
    mail: MailSend, files: Path, smtp_server: SmtpServer, path: str
) -> None:
    """A path out of the files folder, through a link, to a folder or to nothing is refused."""
    (files / "link").symlink_to(files.parent / "secret.txt")
    with pytest.raises(BadInputError, match=r"attachment|path|no file"):
        await send(mail, attachments=[path])
    assert smtp_server.mails == []


async def test_attachments_have_a_limit(mail: MailSend, files: Path) -> None:
    """More than a mail server takes is refused before it is read."""
    with (files / "big").open("wb") as big:
        big.truncate(20_000_001)
    with pytest.raises(BadInputError, match="larger than 20 MB"):
        await send(mail, attachments=["big"])


def test_a_preview_names_the_real_address_and_carries_the_text(mail: MailSend) -> None:
    """No display name is in the title, and how many recipients there are; the body is the text."""
    args = MailArgs(
        to=("Kim <a@b.c>", "d@e.f"), cc=("g@h.i",), subject="S", body="B", attachments=("x.pdf",)
    )
    shown = mail.preview(args)
    assert (shown.title, shown.body) == ("Send mail to a@b.c and 2 more", "B")
    alone = mail.preview(MailArgs(to=("a@b.c",), subject="S", body="B"))
    assert alone.title == "Send mail to a@b.c"


def test_the_promises_of_the_action(mail: MailSend) -> None:
    """It is high impact, cannot be repeated, looked up or undone; all but the body is control."""
    args = MailArgs(to=("a@b.c",), subject="S", body="B")
    assert mail.impact(args) == "high"
    assert (mail.idempotent, mail.can_look_up, mail.undo_hint) == (False, False, None)
    assert mail.commits
    assert mail.control == MailArgs.model_fields.keys() - {"body"}


def test_the_test_server_would_notice(smtp_server: SmtpServer) -> None:
    """A mail with an injected header, sent by hand, is seen as such: the tests above can fail."""
    raw = b"Subject: Hello\r\nBcc: eve@evil.example\r\n\r\nHi\r\n"
    with smtplib.SMTP(LOOPBACK, smtp_server.port) as client:
        client.sendmail("a@b.c", ["d@e.f"], raw)
    parsed = message_from_bytes(smtp_server.mails[0].raw, policy=policy.default)
    assert parsed["Bcc"] == "eve@evil.example"
