from datetime import timedelta

import pytest

from core.domain.errors import BadInputError, TransientError, UnknownThingError
from core.domain.events.gates import (
    AutonomyPaused,
    AutonomyResumed,
    CardDecided,
    CardExpired,
    CardJoined,
    CardOpened,
    GateDecided,
)
from core.domain.events.goals import GoalFinished, GoalWaiting, TaskFailed
from core.domain.events.operations import OperationStarted
from core.gates.thresholds import ActionOverride, GatePolicy
from core.goals.drain import Drain
from core.goals.stop import stop_goals
from tests.core.support.plans import do, plan
from tests.core.support.world import HERE, Setup, World

THERE = "memory:2"


async def test_accept_runs_what_was_asked() -> None:
    """An accepted card runs its operation once, by the owner, and the card is rewritten."""
    world = World()
    assert await world.say("send", plan(do("a", "probe.high", to="bob", text="x"))) == []
    card = world.card
    assert (card.title, card.route, card.state) == ("Send to bob", "inbox", "open")
    assert card.why == "you asked: “send” (G1)."
    assert [(said.by, said.text.text) for said in card.items[0].says] == [("planner", "why a")]
    assert world.probe("probe.high").effects == []
    assert [p.cards for p in world.events(GoalWaiting)] == [(card.card,)]
    await world.decide()
    assert [args.to for args in world.probe("probe.high").effects] == ["bob"]
    assert [p.by for p in world.events(OperationStarted)] == ["owner"]
    (view, receipt) = world.surface.updated[-1]
    assert (view.state, view.verdict, view.decided_by) == ("decided", "accept", "owner")
    assert (view.decided_at, receipt) == ("09:00", "memory-card-1")
    assert world.surface.texts == ["Sent 'x' to bob."]
    await world.still()


async def test_reject_runs_nothing() -> None:
    """A rejected card ends the goal as rejected, with the owner's reason."""
    world = World()
    await world.say("send", plan(do("a", "probe.high", text="x")))
    await world.decide("reject", reason="not now")
    assert world.probe("probe.high").effects == []
    assert world.surface.texts == ["Not done (probe.high): you rejected it: not now"]
    assert [p.outcome for p in world.events(GoalFinished)] == ["rejected"]
    assert [p.kind for p in world.events(TaskFailed)] == ["rejected"]
    await world.still()


async def test_edit_runs_the_new_arguments() -> None:
    """An edit is validated again, shows its difference, and runs under a marker of its own."""
    world = World()
    await world.say("send", plan(do("a", "probe.high", to="bob", text="x")))
    (item,) = world.card.items
    decided = await world.decide("edit", edits={item.marker: {"text": "y"}})
    assert decided.changes == ("- text: x", "+ text: y")
    (args,) = world.probe("probe.high").effects
    assert (args.to, args.text) == ("bob", "y")
    assert world.probe("probe.high").markers != [item.marker]
    assert world.surface.updated[-1][0].difference == ("- text: x", "+ text: y")
    await world.still()


@pytest.mark.parametrize(
    ("edits", "problem"),
    [
        ({}, "An edit needs what to change"),
        ({"?": {"text": "y"}}, "has no operation '?'"),
        ({"it": {"colour": "red"}}, "has no 'colour'; it takes: to, text, tags, count"),
        ({"it": {"count": "many"}}, "count: input should be a valid integer"),
        ({"it": {"to": "nowhere"}}, "There is no such place"),
    ],
)
async def test_a_bad_edit_decides_nothing(
    edits: dict[str, dict[str, object]], problem: str
) -> None:
    """An edit that does not validate is one sentence; the card stays open."""
    world = World()
    await world.say("send", plan(do("a", "probe.high", to="bob", text="x")))
    marker = world.card.items[0].marker
    given = {marker if name == "it" else name: args for name, args in edits.items()}
    with pytest.raises((BadInputError, UnknownThingError), match=problem.replace("?", r"\?")):
        await world.decide("edit", edits=given)
    assert world.events(CardDecided) == []
    await world.decide()
    assert len(world.probe("probe.high").effects) == 1


async def test_the_first_answer_wins() -> None:
    """A second answer changes nothing and says who answered and when."""
    world = World()
    await world.say("send", plan(do("a", "probe.high", text="x")))
    await world.decide("reject")
    world.clock.advance(3600)
    with pytest.raises(BadInputError, match=r"was already rejected by owner, 09:00\."):
        await world.decide("accept")
    assert world.probe("probe.high").effects == []


@pytest.mark.parametrize(("verdict", "word"), [("accept", "accepted"), ("edit", "edited and")])
async def test_a_second_answer_names_the_first(verdict: str, word: str) -> None:
    """Each verdict has its own word in the answer to a late tap."""
    world = World()
    await world.say("send", plan(do("a", "probe.high", text="x")))
    edits = {world.card.items[0].marker: {"text": "y"}} if verdict == "edit" else {}
    await world.decide(verdict, edits=edits)
    with pytest.raises(BadInputError, match=word):
        await world.decide("reject")


