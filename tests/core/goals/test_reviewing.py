from typing import Any, ClassVar

import pytest

from adapters.inmemory.model import Scripted, ScriptedModel
from core.agents.registry import BUILT_IN, AgentRegistry
from core.agents.review_rules import ReviewRules
from core.agents.reviewer import REVIEWER, Reviewer
from core.domain.cards import Impact
from core.domain.erasable import Erasable
from core.domain.errors import ModelRefusedError, ModelUnreachableError
from core.domain.events.gates import GateDecided, GrantGiven
from core.domain.events.goals import TaskReviewed, TaskStarted
from core.domain.events.memory import FactLearned
from core.domain.events.models import ModelCalled
from core.ports.model import ModelAnswer, ModelRequest
from tests.core.support.actions import Crash
from tests.core.support.plans import do, plan, result, write
from tests.core.support.web import Mail, judged
from tests.core.support.world import HERE, Setup, World

BOB = "bob@acme.example"


def world(*answers: Any, rules: ReviewRules | None = None, online: bool = True) -> World:  # noqa: ANN401
    """Return a core that can send mail, with a model unless it is offline."""
    agents = AgentRegistry(runners={"reviewer": Reviewer(rules)})
    offline = ScriptedModel() if online else None
    return World(Setup(actions=[Mail()], agents=agents, offline=offline), *answers)


def mail(world: World) -> Mail:
    """Return the mail action."""
    found = world.kernel.actions.get("mail.send")
    assert isinstance(found, Mail)
    return found


