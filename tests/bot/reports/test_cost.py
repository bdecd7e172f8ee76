"""The cost report at the ends of days and months, in the owner's zone."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from adapters.inmemory.clock import FakeClock
from adapters.inmemory.model import ScriptedModel
from bot.app import Overrides
from bot.reports.cost import cost
from core.ports.model import ModelAnswer
from tests.scenarios.counting import agree
from tests.scenarios.places import Place
from tests.scenarios.sitting import Sitting, sitting


def hello(usd: str) -> ModelAnswer:
    """Return an answer with a price."""
    return ModelAnswer(text="Hello.", usd=Decimal(usd), model="m")


async def at(talk: Sitting, clock: FakeClock, when: datetime, usd: str) -> None:
    """Make a call at a time, at a price."""
    clock.set(when)
    model = talk.app.parts[0]
    assert isinstance(model, ScriptedModel)
    model.then(hello(usd))
    await talk.say("hi")


async def test_days_and_months_end_at_the_owners_midnight(place: Place) -> None:
    """At 23:30 UTC it is tomorrow in Berlin, and next month at the end of one."""
    clock = FakeClock(datetime(2026, 11, 29, 12, tzinfo=UTC))
    model = ScriptedModel(most=Decimal("0.40"))
    async with sitting(place, Overrides(model=model, clock=clock)) as talk:
        await at(talk, clock, datetime(2026, 11, 29, 12, tzinfo=UTC), "0.10")
        await at(talk, clock, datetime(2026, 11, 29, 23, 30, tzinfo=UTC), "0.20")
        report = (await cost(talk.app)).data
        assert (report["day"], report["today"]["usd"]) == ("2026-11-30", "0.20")
        assert report["month"]["usd"] == "0.30"
        assert report["forecast_usd"] == "0.3000"
        await at(talk, clock, datetime(2026, 11, 30, 23, 30, tzinfo=UTC), "0.05")
        report = (await cost(talk.app)).data
        assert (report["day"], report["today"]["usd"]) == ("2026-12-01", "0.05")
        assert report["month"]["usd"] == "0.05"
        assert report["forecast_usd"] == "1.5500"
        assert [one["name"] for one in report["by_model"]] == ["m"]
        clock.set(datetime(2026, 12, 1, 12, tzinfo=UTC))
        text = (await cost(talk.app)).text
        assert "Today $0.05 of $5.00" in text
        assert "This month $0.05 of $60.00, heading for $1.55" in text


async def test_a_cap_counts_anew_after_the_owners_midnight(place: Place) -> None:
    """What was spent yesterday, by the owner's clock, is in the way of nothing today."""
    clock = FakeClock(datetime(2026, 11, 29, 22, 50, tzinfo=UTC))
    place.configure(budget={"day_usd": 0.5})
    model = ScriptedModel(most=Decimal("0.40"))
    async with sitting(place, Overrides(model=model, clock=clock)) as talk:
        await at(talk, clock, datetime(2026, 11, 29, 22, 50, tzinfo=UTC), "0.40")
        clock.set(datetime(2026, 11, 29, 22, 59, tzinfo=UTC))
        await talk.say("hi")
        assert talk.card.kind == "budget"
        assert "The budget of this day is $0.50; $0.40 are used" in talk.card.why
        await talk.say("reject")
        await at(talk, clock, datetime(2026, 11, 29, 23, 1, tzinfo=UTC), "0.40")
        assert talk.said[-1] == "Hello."
        report = (await cost(talk.app)).data
        assert (report["day"], report["today"]["usd"]) == ("2026-11-30", "0.40")


@pytest.mark.parametrize("usd", ["0.004", "1.005", "0.000001"])
async def test_no_digit_is_lost(place: Place, usd: str) -> None:
    """Sums are exact decimals, however small the price of a call."""
    model = ScriptedModel(lambda _: hello(usd), most=Decimal(2))
    place.configure(budget={"operation_usd": 2, "goal_usd": 2})
    async with sitting(place, Overrides(model=model)) as talk:
        for _ in range(3):
            await talk.say("hi")
        assert await agree(talk) == 3 * Decimal(usd)
        assert (await cost(talk.app)).data["today"]["usd"] == format(3 * Decimal(usd), "f")


async def test_a_raised_cap_is_shown_as_raised(place: Place) -> None:
    """The limit in the report is the one that counts now."""
    place.configure(budget={"day_usd": 0.1})
    model = ScriptedModel(["Hello."], most=Decimal("0.40"))
    async with sitting(place, Overrides(model=model)) as talk:
        await talk.say("hi")
        assert "+ raise_usd: 2" in await talk.say("edit raise_usd=2")
        await talk.say("accept")
        report = await cost(talk.app)
        assert "Today $0.00 of $2.10" in report.text
        assert "Spent $0.00 of $2.10 today, $0.00 of $60.00 this month" in await talk.say("/status")
        caps = {cap["cap"]: cap["limit_usd"] for cap in report.data["caps"]}
        assert Decimal(caps["day"]) == Decimal("2.1")
