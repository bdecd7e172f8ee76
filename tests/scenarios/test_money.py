"""Money against a scripted server: reports that agree with the log, and stops in the middle."""

import json
from decimal import Decimal

import pytest

from adapters.inmemory.clock import FakeClock
from bot.app import Overrides
from tests.scenarios.counting import agree, calls, check_sums, log, paid, spent
from tests.scenarios.places import Place
from tests.scenarios.plans import does, writes
from tests.scenarios.program import Program
from tests.scenarios.serving import planned, served, written
from tests.scenarios.sitting import Sitting, sitting
from tests.servers.http import HttpServer, Reply, json_reply
from tests.servers.openai import OpenAiServer, failure, stream, usage

DEAR = {"input_per_million": 10, "output_per_million": 40}
PLAN = planned(
    writes("a", "Write one", {}),
    does("n", "note.append", {"text": "{{ a.text }}"}),
    writes("b", "Write two", {"after": "{{ n }}"}),
    tokens=(3000, 300),
)
FIRST = written("One.", tokens=(1000, 1000))
SECOND = written("Two.", tokens=(500, 50))


def test_every_call_is_in_the_report(program: Program) -> None:
    """Answered, failed, cut off, cached, refused: the sums of `cost` equal those of `events`."""
    with OpenAiServer() as server:
        served(program.place, server, prices=DEAR)
        server.script(
            stream(["Hi."], used=usage(1234, 7)),
            failure(500, headers=(("Retry-After", "0"),)),
            stream(["Hello ", "you"])._replace(cut=True),
            stream(["Hi again."], used=usage(777, 13, cached=700)),
            planned(writes("w", "Greet Bob", {}), tokens=(900, 60)),
            written("Dear Bob", tokens=(300, 21)),
            planned(writes("w", "Greet Bob", {}), tokens=(900, 61)),
            failure(400, "no"),
        )
        said = program.chat("hi", "hello", "greet bob", "greet bob", "what?", "/cost", code=1)
    events = program.events()
    assert [one["outcome"] for one in calls(events)] == [
        *("ok", "unreachable", "unreachable", "ok"),
        *("ok", "ok", "ok", "cached", "refused"),
    ]
    check_sums(events, json.loads(program.ok("cost", "--json")))
    total = spent(events)
    assert total > Decimal("0.05")
    assert f"Today ${total:.2f} of $5.00" in said
    assert f"This month ${total:.2f} of $60.00, heading for $" in said
    assert "9 calls this month, 3 failed, 1 cached" in said
    assert "By agent: planner $" in said
    assert "By tier: balanced $" in said
    assert "the same bytes as before" in program.ok("rebuild")


async def stopped_in_the_middle(talk: Sitting, server: OpenAiServer) -> None:
    """Run a plan until its second text would pass the goal's budget."""
    server.script(PLAN, FIRST)
    await talk.say("write both")
    assert talk.card.kind == "budget"
    assert "The budget of this goal is $0.15; $0.09 are used" in talk.card.why
    assert len(server.requests) == 2
    await agree(talk)


def tightly(place: Place, server: OpenAiServer) -> Place:
    """Configure a budget that the plan passes with its last call."""
    served(place, server, prices=DEAR)
    place.configure(budget={"goal_usd": 0.15})
    return place


async def test_a_plan_that_was_stopped_goes_on_when_the_budget_is_raised(place: Place) -> None:
    """After a restart the card is open; accepted, the rest is done and nothing is paid twice."""
    with OpenAiServer() as server:
        async with sitting(tightly(place, server)) as talk:
            await stopped_in_the_middle(talk, server)
        async with sitting(place) as talk:
            server.script(SECOND)
            assert "Two." in await talk.say("accept")
            assert len(server.requests) == 3
            (raised,) = await talk.events("budget.raised.v1")
            assert raised.payload["scope"].startswith("goal:G")
            await agree(talk)
    assert place.note().read_text("utf-8") == "One.\n"


