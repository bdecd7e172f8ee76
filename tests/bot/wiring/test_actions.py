from pathlib import Path

from adapters.inmemory.model import ScriptedModel
from bot.app import Overrides, build_app
from core.agents.schemas import Research
from core.domain.events import decode
from core.domain.events.goals import TaskFinished
from tests.core.support.web import fetch, found, search
from tests.scenarios.places import Place
from tests.scenarios.plans import plan
from tests.scenarios.sitting import Sitting
from tests.servers.http import HttpServer, Reply, json_reply

PAGE = """<html><head><title>Prices</title></head><body><article><h1>Prices</h1>
<p>Acme charges twelve dollars a month for everything that a small company needs, and nothing
for the first three months of every year, as it has done since it was founded.</p>
</article></body></html>"""


async def offered(place: Place) -> set[str]:
    """Return the names of the actions that a plan may use."""
    async with build_app(place.config(), lead=False) as app:
        return {action.name for action in app.kernel.actions.offered()}


async def test_what_is_not_configured_is_not_offered(place: Place) -> None:
    """Without `actions.web` the web is not read; with it pages are, and with a service searches."""
    assert not any(name.startswith("web.") for name in await offered(place))
    place.configure(actions={"web": {}})
    assert {n for n in await offered(place) if n.startswith("web.")} == {"web.fetch"}
    service = {"provider": "searxng", "url": "http://127.0.0.1:1"}
    place.configure(actions={"web": {"search": service}})
    assert {n for n in await offered(place) if n.startswith("web.")} == {"web.fetch", "web.search"}


async def test_a_question_is_researched_over_http(place: Place, tmp_path: Path) -> None:
    """Search and page come over the wire, from the configured service and host."""
    with HttpServer() as server:
        host = server.url.removeprefix("http://")
        page = f"{server.url}/prices"
        web = {"search": {"provider": "searxng", "url": server.url}}
        place.configure(actions={"web": {**web, "fetch": {"allow_private": [host]}}})
        results = [{"title": "Prices", "url": page, "content": "What Acme charges"}]
        server.always("/search", json_reply({"results": results}))
        server.always("/prices", Reply(200, PAGE.encode(), "text/html; charset=utf-8"))
        asks = {
            "id": "t",
            "agent": "researcher",
            "input": {"question": "What does Acme charge?"},
            "confidence": 1,
            "why": "",
        }
        quote = (page, "Acme charges twelve dollars a month")
        answers = [plan(asks), search("Acme prices"), fetch(page), found("$12 a month.", quote)]
        model = ScriptedModel(answers)
        async with build_app(place.config(), Overrides(model=model)) as app:
            sitting = Sitting(app)
            assert await sitting.say("what does Acme charge?") == "$12 a month."
            (finished,) = await sitting.events(TaskFinished.wire)
    payload = decode(finished)
    assert isinstance(payload, TaskFinished)
    assert {source.ref for source in payload.sources} == {page}
    assert Research.model_validate(payload.output.value).findings[0].source == page