def send(body: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON value
    """Return a task that sends a mail."""
    return do("m", "mail.send", to=[BOB], subject="Hello", body=body, **more)


DRAFTED = plan(write("w", "Write to Bob"), send("{{ w.text }}"))


async def reviews(made: World) -> list[tuple[str, int, str | None, tuple[str, ...]]]:
    """Return what the reviews came to."""
    told = await made.told(TaskReviewed)
    return [(r.verdict, r.round, r.rewrite, tuple(r.reasons.value or ())) for r in told]


async def test_content_that_leaves_is_reviewed_before_it_is_asked() -> None:
    """A mail passes a review first, with what it rests on, and then goes to the gate as usual."""
    made = world(DRAFTED, result("Hi Bob, all is well."), judged("pass"))
    await made.say("write to Bob that all is well")
    assert await reviews(made) == [("pass", 1, None, ())]
    request = made.model.requests[-1]
    assert (request.agent, request.tier) == ("reviewer", "fast")
    prompt = request.messages[1].content
    for part in ("Hi Bob, all is well.", "write to Bob that all is well", BOB, "Ada Acme"):
        assert part in prompt
    assert made.card.items[0].ruling.reasons == ("confidence 0.00 is below 0.50 (review)",)
    await made.decide()
    assert [m.body for m in mail(made).sent] == ["Hi Bob, all is well."]
    await made.still()


async def test_a_draft_goes_back_to_its_writer_once() -> None:
    """A revise runs the assistant again with reasons and draft; the second text is asked."""
    made = world(
        DRAFTED,
        result("Hi Bob, pay 99."),
        result("Hi Bob, all is well."),
        judged("pass"),
    )
    await made.say("write to Bob")
    number = "the number 99 stands in no source"
    assert await reviews(made) == [("revise", 1, "w", (number,)), ("pass", 2, None, ())]
    rewriting = made.model.requests[2].messages[1].content
    assert number in rewriting
    assert "Hi Bob, pay 99." in rewriting
    assert "all is well" in made.card.items[0].body.text
    await made.decide()
    await made.still()


def remarks(made: World) -> list[str]:
    """Return what the reviewer says on the newest card, apart from what Equerry states."""
    return [said.text.text for said in made.card.items[0].says if said.by == "reviewer"]


async def test_a_second_revise_is_for_the_owner() -> None:
    """After one more draft the card says what is still wrong with it."""
    made = world(DRAFTED, result("Pay 98."), result("Pay 99."))
    await made.say("write to Bob")
    assert [r[:3] for r in await reviews(made)] == [("revise", 1, "w"), ("escalate", 2, None)]
    assert made.card.items[0].ruling.reasons[-1] == "review did not pass"
    assert remarks(made) == ["the number 99 stands in no source"]
    await made.decide()
    assert [m.body for m in mail(made).sent] == ["Pay 99."]
    await made.still()


async def test_a_draft_that_cannot_be_written_again_stays() -> None:
    """When the second draft fails, the first one is asked with what is wrong with it."""
    failing = ModelRefusedError("The server refused the call.")
    made = world(DRAFTED, result("Pay 98."), failing)
    await made.say("write to Bob")
    assert [r[:3] for r in await reviews(made)] == [("revise", 1, "w"), ("escalate", 2, None)]
    await made.decide()
    assert [m.body for m in mail(made).sent] == ["Pay 98."]
    await made.still()


async def test_text_of_the_planner_is_not_sent_back() -> None:
    """What no assistant wrote has nobody to write it again: the owner judges."""
    made = world(plan(send("Pay 99 at once.")))
    await made.say("write to Bob")
    assert [r[:3] for r in await reviews(made)] == [("escalate", 1, None)]
    assert "review did not pass" in made.card.items[0].ruling.reasons[-1]


async def test_the_owners_own_words_only_get_a_note() -> None:
    """What the owner wrote word by word passes, whatever the rules say; the card notes it."""
    made = world(plan(send("call  Eve at eve@x.example")), rules=ReviewRules(banned=("eve",)))
    await made.say(f"mail {BOB}: Call Eve at eve@x.example")
    assert await reviews(made) == [("pass", 1, None, ("the phrase 'eve' is banned",))]
    assert made.card.items[0].ruling.reasons[-1] == "review passed, with remarks"
    assert remarks(made) == ["the phrase 'eve' is banned"]


async def grant(made: World) -> None:
    """Give a standing permission for every mail."""
    given = GrantGiven(grant="P1", action="mail.send", card="C1", by="owner", only={})
    await made.append("grant:P1", given)


@pytest.mark.parametrize("verdict", ["escalate", "revise"])
async def test_no_grant_outranks_a_review(verdict: str) -> None:
    """With a grant a mail that passed goes out by itself; one that did not is asked."""
    made = world(plan(send("Hello there.")), judged("pass"))
    await grant(made)
    await made.say("write to Bob")
    assert len(mail(made).sent) == 1
    made.model.then(plan(send("Hello again.")), judged(verdict, "it is rude"))
    await made.hear("once more")
    await made.drain(HERE)
    assert len(mail(made).sent) == 1
    ruling = made.events(GateDecided)[-1].ruling
    assert (ruling.route, ruling.rule) == ("review", "review")
    assert ruling.reasons == (
        "review: the content did not pass",
        "review did not pass",
    )
    assert remarks(made) == ["it is rude"]


async def test_offline_the_rules_decide_alone() -> None:
    """Without a model no call is made for a review, and the rules are held to all the same."""
    made = world(plan(send("Hello.")), plan(send("Pay 99.")), online=False)
    await made.say("one")
    await made.say("two")
    assert [r[0] for r in await reviews(made)] == ["pass", "escalate"]
    assert [called.agent for called in made.events(ModelCalled)] == ["planner", "planner"]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (ModelRefusedError("The server said no."), "it could not be reviewed: The server said no."),
        ("Looks good to me.", "it could not be reviewed: The reviewer's answer"),
    ],
)
async def test_a_review_that_fails_is_no_pass(answer: Any, told: str) -> None:  # noqa: ANN401
    """What could not be reviewed is for the owner, with why."""
    made = world(plan(send("Hello.")), answer, answer)
    await made.say("write")
    (review,) = await reviews(made)
    assert review[0] == "escalate"
    assert review[3][0].startswith(told)


async def test_a_reviewer_that_goals_may_not_call() -> None:
    """The contract holds for the core as well: a reviewer for plans only is not called."""
    closed = REVIEWER.model_copy(update={"callers": frozenset({"plan"})})
    made = World(Setup(actions=[Mail()], agents=AgentRegistry([*BUILT_IN, closed])))
    await made.say("write", plan(send("Hello.")))
    (review,) = await reviews(made)
    assert review[3] == (
        "it could not be reviewed: The agent reviewer may not be called by a goal.",
    )


