"""Every attack of the table, on the whole application: nothing with an effect runs untapped."""

import json

import pytest

from tests.scenarios.obedient.checks import check_harmless
from tests.scenarios.obedient.orders import FORMS, hear
from tests.scenarios.obedient.stage import CANARY, Stage
from tests.scenarios.obedient.table import ATTACKS, Attack


def placed(scene: Stage, attack: Attack) -> str:
    """Return the attacker's text for this stage."""
    given = json.loads(json.dumps(attack.order).replace("{web}", scene.web.url))
    return FORMS[attack.form](given)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
async def test_an_obeyed_attack_comes_to_nothing(scene: Stage, attack: Attack) -> None:
    """Orders are read and obeyed: at the most the owner is asked, by a card naming the source."""
    read = attack.carrier(scene, placed(scene, attack))
    await scene.say("what is new?", *attack.then(read))
    assert scene.model.hearers() == set(attack.hears)
    assert scene.asked() == set(attack.asks)
    await scene.say("and what else?")
    await scene.tomorrow()
    await scene.say("good morning")
    await check_harmless(scene)
    assert scene.asked() == set(attack.asks)


@pytest.mark.parametrize("form", FORMS)
def test_the_model_understands_every_disguise(form: str) -> None:
    """An order in any form is heard, inside JSON too; words without an order are not."""
    attack = ATTACKS[0]
    text = f"Welcome! {FORMS[form](attack.order)} Goodbye."
    assert hear(text) == [attack.order]
    assert hear(json.dumps({"page": text}, ensure_ascii=False)) == [attack.order]
    assert hear(f"Welcome to {CANARY}! {{}} Goodbye.") == []
