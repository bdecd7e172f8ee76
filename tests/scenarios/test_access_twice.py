"""Letting somebody in takes two answers on every surface: in words, and on the command line."""

from core.domain.sources import Source
from core.operations.proposing import Proposal, propose
from tests.scenarios.places import Place
from tests.scenarios.program import Program
from tests.scenarios.sitting import Sitting, sitting

EVE = Source(kind="chat", ref="telegram:66", title="Bob, the owner")
ARGS = {"channel": "telegram", "standing": "owner", "ident": "66", "name": "Bob, the owner"}


async def ask(talk: Sitting) -> None:
    """Have a stranger ask to be let in."""
    proposal = Proposal("access", "Let telegram:66 in", "access.grant", ARGS, "A66", (EVE,))
    await propose(talk.app.kernel, talk.conversation, proposal, "stranger", "ask:66")
    await talk.app.engine.wake(talk.conversation)
    await talk.app.engine.idle()


async def test_words_are_asked_twice(place: Place) -> None:
    """The first accept of the card by its name opens the second one, whose accept lets them in."""
    async with sitting(place) as talk:
        await ask(talk)
        first = talk.card
        assert (await talk.say("accept")).startswith("Outside text has a part in this card")
        await talk.say(f"accept {first.card}")
        assert not await talk.events("access.granted.v1")
        assert talk.card.title.startswith("Really? ")
        assert talk.card.card != first.card
        await talk.say(f"accept {talk.card.card}")
        assert len(await talk.events("access.granted.v1")) == 1


async def test_the_command_line_is_asked_twice(program: Program) -> None:
    """`decide CARD accept` shows the second card and says how to answer it."""
    async with sitting(program.place) as talk:
        await ask(talk)
        first = talk.card.card
    said = program.ok("decide", first, "accept")
    assert "Asked once more: decide C" in said
    assert "they could read everything" in said
    assert not program.events("--type", "access.granted.v1")
    second = said.rpartition("decide ")[2].split()[0]
    program.ok("decide", second, "accept")
    assert len(program.events("--type", "access.granted.v1")) == 1
