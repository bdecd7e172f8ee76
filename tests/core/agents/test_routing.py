import pytest

from core.agents.routing import choose
from core.ports.model import Tier

TIGHT = ("day:2026-11-23",)


@pytest.mark.parametrize(
    ("contract", "words", "stakes", "tight", "tier", "why"),
    [
        ("balanced", "write to Bob", "", (), "balanced", "contract"),
        ("balanced", "a quick note to Bob", "", (), "fast", "urgency"),
        ("fast", "be thorough with this", "", (), "deep", "accuracy"),
        ("balanced", "research the market in depth", "", (), "deep", "accuracy"),
        ("fast", "write to Bob", "mail.send", (), "balanced", "stakes: it goes into mail.send"),
        ("balanced", "quickly write to Bob", "mail.send", (), "balanced", "stakes"),
        ("deep", "write to Bob", "mail.send", (), "deep", "contract"),
        ("balanced", "", "", TIGHT, "fast", "budget: day:2026-11-23"),
        ("balanced", "be thorough", "", TIGHT, "balanced", "budget"),
        ("fast", "", "mail.send", TIGHT, "fast", "budget"),
        ("fast", "", "", TIGHT, "fast", "contract"),
    ],
)
def test_what_chooses_the_tier(
    contract: Tier, words: str, stakes: str, tight: tuple[str, ...], tier: Tier, why: str
) -> None:
    """The contract begins, the owner's word moves, stakes hold up, a short budget decides."""
    path = choose(contract, words, stakes=stakes, tight=tight)
    assert path.tier == tier
    assert path.chosen.startswith(why)
