"""Which parts an export has, in the order in which an import takes them over."""

from collections.abc import Sequence

from bot.portable import audit, facts, profile, summaries
from bot.portable.part import Part

PARTS: Sequence[Part] = (profile.PART, facts.PART, summaries.PART, audit.PART)