async def test_a_plan_that_was_stopped_can_end_cheaper(place: Place) -> None:
    """`edit then=cheaper`: the offline model does the rest, for nothing."""
    with OpenAiServer() as server:
        async with sitting(tightly(place, server)) as talk:
            await stopped_in_the_middle(talk, server)
            before = await agree(talk)
            await talk.say("edit then=cheaper")
            assert len(server.requests) == 2
            await talk.say("accept")
            assert len(server.requests) == 2
            assert await agree(talk) == before
            (ended,) = await talk.events("goal.finished.v1")
            assert ended.payload["outcome"] == "done"
            last = calls(await log(talk))[-1]
            assert (last["model"], last["chosen"]) == ("offline", "offline: a fallback")
            server.script(stream(["Hi."]))
            assert await talk.say("hi") == "Hi."
    assert place.note().read_text("utf-8") == "One.\n"


async def test_a_plan_that_was_stopped_can_stay_so(place: Place) -> None:
    """`reject`: the goal is stopped, what was done stays done."""
    with OpenAiServer() as server:
        async with sitting(tightly(place, server)) as talk:
            await stopped_in_the_middle(talk, server)
            assert await talk.say("reject") == "Stopped: the budget stays as it is."
            (stopped,) = await talk.events("goal.stopped.v1")
            assert stopped.payload["reason"] == "budget"
            assert len(server.requests) == 2
            await agree(talk)
    assert place.note().read_text("utf-8") == "One.\n"


@pytest.mark.parametrize("tokens", [9_000_000, 10**30], ids=["nine dollars", "more than can be"])
async def test_a_usage_above_its_reservation_closes_the_cap(place: Place, tokens: int) -> None:
    """It is settled in full, the next call asks first, and an accepted card is the way on."""
    with OpenAiServer() as server:
        served(place, server)
        server.script(stream(["Hi."], used=usage(tokens, 2)))
        server.always(stream(["Hello."]))
        async with sitting(place) as talk:
            assert await talk.say("hi") == "Hi."
            (settled,) = await talk.events("budget.settled.v1")
            told = min(tokens, 10**12)
            assert Decimal(settled.payload["usd"]) == Decimal(told + 8) / 1_000_000
            await talk.say("hi again")
            assert (talk.card.kind, len(server.requests)) == ("budget", 1)
            while talk.card.title.startswith("Raise the budget") and len(server.requests) == 1:
                said = await talk.say("accept")
            assert said.endswith("Hello.")
            await agree(talk)


async def test_a_warning_comes_once_and_cheaper_models_answer(place: Place) -> None:
    """From three quarters of the day's budget on: one notice, and the tier below."""
    with OpenAiServer() as server:
        served(place, server, prices=DEAR)
        place.configure(budget={"day_usd": 1})
        server.always(stream(["Hi."], used=usage(1000, 2000)))
        async with sitting(place) as talk:
            said = [await talk.say("hi") for _ in range(10)]
            told = [text for text in said if "Three quarters" in text]
            assert len(told) == 1
            assert "of the budget of this day are used: $0.81 of $1.00" in told[0]
            used = [(one["tier"], one["chosen"]) for one in calls(await log(talk))]
            assert used[8] == ("balanced", "contract")
            assert used[9][0] == "fast"
            assert used[9][1].startswith("budget: day:")
            assert "fast by budget: day:" in await talk.say("/why")
            await agree(talk)


async def test_the_owner_says_how_thorough(place: Place) -> None:
    """`quick` takes the fast tier and `thorough` the deep one, and the log says why."""
    with OpenAiServer() as server:
        server.always(stream(["Hi."]))
        async with sitting(served(place, server)) as talk:
            for text in ("hi", "a quick hi", "be thorough: hi"):
                await talk.say(text)
            assert [body["model"] for body in server.requests] == ["middle", "small", "large"]
            assert [one["chosen"] for one in calls(await log(talk))] == [
                "contract",
                "urgency: the owner said quick",
                "accuracy: the owner said thorough",
            ]


