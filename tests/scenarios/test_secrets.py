"""Secrets of the configuration and the environment, and where they must not be."""

from pathlib import Path

from tests.scenarios.places import Place
from tests.scenarios.program import Program
from tests.servers.openai import OpenAiServer, answer, failure, stream

PASSWORD = "hunter2-and-much-longer"
KEY = "sk-live-0123456789abcdefghij"
TOKEN = "tok-zzzz-9876543210"


def everything(place: Place) -> bytes:
    """Return all bytes under data_dir, names included."""
    files = [path for path in place.data.rglob("*") if path.is_file()]
    return b"".join(str(path).encode() + path.read_bytes() for path in files)


def test_a_secret_that_the_owner_types_is_kept_nowhere(program: Program) -> None:
    """Neither in the log, nor in a content row, a note, a log file or an answer."""
    smtp = {"host": "127.0.0.1", "port": 9, "tls": "none", "from": "me@home.example"}
    smtp |= {"user": "me", "password": PASSWORD}
    program.place.configure(actions={"mail": {"smtp": smtp}})
    lines = f"note: the password is {PASSWORD}\nremember that the token is {TOKEN}\n"
    lines += f"send a mail to bob@acme.com about keys: {PASSWORD}\naccept\n"
    done = program.run("chat", stdin=lines, BILLING_TOKEN=TOKEN)
    answers = [line for line in done.out.splitlines() if not line.startswith("> ")]
    held = everything(program.place)
    for secret in (PASSWORD, TOKEN):
        assert secret not in "\n".join(answers) + done.err
        assert secret.encode() not in held
    assert b"the password is" in held


def test_a_key_of_a_model_appears_only_on_the_wire(program: Program) -> None:
    """Not even when the server repeats it in an error; the file it comes from stays out too."""
    place = program.place
    path = Path(place.file.with_name("key"))
    path.write_text(KEY, encoding="utf-8")
    with OpenAiServer() as server:
        tier = {
            "model": "openai/gpt-x",
            "prices": {"input_per_million": 1, "output_per_million": 4},
        }
        place.configure(
            llm={
                "api_base": server.api_base,
                "api_key": f"file:{path}",
                "tiers": {"balanced": tier},
            }
        )
        server.script(stream([f"Your key is {KEY}."]), failure(401, f"bad key {KEY}"))
        server.always(answer("ok"))
        done = program.run("chat", stdin="hello\nhello again\n")
        assert set(server.keys) == {f"Bearer {KEY}"}
    assert KEY not in done.out + done.err
    assert KEY.encode() not in everything(place)