async def test_the_same_tap_twice_is_one_decision() -> None:
    """A tap that is delivered again adds no event."""
    world = World()
    await world.say("send", plan(do("a", "probe.high", text="x")))
    await world.decide(tap="same", drain=False)
    with pytest.raises(BadInputError, match="already accepted"):
        await world.decide(tap="same")
    await world.drain(HERE)
    assert len(world.events(CardDecided)) == 1
    assert len(world.probe("probe.high").effects) == 1


async def test_an_unknown_card_is_refused() -> None:
    """A card that never was is one sentence."""
    world = World()
    with pytest.raises(UnknownThingError, match="There is no card 'CAAAAAAAA'"):
        await world.decide(card="CAAAAAAAA")


async def test_several_questions_are_one_card() -> None:
    """All questions of one moment are one card with a list; each item runs once accepted."""
    world = World()
    await world.say(
        "send", plan(*(do(f"t{n}", "probe.high", to=f"p{n}", text="x") for n in range(3)))
    )
    assert len(world.surface.shown) == 1
    assert [item.title.text for item in world.card.items] == [f"Send to p{n}" for n in range(3)]
    assert world.card.title == "3 decisions: “send”"
    await world.decide()
    assert sorted(args.to for args in world.probe("probe.high").effects) == ["p0", "p1", "p2"]
    assert len(world.events(CardOpened)) == 1
    await world.still()


async def test_equal_questions_of_one_plan_are_asked_once() -> None:
    """Two equal operations of a plan share one item and run once; both tasks get the outcome."""
    world = World()
    await world.say("send", plan(do("a", "probe.high", text="x"), do("b", "probe.high", text="x")))
    assert len(world.card.items) == 1
    await world.decide()
    assert len(world.probe("probe.high").effects) == 1
    assert [p.outcome for p in world.events(GoalFinished)] == ["done"]
    assert "asked once, with G1" in world.surface.texts[-1]
    await world.still()


@pytest.mark.parametrize("verdict", ["accept", "reject"])
@pytest.mark.parametrize("where", [HERE, THERE])
async def test_equal_questions_of_two_goals_share_a_card(where: str, verdict: str) -> None:
    """A goal that asks what another asks already joins its card, and its outcome reaches both."""
    world = World()
    await world.say("send", plan(do("a", "probe.high", text="x")))
    await world.say("again", plan(do("z", "probe.high", text="x")), where=where)
    assert len(world.surface.shown) == 1
    assert [p.primary for p in world.events(CardJoined)] == ["G1/a"]
    await world.decide(verdict)
    await world.drain(where)
    assert len(world.probe("probe.high").effects) == (verdict == "accept")
    outcome = "done" if verdict == "accept" else "rejected"
    assert [p.outcome for p in world.events(GoalFinished)] == [outcome, outcome]
    assert len(world.surface.texts) == 2
    await world.still()


@pytest.mark.parametrize("stopped", [False, True])
async def test_a_goal_may_join_a_card_with_several_tasks(
    stopped: bool,  # noqa: FBT001 - a parameter
) -> None:
    """Two equal tasks of another goal wait for one card, and both get its outcome."""
    world = World()
    await world.say("send", plan(do("a", "probe.high", text="x")))
    again = plan(do("y", "probe.high", text="x"), do("z", "probe.high", text="x"))
    await world.say("again", again, where=THERE)
    if stopped:
        await stop_goals(world.kernel, HERE, None, "owner")
        await world.drain(HERE)
    else:
        await world.decide()
    await world.drain(THERE)
    assert len(world.probe("probe.high").effects) == (not stopped)
    outcomes = ["failed"] if stopped else ["done", "done"]
    assert [p.outcome for p in world.events(GoalFinished)] == outcomes
    await world.still()


@pytest.mark.parametrize("ending", ["accept", "reject", "stop"])
async def test_who_joined_gets_the_outcome_of_a_second_card(ending: str) -> None:
    """When the effect fails and is asked about again, the goal that joined waits for that too."""
    world = World()
    world.probe("probe.high").before.append(TransientError("busy"))
    await world.say("send", plan(do("a", "probe.high", text="x")))
    await world.say("again", plan(do("z", "probe.high", text="x")), where=THERE)
    await world.decide()
    assert world.card.kind == "unknown"
    await world.drain(THERE)
    assert world.surface.texts == []
    if ending == "stop":
        await stop_goals(world.kernel, HERE, None, "owner")
    else:
        await world.decide(ending)
    (row,) = await world.rows("goals", group=THERE)
    assert row.state == "active"
    await world.drain(THERE)
    outcome = {"accept": "done", "reject": "rejected", "stop": "failed"}[ending]
    assert [p.outcome for p in world.events(GoalFinished)][-1] == outcome
    await world.drain(HERE)
    await world.still()


async def test_a_question_asked_again_after_an_answer_is_a_new_card() -> None:
    """A decided question is not reused: the next goal asks anew."""
    world = World()
    await world.say("send", plan(do("a", "probe.high", text="x")))
    await world.decide()
    await world.say("send", plan(do("a", "probe.high", text="x")))
    assert len(world.surface.shown) == 2