@pytest.mark.parametrize(
    ("broken", "usd"),
    [
        (json_reply({"web": {"results": []}})._replace(cut=True), "0.01"),
        (json_reply({"note": "as you like"}), "0.01"),
        (Reply(200, b"<html>"), "0.01"),
        (failure(429), "0"),
        (failure(503), "0"),
        (failure(401), "0"),
    ],
    ids=["cut", "something else", "a page", "busy", "down", "no key"],
)
async def test_a_search_that_was_begun_is_paid_for(
    place: Place, http_server: HttpServer, broken: Reply, usd: str
) -> None:
    """What config says for each one that the service may have made; nothing for one turned down."""
    found = {"title": "Tea", "url": "https://tea.example/", "description": "All about tea"}
    http_server.answer(broken, json_reply({"web": {"results": [found]}}))
    search = {"provider": "brave", "url": http_server.url, "key": "k", "usd_per_search": "0.01"}
    place.configure(actions={"web": {"search": search}}, agents={"replans": 0})
    clock = FakeClock()
    with OpenAiServer() as server:
        server.always(planned(does("s", "web.search", {"query": "tea"})))
        async with sitting(served(place, server), Overrides(clock=clock)) as talk:
            await talk.say("search for tea")
            actions = [one for one in paid(await log(talk)) if one["tier"] == "action"]
            assert sum(Decimal(one["usd"]) for one in actions) == Decimal(usd)
            await agree(talk)
            clock.advance(3600)
            await talk.say("/status")
            await talk.app.engine.idle()
            again = await talk.events("operation.finished.v1")
            assert len(http_server.requests) == 1 + len(again)
            actions = [one for one in paid(await log(talk)) if one["tier"] == "action"]
            due = Decimal(usd) + Decimal("0.01") * len(again)
            assert sum(Decimal(one["usd"]) for one in actions) == due
            await agree(talk)


async def test_an_unknown_price_is_refused(place: Place) -> None:
    """A model without a price is not called: one sentence names the key to set."""
    tiers = {"balanced": {"model": "openai/nobody-priced-this"}}
    place.configure(llm={"api_base": "https://models.example.com/v1", "tiers": tiers})
    async with sitting(place) as talk:
        assert "set `llm.tiers.balanced.prices`" in await talk.say("hi")
        assert await talk.events("model.called.v1") == []


async def test_a_model_of_ones_own_needs_no_price(place: Place) -> None:
    """At an address of no public net it is asked, and counts for nothing."""
    with OpenAiServer() as server:
        server.script(stream(["Hello Ada."]))
        tiers = {"balanced": {"model": "openai/nobody-priced-this"}}
        place.configure(llm={"api_base": server.api_base, "tiers": tiers})
        async with sitting(place) as talk:
            assert await talk.say("hi") == "Hello Ada."
            (call,) = await talk.events("model.called.v1")
            assert call.payload["usd"] == "0"


async def test_a_plain_hi_is_one_small_call(place: Place) -> None:
    """What the server receives for "hi" with everything enabled: one request, few tokens."""
    smtp = {"host": "127.0.0.1", "from": "ada@acme.example"}
    search = {"provider": "searxng", "url": "http://127.0.0.1:1"}
    actions = {"mail": {"smtp": smtp}, "http": {"allow": ["a.example"]}, "web": {"search": search}}
    place.configure(actions=actions)
    with OpenAiServer() as server:
        server.always(stream(["Hi."]))
        async with sitting(served(place, server)) as talk:
            assert await talk.say("hi") == "Hi."
            (body,) = server.requests
            for name in ("web.search", "mail.send", "http.request", "researcher"):
                assert name in str(body["messages"])
            # A token has three and a half characters or more; punctuation of JSON is in the bound.
            sent = json.dumps([body["messages"], body["tools"]], separators=(",", ":"))
            assert len(sent) / 3.5 <= 1500
            (told,) = await talk.events("model.called.v1")
            assert told.payload["agent"] == "planner"
