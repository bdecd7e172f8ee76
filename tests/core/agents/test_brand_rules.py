import pytest

from core.agents.brand_rules import brand_rubric, with_brand
from core.agents.review_rules import ReviewRules


@pytest.mark.parametrize(
    ("rule", "banned", "required"),
    [
        ('never say "cheap"', "cheap", None),
        ("Never use the word synergy.", "synergy", None),
        ("banned: best in class", "best in class", None),
        ("don't write “ASAP”", "ASAP", None),
        ('always include "Kind regards"', None, "Kind regards"),
        ("required: Acme Ltd", None, "Acme Ltd"),
        ("never say what it cost us", None, None),
        ("never say anything", None, None),
        ("never say no", None, None),
        ("always include a greeting", None, None),
        ("be kind", None, None),
    ],
)
def test_a_rule_on_a_phrase_is_checked(rule: str, banned: str | None, required: str | None) -> None:
    """Quoted, one long word or after a colon; all other rules are for the model alone."""
    rules = with_brand(ReviewRules(banned=("spam",)), [rule])
    assert rules.banned == ("spam", *([banned] if banned else []))
    assert rules.required == ((required,) if required else ())


def test_every_rule_is_in_the_rubric() -> None:
    """And none adds nothing."""
    assert brand_rubric(["be kind", "banned: x"]).splitlines()[1:] == ["- be kind", "- banned: x"]
    assert brand_rubric([]) == ""
