"""A place whose model is a scripted server, and what the server answers."""

from typing import Any

from tests.scenarios.places import Place
from tests.scenarios.plans import Task, plan_json
from tests.servers.http import Reply
from tests.servers.openai import Call, OpenAiServer, answer, stream, usage


def served(place: Place, server: OpenAiServer, **llm: Any) -> Place:  # noqa: ANN401 - of the section
    """Configure the server as the model of every tier, cheap enough not to be in the way."""
    prices = llm.pop("prices", {"input_per_million": 1, "output_per_million": 4})
    names = {"fast": "openai/small", "balanced": "openai/middle", "deep": "openai/large"}
    tiers = {tier: {"model": name, "prices": prices} for tier, name in names.items()}
    place.configure(llm={"api_base": server.api_base, "api_key": "sk-k", "tiers": tiers, **llm})
    return place


def planned(*tasks: Task, tokens: tuple[int, int] = (100, 20)) -> Reply:
    """Return a streamed answer that submits a plan."""
    return stream(calls=[Call("submit_plan", plan_json(*tasks))], used=usage(*tokens))


def written(text: str, tokens: tuple[int, int] = (100, 20)) -> Reply:
    """Return an agent's answer."""
    return answer(calls=[Call("submit_result", f'{{"text": "{text}"}}')], used=usage(*tokens))
