from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.domain.erasable import Erasable
from core.domain.events.goals import ContextRecalled
from core.domain.events.memory import FactForgotten, FactLearned, FactSuperseded
from core.domain.events.personal import ReminderSet, TodoAdded
from core.memory.context import TOKENS, Profile, Recall
from core.memory.facts import known_facts, relevant_facts
from core.memory.known import EARLIER_TOKENS, FACT_TOKENS
from core.memory.search.words import stems as words
from core.memory.turns import CHARS_PER_TOKEN
from tests.core.support.actions import WEB
from tests.core.support.world import HERE, Setup, World


async def learn(world: World, name: str, text: str, *, outside: bool = False) -> None:
    """Let a fact be known."""
    sources = (WEB,) if outside else ()
    fact = FactLearned(fact=name, text=Erasable.of(text), by="G1", sources=sources)
    await world.append(f"fact:{name}", fact)


async def add(world: World, name: str, title: str, *, outside: bool = False) -> None:
    """Let a to-do be open."""
    sources = (WEB,) if outside else ()
    todo = TodoAdded(todo=name, title=Erasable.of(title), due="2026-11-03", sources=sources)
    await world.append(f"todo:{name}", todo)


async def remind(world: World, name: str, text: str, *, outside: bool = False) -> None:
    """Let a reminder be set."""
    reminder = ReminderSet(
        reminder=name,
        conversation=HERE,
        text=Erasable.of(text),
        at=world.clock.now() + timedelta(hours=1),
        timezone="UTC",
        sources=(WEB,) if outside else (),
    )
    await world.append(f"reminder:{name}", reminder)


async def test_a_context_says_who_when_and_what_is_known() -> None:
    """Time, owner, fitting facts, to-dos, reminders and recent talk are there, with their ids."""
    world = World(Setup(zone=ZoneInfo("Europe/Berlin")))
    await learn(world, "FAAAAAA", "Bob's birthday is on 3 May")
    await learn(world, "FBBBBBB", "The bank is in Bonn")
    await add(world, "TAAAAAA", "Call   the\nbank")
    await remind(world, "RAAAAAA", "stand up")
    await world.say("hello", "Hello Ada.")
    context = await world.kernel.recall.build(HERE, "When is Bob's birthday?")
    assert context.prompt.splitlines() == [
        "Now: 2026-11-02T10:00:00+01:00 Monday (Europe/Berlin)",
        "Owner: Ada, Acme",
        "Facts:",
        "- [FAAAAAA] Bob's birthday is on 3 May",
        "To-dos:",
        "- [TAAAAAA] Call the bank (due 2026-11-03)",
        "Reminders:",
        "- [RAAAAAA] 2026-11-02T11:00:00+01:00 stand up",
        "Recent:",
        "- owner: hello",
        "- equerry: Hello Ada.",
    ]
    assert context.recalled.facts == ("FAAAAAA",)
    assert len(context.recalled.messages) == 2


async def test_the_message_itself_is_not_recalled() -> None:
    """A message that is being answered stands in the prompt once."""
    world = World()
    await world.say("hello there", "Hello Ada.")
    request = world.model.requests[0]
    assert sum("hello there" in message.content for message in request.messages) == 1


@pytest.mark.parametrize("later", ["Bob lives in Kiel now.", "Bob lives in Ulm."])
async def test_a_quotation_hides_nothing_that_the_owner_said(later: str) -> None:
    """What others say later neither replaces nor repeats his words in what is recalled."""
    world = World()
    await world.say("Bob lives in Ulm.", "Fine.")
    world.clock.advance(60)
    await world.say(f"Look at this\n> {later}", "Fine.")
    for _ in range(8):
        world.clock.advance(60)
        await world.say("and so on", "Long and no answer. " * 40)
    prompt = (await world.kernel.recall.build(HERE, "where does Bob live?")).prompt
    earlier = prompt.partition("Earlier:\n")[2].partition("Recent:\n")[0]
    assert "Ulm" in earlier
    assert "Kiel" not in prompt


async def test_outside_facts_do_not_push_aside_the_owner_s() -> None:
    """However many fit a question, what the owner said of it is in the prompt."""
    world = World()
    await learn(world, "FOWN", "The fee for boats in the harbour of Ulm is 40 euro")
    for number in range(60):
        text = f"What is the harbour fee? The harbour fee {number}."
        await learn(world, f"F{number}", text, outside=True)
    prompt = (await world.kernel.recall.build(HERE, "What is the harbour fee?")).prompt
    assert "[FOWN] The fee for boats in the harbour of Ulm is 40 euro" in prompt
    assert "The harbour fee 7" not in prompt


async def test_what_left_the_window_is_recalled_at_once() -> None:
    """Though nobody kept the index since; a question asked before and a repeated reply are not."""
    world = World()
    await world.say("The kiln stands in the shed of Otto.", "Noted, thanks.")
    await world.say("Where does the kiln stand?", "Long and no answer about the kiln. " * 40)
    for _ in range(6):
        await world.say("and so on", "Long and no answer about the kiln. " * 40)
    context = await world.kernel.recall.build(HERE, "where does the kiln stand?")
    _, _, after = context.prompt.partition("Earlier:\n")
    lines = after.partition("Recent:\n")[0].splitlines()
    assert any(line.endswith("owner: The kiln stands in the shed of Otto.") for line in lines)
    assert sum("no answer about the kiln" in line for line in lines) <= 1
    assert "Where does the kiln stand?" not in context.prompt


