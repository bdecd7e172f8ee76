"""Each sandbox that this machine can have, with real programs."""

import logging
from pathlib import Path

import pytest

from adapters.sandbox import chosen, confined
from adapters.sandbox.bubblewrap import Bubblewrap, installed
from adapters.sandbox.chosen import ChosenSandbox, works
from adapters.sandbox.landlock import Landlock
from core.ports.sandbox import Grants, Sandbox
from tests.contracts.sandbox import SandboxContract

PROGRAMS = [path for path in installed() if works(Bubblewrap(path))]


@pytest.mark.skipif(not PROGRAMS, reason="no bubblewrap works on this machine")
class TestBubblewrap(SandboxContract):
    """With the first bubblewrap that works."""

    @pytest.fixture
    def sandbox(self) -> Sandbox:
        """Give it."""
        return Bubblewrap(PROGRAMS[0])


@pytest.mark.skipif(not confined.is_possible(), reason="this kernel has no Landlock of 6.2")
class TestLandlock(SandboxContract):
    """With what the kernel has."""

    @pytest.fixture
    def sandbox(self) -> Sandbox:
        """Give it."""
        return Landlock()


def test_the_best_that_works_is_chosen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Bubblewrap before Landlock, and one that is there but is forbidden to work is passed over."""
    forbidden = tmp_path / "bwrap"
    forbidden.write_text(
        "#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n"
    )
    forbidden.chmod(0o755)
    monkeypatch.setattr(chosen, "installed", lambda: iter([forbidden, *PROGRAMS]))
    found = ChosenSandbox()
    assert found.name == (Bubblewrap(PROGRAMS[0]).name if PROGRAMS else Landlock.name)
    monkeypatch.setattr(chosen, "installed", lambda: iter([forbidden]))
    assert ChosenSandbox().name == Landlock.name


def test_without_any_the_owner_is_warned(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Programs run all the same, and that they are not confined is said once."""
    monkeypatch.setattr(chosen, "installed", lambda: iter(()))
    monkeypatch.setattr(confined, "is_possible", lambda: False)
    found = ChosenSandbox()
    with caplog.at_level(logging.WARNING):
        assert found.command(["/bin/x", "y"], Grants()) == ["/bin/x", "y"]
        assert found.name == ""
    assert caplog.text.count("Nothing on this machine confines programs") == 1
