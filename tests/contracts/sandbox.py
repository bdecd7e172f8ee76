"""What every sandbox keeps to, tried with real programs; a test module gives the fixture."""

import os
import socket
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from core.ports.sandbox import Grants, Sandbox
from tests.waiting import PATIENCE_S

PYTHON = str(Path(sys.executable).resolve())
STANDARD = Path(sysconfig.get_path("stdlib"))
ITSELF = (Path(PYTHON), Path(sys.base_prefix), STANDARD)


def run(sandbox: Sandbox, code: str, **grants: tuple[Path, ...] | bool) -> str:
    """Return what a Python program printed, or how it failed, with these grants."""
    read = grants.pop("read", ())
    assert isinstance(read, tuple)
    wanted = Grants.model_validate({"read": (*ITSELF, *read), **grants})
    command = sandbox.command([PYTHON, "-I", "-S", "-c", code], wanted)
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=PATIENCE_S, env={}
    )
    return done.stdout.strip() or done.stderr.strip().rpartition("\n")[2] or f"{done.returncode}"


class SandboxContract:
    """`sandbox` is the one under test; all programs are real."""

    def test_a_program_runs(self, sandbox: Sandbox) -> None:
        """It has the system's libraries, answers on its pipes, and has a name for the owner."""
        assert run(sandbox, "import ssl, json; print(json.dumps([1]))") == "[1]"
        assert sandbox.name

    def test_a_program_sees_only_what_it_is_granted(self, sandbox: Sandbox, tmp_path: Path) -> None:
        """A file beside the one that was granted cannot be read, nor can a folder be listed."""
        (tmp_path / "mine").write_text("words")
        (tmp_path / "other").write_text("secret")
        read = f"print(open({str(tmp_path / 'mine')!r}).read())"
        assert run(sandbox, read, read=(tmp_path / "mine",)) == "words"
        other = f"print(open({str(tmp_path / 'other')!r}).read())"
        assert "Error" in run(sandbox, other, read=(tmp_path / "mine",))
        listed = f"import os; print(os.listdir({str(tmp_path)!r}))"
        assert "other" not in run(sandbox, listed, read=(tmp_path / "mine",))

    @pytest.mark.parametrize("name", ["/etc/passwd", "/etc/hosts", "/root", "/home", "/var/log"])
    def test_a_program_knows_nothing_of_the_machine(self, sandbox: Sandbox, name: str) -> None:
        """Who lives here, and what they keep, is nobody's business."""
        code = (
            f"import os; print(os.listdir({name!r}) if os.path.isdir({name!r}) else open({name!r}))"
        )
        base = Path(sys.base_prefix)
        found = run(sandbox, code)
        way = {Path(name), *Path(name).parents}
        assert "Error" in found or (way & set(base.parents) and "'.ssh'" not in found)

    def test_a_program_writes_only_where_it_may(self, sandbox: Sandbox, tmp_path: Path) -> None:
        """What is granted to be read cannot be changed, emptied, removed or made anybody's."""
        inside, outside = tmp_path / "in", tmp_path / "out"
        inside.mkdir()
        outside.mkdir()
        (outside / "kept").write_text("words")
        write = f"open({str(inside / 'new')!r}, 'w').write('x'); print('done')"
        assert run(sandbox, write, read=(outside,), write=(inside,)) == "done"
        assert (inside / "new").read_text() == "x"
        kept = str(outside / "kept")
        for code in (
            f"open({kept!r}, 'w').write('x')",
            f"import os; os.truncate({kept!r}, 0)",
            f"import os; os.remove({kept!r})",
            f"import os; os.rename({kept!r}, {kept + 'x'!r})",
            f"import os; os.chmod({kept!r}, 0o777)",
            f"open({str(outside / 'new')!r}, 'w')",
        ):
            assert "Error" in run(sandbox, code, read=(outside,), write=(inside,))
        assert (outside / "kept").read_text() == "words"
        assert [it.name for it in outside.iterdir()] == ["kept"]

    @pytest.mark.parametrize("family", ["AF_INET", "AF_INET6"])
    @pytest.mark.parametrize("kind", ["SOCK_STREAM", "SOCK_DGRAM"])
    def test_a_program_has_no_network(self, sandbox: Sandbox, family: str, kind: str) -> None:
        """Neither this machine's own addresses nor any other, by whatever protocol."""
        with socket.socket(getattr(socket, family), getattr(socket, kind)) as server:
            server.bind(("::1" if family == "AF_INET6" else "127.0.0.1", 0))
            if kind == "SOCK_STREAM":
                server.listen()
            address = server.getsockname()
            server.settimeout(0.5)
            code = (
                f"import socket; it = socket.socket(socket.{family}, socket.{kind});"
                f"it.connect({address!r}); it.send(b'secret'); print('sent')"
            )
            run(sandbox, code)
            with pytest.raises(TimeoutError):
                server.accept() if kind == "SOCK_STREAM" else server.recv(10)
        assert "Error" in run(
            sandbox, "import socket; socket.create_connection(('192.0.2.1', 80), 1)"
        )

    def test_a_program_is_granted_the_network(self, sandbox: Sandbox) -> None:
        """A server of tools may need it: that is a grant of its own, and gives no file."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            server.settimeout(PATIENCE_S)
            connect = (
                f"import socket; it = socket.create_connection({server.getsockname()!r}, 10);"
                "it.send(b'hello'); print('sent')"
            )
            assert run(sandbox, connect, network=True) == "sent"
            accepted, _ = server.accept()
            with accepted:
                assert accepted.recv(10) == b"hello"
        assert "Error" in run(sandbox, "open('/etc/passwd')", network=True)

    def test_a_program_harms_no_other(self, sandbox: Sandbox, tmp_path: Path) -> None:
        """It can neither end whoever runs it, nor read what that one has in its memory."""
        parent = os.getpid()
        assert "Error" in run(sandbox, f"import os; os.kill({parent}, 18)")
        assert "Error" in run(sandbox, f"print(open('/proc/{parent}/environ').read())")
        assert "Error" in run(sandbox, f"print(open('/proc/{parent}/mem', 'rb').read(1))")

    def test_a_program_that_ends_says_how(self, sandbox: Sandbox) -> None:
        """Its exit code arrives."""
        command = sandbox.command(
            [PYTHON, "-I", "-S", "-c", "raise SystemExit(7)"], Grants(read=ITSELF)
        )
        assert subprocess.run(command, check=False, capture_output=True).returncode == 7

    def test_what_a_program_started_ends_with_it(self, sandbox: Sandbox) -> None:
        """Who kills its group kills its children too: their end of the pipe is closed."""
        code = "import os, time; os.fork(); print('up', flush=True); time.sleep(600)"
        command = sandbox.command([PYTHON, "-I", "-S", "-c", code], Grants(read=ITSELF))
        with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"up\n"
            os.killpg(process.pid, 9)
            assert process.stdout.read() in {b"", b"up\n"}
