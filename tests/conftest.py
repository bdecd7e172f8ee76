"""What holds for every test: private servers, no outside network, nothing skipped in CI.

`pyproject.toml` turns warnings into errors and lets sockets reach loopback only. Here the layers
are marked (`server`, `chaos`), and with `CI` or `EQUERRY_NO_SKIPS` set a run in which anything was
skipped fails and says what.
"""

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from _pytest.terminal import TerminalReporter
from hypothesis import settings

from bot.wiring.detect import WELL_KNOWN
from tests.loops import close_connections_with_loops

pytest_plugins = ["tests.servers.fixtures"]

# A shared machine is slow at times, which is no fault of the code; CI repeats the same examples.
settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")

close_connections_with_loops()

# What the machine has is not what is tested: no provider's key, and no Ollama.
for key in WELL_KNOWN:
    os.environ.pop(key, None)
os.environ["OLLAMA_API_BASE"] = "http://127.0.0.1:9"

# Fixtures that start a program which may be missing.
NEEDS_SERVER = frozenset(
    {
        *("own_postgres_server", "own_redis_server", "own_chroma_server"),
        *("postgres_server", "redis_server", "chroma_server"),
    }
)
ATTACK_COUNTS = ("pairs", "texts", "read", "effect", "private", "misleading", "changed", "link")
CHAOS = Path(__file__).parent / "chaos"
SMOKE = Path(__file__).parent / "smoke"


class Chaos(NamedTuple):
    """How hard the chaos tests try; the same seed kills at the same moments."""

    seed: int
    kills: int
    messages: int


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add what chaos tests and attacks take from the command line."""
    group = parser.getgroup("chaos")
    group.addoption("--chaos-seed", type=int, default=1, help="seed of the random moments")
    group.addoption("--chaos-kills", type=int, default=10, help="how often to kill the program")
    group.addoption("--chaos-messages", type=int, default=50, help="messages sent meanwhile")
    attack = parser.getgroup("attack")
    attack.addoption("--attack-seed", type=int, default=1, help="seed that attacks are drawn by")
    # Twenty for each pair is what was promised, in five minutes; all of them take hours.
    attack.addoption("--attack-texts", type=int, default=20, help="attacks for each pair")
    attack.addoption("--attack-full", action="store_true", help="every attack for each pair")
    lives = parser.getgroup("lives")
    lives.addoption("--lives", type=int, default=3, help="lives of an owner that are lived")
    lives.addoption("--lives-seed", type=int, default=1, help="seed of the first of them")


@pytest.fixture(scope="session", autouse=True)
def _own_state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the keys of tests out of the state folder of whoever runs them."""
    before = os.environ.get("XDG_STATE_HOME")
    os.environ["XDG_STATE_HOME"] = str(tmp_path_factory.mktemp("state"))
    yield
    os.environ.pop("XDG_STATE_HOME")
    if before is not None:
        os.environ["XDG_STATE_HOME"] = before


@pytest.fixture(scope="session")
def chaos(pytestconfig: pytest.Config) -> Chaos:
    """Give the seed and counts that the command line asked for."""
    option = pytestconfig.getoption
    return Chaos(option("--chaos-seed"), option("--chaos-kills"), option("--chaos-messages"))


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out what needs a real model, wherever it is not asked for by its mark."""
    return (collection_path == SMOKE and config.option.markexpr != "smoke") or None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test with its layer, so that no test has to say it."""
    for item in items:
        if NEEDS_SERVER & set(getattr(item, "fixturenames", ())):
            item.add_marker("server")
        if CHAOS in item.path.parents:
            item.add_marker("chaos")
        if SMOKE in item.path.parents:
            item.add_marker("smoke")


def _skipped(config: pytest.Config) -> list[str]:
    """Name what was skipped, in a run that must not skip; empty on an xdist worker."""
    if not (os.environ.get("CI") or os.environ.get("EQUERRY_NO_SKIPS")):
        return []
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if not isinstance(reporter, TerminalReporter):
        return []
    return sorted(report.nodeid for report in reporter.stats.get("skipped", ()))


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail the run when something was skipped that must not be."""
    if _skipped(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _tell_attacks(terminalreporter: TerminalReporter, config: pytest.Config) -> None:
    """Add up what the matrix of attacks counted, on whichever worker."""
    reports = [one for kind in ("passed", "failed") for one in terminalreporter.stats.get(kind, ())]
    counted = [Counter(v) for one in reports for k, v in one.user_properties if k == "attacks"]
    if counted:
        total = sum(counted, Counter())
        told = ", ".join(f"{total[name]:,} {name}" for name in ATTACK_COUNTS)
        seed = config.getoption("--attack-seed")
        terminalreporter.section(f"attacks, seed {seed}")
        terminalreporter.line(told)


def pytest_terminal_summary(terminalreporter: TerminalReporter, config: pytest.Config) -> None:
    """Say what attacks came to, and which tests were skipped, where that is a failure."""
    _tell_attacks(terminalreporter, config)
    names = _skipped(config)
    if names:
        terminalreporter.section("skipped, which fails this run", red=True)
        for name in names:
            terminalreporter.line(name)