async def test_a_stop_withdraws_the_card() -> None:
    """A stopped goal's card expires, is rewritten, and cannot be decided any more."""
    world = World()
    await world.say("send", plan(do("a", "probe.high", text="x")))
    assert await stop_goals(world.kernel, HERE, "G1", "owner") == ["G1 send"]
    await world.drain(HERE)
    assert world.surface.updated[-1][0].state == "expired"
    with pytest.raises(BadInputError, match="has expired: G1 was stopped"):
        await world.decide()
    assert world.probe("probe.high").effects == []
    assert [row.state for row in await world.rows("goals")] == ["stopped"]
    with pytest.raises(UnknownThingError, match="G1 has ended already"):
        await stop_goals(world.kernel, HERE, "G1", "owner")
    await world.still()


async def test_a_stop_wakes_who_joined() -> None:
    """When the goal that asked is stopped, the goal that joined ends with a reason."""
    world = World()
    await world.say("send", plan(do("a", "probe.high", text="x")))
    await world.say("again", plan(do("z", "probe.high", text="x")), where=THERE)
    await stop_goals(world.kernel, HERE, None, "owner")
    (row,) = await world.rows("goals", group=THERE)
    assert row.state == "active"
    await world.drain(THERE)
    assert world.probe("probe.high").effects == []
    (said,) = world.surface.texts
    assert (
        said == "Failed (probe.high): G1, which asked for it, ended before it was known to be done"
    )
    await world.drain(HERE)
    await world.still()


async def test_stopping_who_joined_leaves_the_card_open() -> None:
    """The goal that asked goes on when another that shares its card is stopped."""
    world = World()
    await world.say("send", plan(do("a", "probe.high", text="x")))
    await world.say("again", plan(do("z", "probe.high", text="x")), where=THERE)
    await stop_goals(world.kernel, THERE, None, "owner")
    await world.decide()
    await world.drain(THERE)
    assert len(world.probe("probe.high").effects) == 1
    assert [p.outcome for p in world.events(GoalFinished)] == ["done"]
    assert await stop_goals(world.kernel, THERE, None, "owner") == []


async def test_an_expired_card_ends_its_task_without_a_no() -> None:
    """A card that expired is not the owner's no; the task says what happened."""
    world = World()
    await world.say("send", plan(do("a", "probe.high", text="x"), do("b", "probe.low")))
    card = world.card.card
    expired = CardExpired(card=card, conversation=HERE, reason="the day is over")
    await world.append(f"card:{card}", expired, "G1")
    await world.drain(HERE)
    assert [p.kind for p in world.events(TaskFailed)] == ["expired"]
    assert "Not done (probe.high): the card expired: the day is over" in world.surface.texts[-1]
    assert [row.doc for row in await world.rows("record") if row.key.startswith("planner")] == []
    await world.still()


async def test_what_the_policy_denies_is_not_asked() -> None:
    """A denied operation opens no card and its task says so."""
    policy = GatePolicy(actions={"probe.high": ActionOverride(route="deny")})
    world = World(Setup(policy=policy))
    (said,) = await world.say("send", plan(do("a", "probe.high", text="x")))
    assert said.startswith("Not allowed (probe.high): the policy says deny")
    assert world.surface.shown == []
    assert [p.ruling.route for p in world.events(GateDecided)] == ["deny"]
    await world.still()


async def test_low_confidence_waits_in_the_inbox() -> None:
    """A card below the review threshold waits in the inbox."""
    world = World()
    await world.say("send", plan({**do("a", "probe.low"), "confidence": 0.1}))
    assert world.card.route == "inbox"


async def test_a_pause_asks_for_what_ran_alone() -> None:
    """While paused, effects are asked and reads run; after a resume they run again."""
    world = World()
    await world.append("autonomy", AutonomyPaused(by="owner"))
    await world.say("do", plan(do("a", "probe.low"), do("b", "probe.read")))
    assert world.probe("probe.low").effects == []
    assert len(world.probe("probe.read").effects) == 1
    assert world.card.items[0].ruling.reasons[0].startswith("paused:")
    await world.append("autonomy", AutonomyResumed(by="owner"))
    await world.say("do", plan(do("a", "probe.low", text="x")))
    assert len(world.probe("probe.low").effects) == 1


async def test_a_card_survives_a_restart() -> None:
    """A restart neither shows a card again nor loses its answer."""
    world = World()
    await world.say("send", plan(do("a", "probe.high", text="x")))
    world.restart()
    world.clock.advance(timedelta(days=30).total_seconds())
    await world.still()
    await world.decide()
    assert len(world.probe("probe.high").effects) == 1


async def test_a_card_of_an_earlier_process_may_have_been_shown() -> None:
    """It is shown and says that it may be there twice; one opened since says no such thing."""
    world = World()
    world.surfaces.pop("memory")
    await world.hear("send")
    world.model.then(plan(do("a", "probe.high", to="x")))
    await world.drain(HERE)
    world.surfaces["memory"] = world.surface
    head, _ = await world.store.head()
    world.drain = Drain(world.kernel, world._wake, head)
    await world.drain(HERE)
    assert world.card.repeat
    await world.say("send more", plan(do("b", "probe.high", to="y")))
    assert not world.card.repeat
