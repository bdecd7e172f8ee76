import re
from itertools import count

from core.gates.confidence import wilson_lower
from core.gates.thresholds import DEFAULT_THRESHOLDS
from tests.docs.pages import DOCS

_ROW = re.compile(r"^\| (\d+) \| (0\.\d\d) \| \| (?:(\d+) \| (\d+))?", re.MULTILINE)


def test_the_figures_of_the_gate_are_computed() -> None:
    """The decision on the gate names what accepts earn, and how many a threshold takes."""
    auto = DEFAULT_THRESHOLDS["medium"].auto
    assert auto is not None
    rows = _ROW.findall((DOCS / "adr" / "0003-gate.md").read_text(encoding="utf-8"))
    assert len(rows) == 6
    for accepts, earned, misses, decisions in rows:
        assert f"{wilson_lower(int(accepts), int(accepts)):.2f}" == earned
        if decisions:
            lost = int(misses)
            needed = next(n for n in count(lost + 1) if wilson_lower(n - lost, n) >= auto)
            assert needed == int(decisions)
