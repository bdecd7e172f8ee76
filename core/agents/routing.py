"""Which tier answers: the cheap path and the accurate path, and what chose between them.

From cheap to accurate: an answer kept from before, then the tiers fast, balanced and deep (with
research). The agent's contract says where to begin. The owner's word moves it, what depends on the
answer keeps it from the cheapest, and a budget that runs short has the last word.
"""

import re
from dataclasses import dataclass

from core.ports.model import Tier

CHEAPER: dict[Tier, Tier] = {"deep": "balanced", "balanced": "fast", "fast": "fast"}
CACHED = "cache: the same was asked before"
_QUICK = re.compile(r"\b(quick(ly)?|brief(ly)?|short answer|asap)\b", re.IGNORECASE)
_THOROUGH = re.compile(r"\b(thorough(ly)?|in depth|carefully|deep dive|research)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Path:
    """The tier of a call, and what chose it: budget, stakes, urgency or the contract."""

    tier: Tier
    chosen: str


def choose(
    contract: Tier, owner_words: str = "", *, stakes: str = "", tight: tuple[str, ...] = ()
) -> Path:
    """Return the path of a call.

    `stakes` says what of high impact the answer goes into; `tight` names budgets that run short.
    """
    path = Path(contract, "contract")
    if _QUICK.search(owner_words):
        path = Path("fast", "urgency: the owner said quick")
    elif _THOROUGH.search(owner_words):
        path = Path("deep", "accuracy: the owner said thorough")
    if stakes and path.tier == "fast":
        path = Path("balanced", f"stakes: it goes into {stakes}")
    if tight and CHEAPER[path.tier] != path.tier:
        return Path(CHEAPER[path.tier], f"budget: {tight[0]} is three quarters used")
    return path
