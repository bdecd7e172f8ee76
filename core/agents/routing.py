"""Which tier answers: the cheap path and the accurate path, and what chose between them."""

import re
from dataclasses import dataclass

from core.ports.model import Tier

CHEAPER: dict[Tier, Tier] = {"deep": "balanced", "balanced": "fast", "fast": "fast"}
_QUICK = re.compile(r"\b(quick(ly)?|brief(ly)?|short answer|asap)\b", re.IGNORECASE)
_THOROUGH = re.compile(r"\b(thorough(ly)?|in depth|carefully|deep dive|research)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Path:
    """The tier of a call, and what chose it: budget, stakes, urgency or the contract."""

    tier: Tier
    chosen: str


def choose(contract: Tier, owner_words: str = "", *, tight: tuple[str, ...] = ()) -> Path:
    """Return the path of a call: the contract's tier, moved by the owner's word and the budget."""
    tier, chosen = contract, "contract"
    if _QUICK.search(owner_words):
        tier, chosen = "fast", "urgency: the owner said quick"
    elif _THOROUGH.search(owner_words):
        tier, chosen = "deep", "stakes: the owner said thorough"
    if tight and CHEAPER[tier] != tier:
        return Path(CHEAPER[tier], f"budget: {tight[0]} is three quarters used")
    return Path(tier, chosen)