async def test_unreachable_models_leave_the_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that cannot be reached during the review leaves the verdict to the rules."""

    def answer(request: ModelRequest) -> Scripted:
        if request.agent == "planner":
            return plan(send("Hello."))
        return ModelUnreachableError("Nobody there.", retry_after=100)

    made = world()
    offline = ScriptedModel([ModelAnswer(text="x", model="offline")])
    made.setup.offline, made.model = offline, ScriptedModel(answer)
    made.restart()
    monkeypatch.setattr(made.clock, "sleep", _at_once)
    await made.say("write")
    assert [r[0] for r in await reviews(made)] == ["pass"]


async def _at_once(_seconds: float) -> None:
    return


async def test_mails_of_one_plan_are_one_card() -> None:
    """What is reviewed at the same time is asked at the same time."""
    one = do("a", "mail.send", to=["a@x.example"], body="Hello.")
    two = do("b", "mail.send", to=["b@x.example"], body="Hello.")
    made = world(plan(one, two), judged("pass"), judged("pass"))
    await made.say("write to both")
    assert [len(view.items) for view in made.surface.shown] == [2]
    await made.still()


async def test_what_others_wrote_is_fenced_for_the_reviewer() -> None:
    """Outside text in a draft reaches the reviewer fenced, and the reasons keep its taint."""
    tasks = [do("r", "probe.read", text="Pay 99!"), write("w", "Sum up", page="{{ r.text }}")]
    made = world(
        plan(*tasks, send("{{ w.text }}")), result("Pay 1."), result("Hm."), judged("pass")
    )
    await made.say("tell Bob what the page says")
    rewriting, reviewing = (made.model.requests[n].messages[1].content for n in (2, 3))
    assert "<<<outside" in rewriting
    assert "<<<outside" in reviewing
    assert all(r.sources for r in await made.told(TaskReviewed))


async def test_bad_arguments_are_the_gates_to_tell() -> None:
    """A mail whose arguments do not validate is failed by the gate; nobody reviews it."""
    made = world(plan(do("r", "probe.low", text="x"), send("{{ r.count }}")), online=False)
    (said,) = await made.say("write")
    assert "points to nothing" in said
    assert len(made.model.requests) == 1


class Draft(Mail):
    """Keeps a draft with the owner."""

    declared: ClassVar[Impact] = "low"
    undo_hint: ClassVar[str | None] = "delete"
    control: ClassVar[frozenset[str]] = frozenset()


async def test_what_is_not_of_high_impact_is_not_judged() -> None:
    """Content that stays with the owner passes without rules and without a model."""
    draft = Draft()
    made = World(Setup(actions=[draft], offline=ScriptedModel()), plan(send("Pay 99.")))
    await made.say("draft it")
    assert await reviews(made) == [("pass", 1, None, ())]
    assert [m.body for m in draft.sent] == ["Pay 99."]


async def test_what_leaves_rests_on_what_was_read_or_known() -> None:
    """An output that goes straight into a mail is a source of it; without one, known facts are."""
    page = do("r", "probe.read", text="Acme charges 99.")
    made = world(plan(page, send("{{ r.text }}")), judged("pass"))
    fact = FactLearned(fact="F1", text=Erasable.of("Acme answers calls at 42"), by="G0")
    await made.append("fact:F1", fact)
    await made.say("tell Bob what the page says")
    made.model.then(plan(send("Acme is at 42.")), judged("pass"))
    await made.hear("tell Bob where Acme is")
    await made.drain(HERE)
    assert [r[0] for r in await reviews(made)] == ["pass", "pass"]


async def test_a_review_of_outside_text_sees_no_memory() -> None:
    """Who reads what others wrote is not given what the owner knows beside it."""
    page = do("r", "probe.read", text="Tell me all about Acme.")
    made = world(plan(page, send("{{ r.text }}")), judged("pass"))
    fact = FactLearned(fact="F1", text=Erasable.of("Acme's PIN is 4321"), by="G0")
    await made.append("fact:F1", fact)
    await made.say("answer Acme")
    assert "4321" not in made.model.requests[-1].messages[1].content


@pytest.mark.parametrize("late", [False, True])
async def test_a_crash_anywhere_loses_no_review(late: bool) -> None:  # noqa: FBT001 - a parameter
    """However the process dies on the way, the mail is written twice, asked once and sent once."""

    def answer(request: ModelRequest) -> Scripted:
        if request.agent == "planner":
            return DRAFTED
        if request.agent == "reviewer":
            return judged("pass")
        again = "sent back" in request.messages[1].content
        return result("All is well." if again else "Pay 99.")

    crashes = 0
    for number in range(1, 60):
        made = world()
        made.model = ScriptedModel(answer)
        made.restart()
        await made.hear("write to Bob")
        made.store.crash_at, made.store.late = made.store.appends + number, late
        try:
            await made.drain(HERE)
        except Crash:
            crashes += 1
            made.restart()
            await made.drain(HERE)
        done = made.store.appends < made.store.crash_at
        made.store.crash_at = None
        await made.drain(HERE)
        assert [r[:3] for r in await reviews(made)] == [("revise", 1, "w"), ("pass", 2, None)]
        assert made.card.items[0].body.text == "All is well."
        await made.decide()
        assert [m.body for m in mail(made).sent] == ["All is well."]
        assert max(started.attempt for started in made.events(TaskStarted)) <= 3
        await made.still()
        if done:
            break
    assert crashes >= 8
