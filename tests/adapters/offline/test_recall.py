"""Questions about what was said before: when, last time, how many."""

import pytest

from tests.adapters.offline.conftest import Ask, Given

MEMORY = """\
Facts:
- [FAAAAA2] I met Carla on 1 September 2026 in Bonn
- [FAAAAA3] I met Carla on 5 June 2026
- [FAAAAA4] We paid 300 euro for the stand (said 2026-06-01)
Earlier:
- [M1] owner: I called Bob on 9 May 2026 about the invoice. (said 2026-05-10)
- [M2] owner: did I call Bob about the offer?
- [M3] owner: add task call Bob about the logo
- [RG4] equerry: Call Bob about the logo: added.
- [M5] owner: We shipped 12 crates to Oslo.
To-dos:
- [TCALLAC] Pay Acme
Summary:
- decided 2026-11-01 [M9] Let's use Stripe for payments"""

ANSWERS = [
    ("when did I last call Bob?", "You said: I called Bob on 9 May 2026 about the invoice."),
    ("how many crates did we ship to Oslo?", "You said: We shipped 12 crates to Oslo."),
    ("how much did we pay for the stand?", "We paid 300 euro for the stand (said 2026-06-01)."),
    ("when was I last at the dentist?", "You said: I went to the dentist today."),
    (
        "when did I meet Carla last?",
        "- I met Carla on 1 September 2026 in Bonn\n- I met Carla on 5 June 2026",
    ),
    ("how often did I meet Carla?", "2 times that I know of:\n- I met Carla on 1 September"),
    ("how many times did we ship crates?", "Once that I know of:\n- You said: We shipped 12"),
    ("who called the logo maker?", "I have nothing on that."),
]


@pytest.mark.parametrize(("text", "words"), ANSWERS)
async def test_what_was_said_answers(ask: Ask, text: str, words: str) -> None:
    """From facts, else from the owner's own sentences; orders and questions answer nothing."""
    recent = ("owner: I went to the dentist today.", "equerry: Fine.")
    got = await ask(Given(text, memory=MEMORY, recent=recent))
    assert got.plan == {}
    assert got.text.startswith(words)
    assert "Earlier:" not in got.text
