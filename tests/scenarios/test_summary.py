"""`/summary` in the running application: shown, compared, taken back."""

import asyncio

from adapters.inmemory.model import ScriptedModel
from bot.app import Overrides
from tests.scenarios.places import Place
from tests.scenarios.sitting import Sitting, sitting
from tests.waiting import PATIENCE_S


async def _versions(talk: Sitting, many: int) -> None:
    """Talk about nothing until the summary has so many versions."""
    async with asyncio.timeout(PATIENCE_S):
        while len(await talk.events("summary.updated.v1")) < many:
            await talk.say("small talk " + "and so on " * 20)
            await asyncio.sleep(0)


async def test_a_summary_is_shown_compared_and_taken_back(place: Place) -> None:
    """The compactor of the program makes versions; the command works with them."""
    model = ScriptedModel(lambda _: "Fine. " * 10)
    async with sitting(place, Overrides(model=model)) as talk:
        assert "no summary here yet" in await talk.say("/summary")
        await talk.say("Let's use Stripe for payments.")
        await _versions(talk, 1)
        assert "Let's use Stripe for payments." in await talk.say("/summary")
        await talk.say("We switched to Paddle for payments.")
        await _versions(talk, 2)
        differs = await talk.say("/summary diff")
        assert "Paddle" in differs
        assert "--- version 1" in differs
        assert (await talk.say("/summary history")).count("by rules") == 2
        assert "that is version 3" in await talk.say("/summary rollback 1")
        assert "Paddle" not in await talk.say("/summary")
        assert "rollback N" in await talk.say("/summary rollback")
        assert "no version 9" in await talk.say("/summary diff 9")
        assert "no project has one" in await talk.say("/summary nothing")
