"""Makes local engines for the processes that the suite starts and kills."""

from pathlib import Path

from adapters.engine.local import LocalEngine
from adapters.system import SystemClock
from core.ports.engine import Agenda


def local(agenda: Agenda, folder: Path) -> LocalEngine:
    """Make a local engine with the clock of the machine."""
    return LocalEngine(agenda, SystemClock())
