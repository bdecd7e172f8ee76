import asyncio
import socket
import ssl
import subprocess
import sys
from pathlib import Path

import pytest
import trustme

from adapters.mail.delivery import Delivery, Envelope, SmtpConfig, Tls
from core.domain.errors import EquerryError, OutcomeUnknownError, RefusedError, TransientError
from tests.adapters.mail.server import PASSWORD, USER, ScriptedSmtp
from tests.servers.process import LOOPBACK, free_port

ROOT = Path(__file__).parents[3]
ANN, BOB, EVE = "ann@there.example", "bob@there.example", "eve@there.example"


class Commit:
    """Counts how often the point of no return was reached."""

    def __init__(self) -> None:
        self.times = 0

    async def __call__(self) -> None:
        """Count."""
        self.times += 1


class Wire:
    """A delivery to a scripted server, and what came of it."""

    def __init__(self, server: ScriptedSmtp, *, tls: Tls = "none", **options: str | None) -> None:
        self.commit = Commit()
        self.trust: ssl.SSLContext | None = None
        self.config = SmtpConfig(LOOPBACK, server.port, "me@home.example", tls=tls, **options)

    async def send(self, *to: str, utf8: bool = False, size: int = 1) -> None:
        """Send a text of `size` lines."""
        delivery = Delivery(self.config, tls_context=self.trust, timeout_s=2, data_timeout_s=0.3)
        envelope = Envelope(
            "me@home.example", to or (ANN,), b"Subject: x\r\n\r\nhi\r\n" * size, utf8
        )
        await delivery.send(envelope, self.commit)

    async def fails(self, kind: type[EquerryError], *to: str) -> str:
        """Send, and return the sentence of the failure that must come."""
        with pytest.raises(kind) as failed:
            await self.send(*to)
        assert type(failed.value) is kind
        assert str(failed.value).isprintable()
        return str(failed.value)


async def test_all_early_steps_come_before_the_commit_point() -> None:
    """When the point of no return is reached, every recipient was taken and no text was sent."""
    async with ScriptedSmtp() as server:
        wire = Wire(server)

        class Look(Commit):
            async def __call__(self) -> None:
                await super().__call__()
                assert server.verbs == ["MAIL", "RCPT", "RCPT"]

        wire.commit = Look()
        await wire.send(ANN, BOB)
    assert wire.commit.times == 1
    assert server.verbs == ["MAIL", "RCPT", "RCPT", "DATA"]


@pytest.mark.parametrize(
    ("replies", "kind"),
    [
        ({"MAIL": "451 4.3.0 later"}, TransientError),
        ({"MAIL": "550 5.7.1 not you"}, RefusedError),
        ({f"RCPT {ANN}": "450 4.2.0 greylisted"}, TransientError),
        ({f"RCPT {ANN}": "550 5.1.1 unknown"}, RefusedError),
    ],
)
async def test_an_early_no_is_told_before_the_commit_point(
    replies: dict[str, str], kind: type[EquerryError]
) -> None:
    """A 4xx may be tried again, a 5xx may not, and neither reaches the point of no return."""
    async with ScriptedSmtp(replies) as server:
        wire = Wire(server)
        said = await wire.fails(kind)
    assert wire.commit.times == 0
    assert next(iter(replies.values())) in said


async def test_one_refused_recipient_stops_the_whole_mail() -> None:
    """Nobody gets a mail that not all can get; the refused ones are named."""
    replies = {f"RCPT {BOB}": "450 later", f"RCPT {EVE}": "550 unknown"}
    async with ScriptedSmtp(replies) as server:
        wire = Wire(server)
        said = await wire.fails(RefusedError, ANN, BOB, EVE)
    assert server.verbs == ["MAIL", "RCPT", "RCPT", "RCPT", "RSET"]
    assert (f"{BOB}, {EVE}" in said, ANN in said, server.texts) == (True, False, [])


@pytest.mark.parametrize(
    ("replies", "kind"),
    [
        ({"DATA": "451 busy"}, TransientError),
        ({"DATA": "554 no"}, RefusedError),
        ({"DATA": "250 what"}, OutcomeUnknownError),
        ({"DATA": "drop"}, OutcomeUnknownError),
        ({"TEXT": "452 disk full"}, TransientError),
        ({"TEXT": "554 spam"}, RefusedError),
        ({"TEXT": "nonsense"}, OutcomeUnknownError),
    ],
)
async def test_after_the_commit_point_only_a_clear_no_is_a_no(
    replies: dict[str, str], kind: type[EquerryError]
) -> None:
    """A negative reply to the text is believed; anything else leaves the outcome unknown."""
    async with ScriptedSmtp(replies) as server:
        wire = Wire(server)
        await wire.fails(kind)
    assert wire.commit.times == 1


async def test_silence_after_the_text_is_unknown() -> None:
    """A server that takes the text and says nothing may have sent it."""
    async with ScriptedSmtp(hang_s=0.8) as server:
        said = await Wire(server).fails(OutcomeUnknownError)
        assert len(server.texts) == 1
        await asyncio.sleep(0.8)
    assert "may have been sent" in said


