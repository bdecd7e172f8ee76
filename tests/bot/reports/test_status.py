"""What /status says of parts that are not well."""

from bot.reports.status import status
from core.telemetry.health import MODEL, Health
from tests.scenarios.places import Place
from tests.scenarios.sitting import sitting

REASON = "mail.send failed 3 of the last 9 times"


async def test_what_fails_is_said_until_it_is_well(place: Place) -> None:
    """A model that is down and a burnt error budget, each with its reason; then all well."""
    async with sitting(place) as talk:
        kernel = talk.app.kernel
        assert (await status(talk.app)).text.endswith("All well.")
        health = Health(kernel.log, kernel.rows)
        await health.say("action:mail.send", "failing", REASON)
        await health.say(MODEL, "failing", "It is down.")
        await health.say(MODEL, "failing", "It is down.")
        report = await status(talk.app)
        assert [one["part"] for one in report.data["failing"]] == ["action:mail.send", "model"]
        assert f"Error budget: {REASON}, so it has no auto until it does better." in report.text
        assert "The model does not answer: It is down. The offline model answers" in report.text
        assert "All well" not in report.text
        for part in ("action:mail.send", MODEL):
            await health.say(part, "well")
        assert (await status(talk.app)).text.endswith("All well.")
        assert len(await talk.events("health.changed.v1")) == 4
