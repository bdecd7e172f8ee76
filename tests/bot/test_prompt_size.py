import os
from typing import Any

from adapters.inmemory.model import ScriptedModel
from bot.app import Overrides, build_app
from core.ports.model import ModelRequest
from tests.scenarios.places import Place
from tests.scenarios.plans import does, plan
from tests.scenarios.sitting import Sitting

MOST = 1500
EVERYTHING: dict[str, Any] = {
    "mail": {"smtp": {"host": "127.0.0.1", "from": "ada@acme.example"}},
    "http": {"allow": ["api.example.com"]},
    "web": {"search": {"provider": "searxng", "url": "http://127.0.0.1:1"}},
}

PROFILE = (
    f"voice {'plain and brief words ' * 50}",
    "roles founder; engineer; bookkeeper",
    "hours Mon-Thu 09:00-18:00; Fri 09:00-14:00",
    *(f"add clients Client {n}: hi and many more words about what they do" for n in range(20)),
    *(f"add preferences hi, a preference of some length, number {n}" for n in range(20)),
)


async def greeting(place: Place) -> ModelRequest:
    """Return the request of a plain "hi" with all enabled and a memory that is full."""
    place.configure(
        actions=EVERYTHING, profile={"name": "Ada", "company": "Acme", "timezone": "Europe/Berlin"}
    )
    model = ScriptedModel()
    long = "hi and " + "a to-do with rather many words in it " * 5
    async with build_app(place.config(), Overrides(model=model)) as app:
        sitting = Sitting(app)
        for line in PROFILE:
            assert "version" in await sitting.say(f"/profile {line}")
        for start in (0, 10):
            tasks = [does(f"t{n}", "task.add", {"title": f"{n} {long}"}) for n in range(10)]
            facts = [does(f"f{n}", "memory.remember", {"text": f"{n} {long}"}) for n in range(10)]
            model.then(plan(*tasks, *facts))
            await sitting.say(f"{start} {long}")
        model.then("Hello!")
        assert await sitting.say("hi") == "Hello!"
    return model.requests[-1]


async def test_a_plain_hi_is_small(place: Place) -> None:
    """With every action and agent and a full memory a "hi" costs at most 1,500 prompt tokens."""
    request = await greeting(place)
    tools = [tool.model_dump_json() for tool in request.tools]
    text = "".join([*(message.content for message in request.messages), *tools])
    found = ("web.search", "mail.send", "researcher", "reviewer", "Facts:", "To-dos:")
    for name in (*found, "Profile: roles", "Preference: "):
        assert name in text
    assert len(text) / 4 <= MOST
    assert _counted(request) <= MOST


def _counted(request: ModelRequest) -> int:
    """Return the tokens as a provider counts them."""
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    from litellm.utils import token_counter

    messages = [{"role": message.role, "content": message.content} for message in request.messages]
    tools: Any = [
        {
            "type": "function",
            "function": {
                "name": tool.name,
                "description": tool.description,
                "parameters": tool.parameters,
            },
        }
        for tool in request.tools
    ]
    return int(token_counter(model="gpt-4o-mini", messages=messages, tools=tools))