async def test_a_server_that_is_not_there_may_come_back() -> None:
    """A refused connection is no answer: it may be tried again."""
    async with ScriptedSmtp() as server:
        wire = Wire(server)
        wire.config = SmtpConfig(LOOPBACK, free_port(), "me@home.example", tls="none")
        assert "cannot be reached" in await wire.fails(TransientError)


async def test_a_silent_server_runs_into_the_time_out() -> None:
    """A server that accepts and never greets is given up in time."""
    with socket.create_server((LOOPBACK, 0)) as silent:
        port = silent.getsockname()[1]
        delivery = Delivery(SmtpConfig(LOOPBACK, port, "a@b.c", tls="none"), timeout_s=0.2)
        with pytest.raises(TransientError):
            await delivery.send(Envelope("a@b.c", (ANN,), b"x"), Commit())


async def test_a_login_is_made() -> None:
    """The configured user and password are used."""
    async with ScriptedSmtp() as server:
        await Wire(server, user=USER, password=PASSWORD).send()
    assert server.logins == [PASSWORD.encode()]


async def test_a_refused_login_never_tells_the_password() -> None:
    """A wrong password is refused with the key to check, and is not shown, not even in a repr."""
    async with ScriptedSmtp() as server:
        wire = Wire(server, user=USER, password="wrong-secret")
        said = await wire.fails(RefusedError)
    assert "actions.mail.smtp.user" in said
    assert "wrong-secret" not in said + repr(wire.config)
    assert server.verbs == []


async def test_a_server_that_echoes_the_password_is_not_quoted() -> None:
    """What a server says is shown without the password, on one line, cut short."""
    async with ScriptedSmtp({"MAIL": f"550 no {PASSWORD} {'x' * 300}"}) as server:
        said = await Wire(server, user=USER, password=PASSWORD).fails(RefusedError)
    assert PASSWORD not in said
    assert len(said) < 300


async def test_letters_outside_ascii_need_a_server_that_takes_them() -> None:
    """SMTPUTF8 is asked for where it is needed, and refused where it is not offered."""
    async with ScriptedSmtp() as server:
        await Wire(server).send("büro@there.example", utf8=True)
        assert server.recipients == ["büro@there.example"]
        assert "SMTPUTF8" in server.options
    async with ScriptedSmtp(utf8=False) as plain:
        with pytest.raises(RefusedError, match="outside ASCII"):
            await Wire(plain).send("büro@there.example", utf8=True)


async def test_a_mail_over_the_servers_size_is_refused_before_it_is_sent() -> None:
    """The size is declared with the sender, so that no megabytes go out in vain."""
    async with ScriptedSmtp() as server:
        wire = Wire(server)
        with pytest.raises(RefusedError, match="552"):
            await wire.send(size=2_000_000)
    assert (wire.commit.times, server.verbs) == (0, [])


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Give an authority that only these tests trust."""
    return trustme.CA()


def server_side(authority: trustme.CA, name: str = LOOPBACK) -> ssl.SSLContext:
    """Make the context of a server that calls itself `name`."""
    found = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(found)
    return found


def offering(side: ssl.SSLContext, tls: Tls) -> ScriptedSmtp:
    """Make a server that offers one kind of TLS."""
    return ScriptedSmtp(tls=side) if tls == "starttls" else ScriptedSmtp(implicit=side)


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
async def test_a_trusted_server_gets_the_mail_over_tls(authority: trustme.CA, tls: Tls) -> None:
    """Both kinds of TLS work against a certificate of a trusted authority."""
    side = server_side(authority)
    async with offering(side, tls) as server:
        wire = Wire(server, tls=tls)
        wire.trust = ssl.create_default_context()
        authority.configure_trust(wire.trust)
        await wire.send()
    assert len(server.texts) == 1


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
async def test_an_untrusted_server_gets_nothing(authority: trustme.CA, tls: Tls) -> None:
    """A certificate nobody vouches for is refused before login and mail."""
    side = server_side(authority)
    async with offering(side, tls) as server:
        wire = Wire(server, tls=tls, user=USER, password=PASSWORD)
        assert "cannot be trusted" in await wire.fails(RefusedError)
    assert (server.logins, server.verbs) == ([], [])


async def test_a_server_without_starttls_is_not_spoken_to_in_the_clear() -> None:
    """Configured STARTTLS that is not offered is refused, so it cannot be stripped."""
    async with ScriptedSmtp() as server:
        wire = Wire(server, tls="starttls", user=USER, password=PASSWORD)
        assert "STARTTLS" in await wire.fails(RefusedError)
    assert server.logins == []


KILLED = """
import asyncio, sys
from adapters.mail.delivery import Delivery, Envelope, SmtpConfig

async def commit():
    print("committing", flush=True)
    await asyncio.sleep(60)

delivery = Delivery(SmtpConfig("127.0.0.1", int(sys.argv[1]), "a@b.c", tls="none"))
asyncio.run(delivery.send(Envelope("a@b.c", ("d@e.f",), b"Subject: x\\r\\n\\r\\nhi\\r\\n"), commit))
"""


def test_a_kill_at_the_commit_point_sends_nothing() -> None:
    """A process killed right at the point of no return has sent no mail."""
    with ScriptedSmtp() as server:
        command = [sys.executable, "-c", KILLED, str(server.port)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"committing\n"
            process.kill()
        assert server.verbs == ["MAIL", "RCPT"]
    assert server.texts == []