async def test_what_was_replaced_is_not_recalled_as_said() -> None:
    """Neither what a fact nor what a later word has taken the place of; what stays true is."""
    world = World()
    for line in ("My dentist is Ada Vogel.", "Bob lives in Ulm.", "Our lawyer is Carla Berg."):
        world.clock.advance(60)
        await world.say(line, "Fine.")
    world.clock.advance(60)
    await world.say("Bob lives in Kiel now.", "Fine.")
    for _ in range(8):
        await world.say("and so on", "Long and no answer. " * 40)
    world.clock.advance(60)
    await learn(world, "FAAAAAA", "My dentist is now Hugo Sommer")
    asked = {"who is my dentist?": "Ada", "where does Bob live?": "Ulm", "who is our lawyer?": ""}
    for text, stale in asked.items():
        prompt = (await world.kernel.recall.build(HERE, text)).prompt
        earlier = prompt.partition("Earlier:\n")[2].partition("Recent:\n")[0]
        assert not stale or stale not in earlier
        assert ("Carla Berg" in earlier) or "lawyer" not in text
        assert ("Kiel" in earlier) or "Bob" not in text


async def test_outside_text_is_a_handle() -> None:
    """Tainted facts, to-dos, reminders, messages and replies are handles without their words."""
    world = World()
    await learn(world, "FAAAAAA", "SECRETWORD about Bob", outside=True)
    await add(world, "TAAAAAA", "SECRETWORD", outside=True)
    await remind(world, "RAAAAAA", "SECRETWORD", outside=True)
    message = (await world.hear("SECRETWORD from a stranger", owner=False)).message
    context = await world.kernel.recall.build(HERE, "What about Bob?")
    assert "SECRETWORD" not in context.prompt
    assert "Evil page" not in context.prompt
    for handle in ("FAAAAAA", "TAAAAAA", "RAAAAAA", message):
        assert f"[{handle}]" in context.prompt
    assert context.recalled.facts == ()


async def test_erased_texts_are_left_out() -> None:
    """A text that was erased is in no prompt, and its fact is not known any more."""
    world = World()
    await learn(world, "FAAAAAA", "Bob likes tea")
    await learn(world, "FBBBBBB", "Bob likes cake")
    (row, _) = await world.rows("facts")
    await world.store.erase([row.doc["text"]["ref"]])
    context = await world.kernel.recall.build(HERE, "What does Bob like?")
    assert "FBBBBBB" in context.prompt
    assert "FAAAAAA" not in context.prompt
    assert "[erased]" not in context.prompt


async def test_forgotten_and_replaced_facts_do_not_count() -> None:
    """Only facts that are known now are recalled."""
    world = World()
    for name, text in (("F1", "Bob old"), ("F2", "Bob gone"), ("F3", "Bob new")):
        await learn(world, name, text)
    await world.append("fact:F2", FactForgotten(fact="F2"))
    await world.append("fact:F1", FactSuperseded(fact="F1", by_fact="F3"))
    assert [f.id for f in await known_facts(world.store, world.store)] == ["F3"]
    assert [f.id for f in await relevant_facts(world.knowledge, world.store, "Bob")] == ["F3"]


async def test_the_rarest_word_counts_most() -> None:
    """Facts that share telling words come first; common words share nothing."""
    world = World()
    await learn(world, "F1", "Bob has a cat")
    await learn(world, "F2", "Bob has a dog named Rex")
    await learn(world, "F3", "Eve has a dog")
    found = await relevant_facts(world.knowledge, world.store, "What is the name of Bob's dogs?")
    assert found[0].id == "F2"
    assert await relevant_facts(world.knowledge, world.store, "what is the") == []
    assert await relevant_facts(world.knowledge, world.store, "zebra") == []
    assert words("Invoices, invoicing and INVOICED!") == ["invoic"] * 3


async def test_an_owner_without_a_name_is_left_out() -> None:
    """An empty profile gives no owner line, and a bare context has no memory at all."""
    world = World()
    profile = Profile("", "", ZoneInfo("UTC"), "UTC")
    recall = Recall(world.store, world.store, world.clock, profile, world.knowledge)
    await add(world, "TAAAAAA", "Call")
    assert "Owner" not in (await recall.build(HERE, "hi")).prompt
    assert "Call" not in recall.bare().prompt
    assert recall.owner == ""


async def test_no_part_of_memory_crowds_out_the_others() -> None:
    """With long facts, to-dos, reminders and messages there is something of each."""
    world = World()
    for number in range(20):
        await learn(world, f"F{number}", f"Bob {'likes tea and ' * 20}")
        await add(world, f"T{number}", "call Bob about tea " * 12)
        await remind(world, f"R{number}", "bring Bob some tea " * 12)
        await world.hear("Bob drinks tea " * 15)
    prompt = (await world.kernel.recall.build(HERE, "What about Bob?")).prompt
    for heading in ("Facts:", "To-dos:", "Reminders:", "Recent:"):
        assert heading in prompt


texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=400)


@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(many=st.lists(texts, max_size=40), long=st.integers(0, 300))
async def test_a_context_stays_inside_its_budget(many: list[str], long: int) -> None:
    """However much is known, the prompt is no longer than its tokens, and says how long it is."""
    world = World()
    for number, text in enumerate(many):
        await learn(world, f"F{number}", f"Bob {text}", outside=number % 7 == 6)
        await add(world, f"T{number}", text or "x", outside=number % 5 == 4)
        await remind(world, f"R{number}", text or "x")
        await world.hear(f"Bob {text} {'y' * long}")
    context = await world.kernel.recall.build(HERE, "What about Bob?")
    most = TOKENS + FACT_TOKENS + EARLIER_TOKENS
    assert len(context.prompt) <= most * CHARS_PER_TOKEN
    assert context.recalled.tokens <= most
    assert set(context.recalled.facts) <= {f"F{n}" for n in range(len(many))}
    assert isinstance(context.recalled, ContextRecalled)
