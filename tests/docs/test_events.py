from pathlib import Path

from scripts import events_doc
from tests.scenarios.places import ASK_FOR_NOTES, Place
from tests.scenarios.sitting import sitting

TALK = (
    "remember that tea is green",
    "add task call Bob",
    "note: milk",
    "always",
    "/undo",
    "accept",
)


def test_the_page_of_events_is_up_to_date() -> None:
    """docs/events.md is what `python -m scripts.events_doc` writes."""
    assert events_doc.TARGET.read_text(encoding="utf-8") == events_doc.page()


async def test_events_are_on_the_streams_that_the_page_names(tmp_path: Path) -> None:
    """Each event of a talk is on a stream of the kind that stands under its type."""
    async with sitting(Place(tmp_path, ASK_FOR_NOTES)) as talk:
        for line in TALK:
            await talk.say(line)
        events = await talk.events()
    assert {event.type for event in events} > {"grant.given.v1", "operation.undone.v1"}
    for event in events:
        expected = events_doc.stream_of(event.type).partition(":")[0]
        assert event.stream.partition(":")[0] == expected, event.type
