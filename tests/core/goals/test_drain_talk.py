from tests.core.support.world import World


async def test_talk_is_one_call() -> None:
    """Simple talk takes one model call and its text is the reply, sent once."""
    world = World()
    assert await world.say("hi", "Hello Ada.") == ["Hello Ada."]
    assert len(world.model.requests) == 1
    await world.still()
