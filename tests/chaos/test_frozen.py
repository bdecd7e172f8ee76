import fcntl
import json
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.chaos.program import Program
from tests.conftest import Chaos
from tests.servers.process import free_port
from tests.waiting import PATIENCE_S

ROUNDS = 3


class Frozen:
    """A chat on a pipe that can be frozen in the middle of its work."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.process = program.talk()

    def say(self, line: str) -> None:
        """Write a line."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n".encode())
        self.process.stdin.flush()

    def cards(self) -> list[str]:
        """Return the open cards, oldest first."""
        found = json.loads(self.program.ask("inbox", "--json"))
        return [card["card"] for card in sorted(found, key=lambda card: card["opened"])]

    def freeze(self) -> None:
        """Stop it where it is."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self.process.send_signal(signal.SIGCONT)

    def end(self) -> None:
        """Let it come to its end."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        assert self.process.wait(PATIENCE_S) == 0


@pytest.fixture
def frozen(tmp_path: Path) -> Iterator[Frozen]:
    """Give a running chat."""
    chat = Frozen(Program(tmp_path / "frozen", free_port()))
    yield chat
    if chat.process.poll() is None:
        chat.process.kill()
        chat.process.wait()
    assert chat.process.stdin is not None
    chat.process.stdin.close()


def _until(there: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not there():
        assert time.monotonic() < end
        time.sleep(0.02)


def _asked(chat: Frozen, *names: str) -> None:
    for name in names:
        chat.say(f"write a file {name}.txt saying text of {name}")
    _until(lambda: sum("answer: accept" in line for line in chat.program.shown) == len(names))


def _check_once(chat: Frozen, *names: str) -> None:
    """Each file was written by one operation that was begun once."""
    said = [f"Wrote {name}.txt" for name in names]
    _until(lambda: all(any(it in line for line in chat.program.shown) for it in said))
    chat.end()
    assert all((chat.program.files / f"{name}.txt").exists() for name in names)
    kinds = Counter(event["type"] for event in chat.program.events())
    assert kinds["operation.started.v1"] == kinds["operation.finished.v1"] == len(names)
    assert kinds["card.decided.v1"] == kinds["goal.finished.v1"] == len(names)
    assert "events verified" in chat.program.ask("verify")
    assert "Traceback" not in chat.program.errors


def test_a_decision_while_it_is_frozen_is_worked_off_when_it_thaws(frozen: Frozen) -> None:
    """`decide` beside a frozen chat is durable and does nothing itself; the chat does it, once."""
    _asked(frozen, "kept")
    (card,) = frozen.cards()
    frozen.freeze()
    assert "Accepted" in frozen.program.ask("decide", card, "accept")
    assert not (frozen.program.files / "kept.txt").exists()
    frozen.thaw()
    _check_once(frozen, "kept")


def test_a_decision_is_taken_while_a_frozen_one_writes_the_anchor(frozen: Frozen) -> None:
    """Frozen with the lock of the anchor in its hand, it holds up nobody for ever."""
    _asked(frozen, "kept")
    (card,) = frozen.cards()
    frozen.freeze()
    with ExitStack() as held:
        for lock in Path(os.environ["XDG_STATE_HOME"]).glob("equerry/anchors/*.lock"):
            fcntl.flock(held.enter_context(lock.open("rb")), fcntl.LOCK_EX)
        assert "Accepted" in frozen.program.ask("decide", card, "accept")
    frozen.thaw()
    _check_once(frozen, "kept")


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_frozen_in_the_middle_of_an_effect_it_goes_on_once(
    frozen: Frozen, chaos: Chaos, round_: int
) -> None:
    """Frozen anywhere in an effect, with another card decided meanwhile, it does each once."""
    chance = random.Random(chaos.seed * ROUNDS + round_)
    _asked(frozen, "first", "second")
    older, newer = frozen.cards()
    frozen.say(f"accept {newer}")
    frozen.program.watch(frozen.process, chance.randint(1, 6))
    time.sleep(chance.uniform(0, 0.01))
    frozen.freeze()
    code, _, errors = frozen.program.run("decide", older, "accept")
    frozen.thaw()
    if code:  # frozen inside a commit, it keeps the log locked: that is said in one line
        assert len(errors.splitlines()) == 1, errors
        assert "Accepted" in frozen.program.ask("decide", older, "accept")
    _check_once(frozen, "first", "second")


def test_a_second_program_is_refused_while_one_is_frozen(frozen: Frozen) -> None:
    """A frozen chat keeps its place: another chat ends at once with a sentence that says so."""
    _asked(frozen, "kept")
    frozen.freeze()
    code, _, errors = frozen.program.run("chat", "--script", "-")
    assert code == 1
    assert "is running on" in errors
    assert len(errors.splitlines()) == 1
    frozen.thaw()
    frozen.end()
