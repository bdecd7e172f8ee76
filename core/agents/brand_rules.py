"""Brand rules of the profile: those about a phrase are checked, all are told to the reviewer.

`never say "cheap"`, `banned: cheap` and `never say cheap` ban a phrase; `always include "Best"` and
`required: Best` want one. A longer rule without quotes is for the model to judge: "never say what
it cost" bans no words.
"""

import re
from collections.abc import Sequence

from core.agents.review_rules import ReviewRules

_QUOTED = r"[\"'“„«](?P<quoted>[^\"”»]+?)[\"'”»]"
_NEVER = re.compile(
    r"(?:never|do not|don['’]t) (?:ever )?(?:say|write|use)(?: the (?:word|phrase))?:?\s*"
    rf"(?:{_QUOTED}|(?P<word>[^\W\d_]{{4,}}))[.!]?",
    re.IGNORECASE,
)
_BANNED = re.compile(rf"banned:\s*(?:{_QUOTED}|(?P<word>.+?))", re.IGNORECASE)
_ALWAYS = re.compile(
    rf"always (?:include|say|write|use)(?: the (?:word|phrase))?:?\s*{_QUOTED}[.!]?", re.IGNORECASE
)
_REQUIRED = re.compile(rf"required:\s*(?:{_QUOTED}|(?P<word>.+?))", re.IGNORECASE)
_NO_PHRASES = frozenset({"anything", "more", "never", "nothing", "that", "this", "what", "when"})


def with_brand(rules: ReviewRules, brand: Sequence[str]) -> ReviewRules:
    """Return the rules with the phrases that brand rules ban or want."""
    banned = [found for rule in brand if (found := _phrase(rule, _NEVER, _BANNED))]
    required = [found for rule in brand if (found := _phrase(rule, _ALWAYS, _REQUIRED))]
    return rules.model_copy(
        update={
            "banned": (*rules.banned, *banned),
            "required": (*rules.required, *required),
        }
    )


def brand_rubric(brand: Sequence[str]) -> str:
    """Return what the rubric says of brand rules, empty for none."""
    if not brand:
        return ""
    return "\n".join(["It keeps the owner's brand rules:", *(f"- {rule}" for rule in brand)])


def _phrase(rule: str, *forms: re.Pattern[str]) -> str | None:
    match = next((found for form in forms if (found := form.fullmatch(rule.strip()))), None)
    if match is None:
        return None
    words = match.groupdict()
    phrase = (words["quoted"] or words.get("word") or "").strip()
    return phrase if phrase and phrase.casefold() not in _NO_PHRASES else None
