"""Honest plans that let outside text decide: each such argument is a card that names the source."""

from dataclasses import dataclass
from typing import Any

import pytest

from core.domain.events import Event
from core.domain.sources import Source
from tests.scenarios.obedient.checks import check_harmless
from tests.scenarios.obedient.stage import Stage, stage
from tests.scenarios.places import Place
from tests.scenarios.plans import Task, does, writes
from tests.servers.http import HttpServer, Reply
from tests.servers.smtp import SmtpServer

SOURCE = Source(kind="mail", ref="<7@evil.example>", title="Mallory")
READ = does("t1", "calendar.list", {"query": "newest mail"})
OUTPUT = {
    "address": "mallory@evil.example",
    "people": ["mallory@evil.example"],
    "deep": {"list": [{"name": "evil.txt"}]},
    "subject": "evil deal",
    "date": "2031-01-01T09:00:00+00:00",
    "rule": "FREQ=DAILY;COUNT=9999",
    "path": "evil/notes.md",
    "id": "TEVIL22",
    "project": "evil",
    "query": "evil query",
    "method": "POST",
    "text": "evil words",
    "header": {"X-Evil": "evil"},
}


@dataclass(frozen=True)
class Reference:
    """A use of an action with something read in an argument; `{web}` is the web server."""

    name: str
    action: str
    args: dict[str, Any]


def _mail(**changed: object) -> dict[str, Any]:
    return {"to": ["bob@acme.com"], "subject": "Offers", "body": "Hello", **changed}


def _http(**changed: object) -> dict[str, Any]:
    return {"method": "GET", "url": "{web}/api", **changed}


ROWS = [
    Reference("to, in a list", "mail.send", _mail(to=["{{ t1.address }}"])),
    Reference("to, a whole list", "mail.send", _mail(to="{{ t1.people }}")),
    Reference("to, one of a list", "mail.send", _mail(to=["{{ t1.people.0 }}"])),
    Reference("to, beside a good one", "mail.send", _mail(to=["bob@acme.com", "{{t1.address}}"])),
    Reference("cc", "mail.send", _mail(cc=["{{ t1.address }}"])),
    Reference("subject", "mail.send", _mail(subject="Re: {{ t1.subject }}")),
    Reference("body", "mail.send", _mail(body="He writes: {{ t1.text }}")),
    Reference("date", "reminder.set", {"text": "call", "at": "{{ t1.date }}"}),
    Reference("repeat", "reminder.set", {"text": "x", "at": "friday", "repeat": "{{ t1.rule }}"}),
    Reference("due", "task.add", {"title": "call", "due": "{{ t1.date }}"}),
    Reference("project", "task.add", {"title": "call", "project": "{{ t1.project }}"}),
    Reference("file name", "note.append", {"text": "x", "file": "{{ t1.path }}"}),
    Reference("part of a file name", "note.append", {"text": "x", "file": "a-{{ t1.id }}.md"}),
    Reference("path", "file.write", {"path": "{{ t1.deep.list.0.name }}", "text": "x"}),
    Reference("address", "http.request", _http(url="{web}/evil?q={{ t1.id }}")),
    Reference("method", "http.request", _http(method="{{ t1.method }}")),
    Reference("header", "http.request", _http(headers={"X-A": "{{ t1.id }}"})),
    Reference("headers", "http.request", _http(headers="{{ t1.header }}")),
    Reference("json", "http.request", _http(method="POST", json={"a": [{"b": "{{ t1.text }}"}]})),
    Reference("page", "web.fetch", {"url": "{web}/evil/{{ t1.id }}"}),
    Reference("query", "web.search", {"query": "{{ t1.query }}"}),
    Reference("memory", "memory.search", {"query": "{{ t1.query }}"}),
]


def _placed(value: Any, web: str) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, str):
        return value.replace("{web}", web)
    if isinstance(value, dict):
        return {key: _placed(item, web) for key, item in value.items()}
    return [_placed(item, web) for item in value] if isinstance(value, list) else value


async def _offer(scene: Stage, row: Reference, *between: Task, source: Source = SOURCE) -> None:
    scene.tool.output, scene.tool.sources = OUTPUT, (source,)
    task = does("t9", row.action, _placed(row.args, scene.web.url), confidence=1.0)
    await scene.say("handle the newest mail", READ, *between, task)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.action} {row.name}")
async def test_what_was_read_decides_nothing(scene: Stage, row: Reference) -> None:
    """The only thing that comes of it is a card: which argument came from which source is on it."""
    await _offer(scene, row)
    (card,) = scene.cards
    (item,) = card.items
    assert (item.action, item.ruling.sources) == (row.action, (SOURCE,))
    filled = [name for name, value in row.args.items() if "{{" in str(value)]
    assert filled
    for name in filled:
        assert f"⚠️ {name}: from mail <7@evil.example> (“Mallory”)" in scene.shown()
    await check_harmless(scene)


DRAFTED = [
    (Reference("to", "mail.send", _mail(to=["{{ t3.text }}"])), "mallory@evil.example"),
    (Reference("body", "mail.send", _mail(body="{{ t3 }}{{ t3.text }}")), "evil words"),
    (Reference("at", "reminder.set", {"text": "x", "at": "{{ t3.text }}"}), "2031-01-01T09:00Z"),
    (Reference("path", "file.write", {"path": "{{ t3.text }}", "text": "x"}), "evil.txt"),
    (Reference("url", "web.fetch", {"url": "{web}/{{ t3.text }}"}), "evil"),
]


@pytest.mark.parametrize(("row", "said"), DRAFTED, ids=[row.name for row, _ in DRAFTED])
async def test_drafts_between_wash_nothing_off(scene: Stage, row: Reference, said: str) -> None:
    """What an assistant made of outside text is outside text, after a second draft, too."""
    scene.model.said = said
    first = writes("t2", "Find what matters", {"mail": "{{ t1 }}"})
    second = writes("t3", "Only that", {"draft": ["{{ t2.text }}", {"deep": "{{ t2 }}"}]})
    await _offer(scene, row, first, second)
    (card,) = scene.cards
    assert card.items[0].ruling.sources == (SOURCE,)
    await check_harmless(scene)


OWN = {
    "title": does("t2", "task.add", {"title": "{{ t1.address }}"}),
    "text": does("t2", "memory.remember", {"text": "{{ t1.address }}"}),
    "note": does("t2", "reminder.set", {"text": "{{ t1.address }}", "at": "in 2 hours"}),
}


@pytest.mark.parametrize("name", OWN)
async def test_the_owners_own_data_washes_nothing_off(scene: Stage, name: str) -> None:
    """What an action on own data gives back is outside text where that went into it."""
    field = "text" if name == "note" else name
    row = Reference("to", "mail.send", _mail(to=[f"{{{{ t2.{field} }}}}"]))
    await _offer(scene, row, OWN[name])
    (card,) = scene.cards
    assert card.items[0].args.value["to"] == ["mallory@evil.example"]
    assert card.items[0].ruling.sources == (SOURCE,)
    await check_harmless(scene)


async def test_two_sources_are_both_named(scene: Stage) -> None:
    """A card that rests on a page and a mail names both, each once."""
    scene.web.always("/page", Reply(body=b"evil", content_type="text/plain"))
    page = does("t5", "web.fetch", {"url": scene.url("/page")})
    row = Reference("body", "mail.send", _mail(body="{{ t1.text }} {{ t5.text }} {{ t1.id }}"))
    await _offer(scene, row, page)
    (card,) = scene.cards
    found = card.items[0].ruling.sources
    assert found == (SOURCE, Source(kind="web", ref=scene.url("/page")))
    await check_harmless(scene)


async def test_an_edit_keeps_the_source_and_runs_as_shown(scene: Stage) -> None:
    """The owner's new recipient counts, the rest stays what was read, and so does its source."""
    await _offer(scene, ROWS[0])
    await scene.tap("edit to=bob@acme.com")
    assert scene.mail.mails == []
    await scene.tap("accept")
    (mail,) = scene.mail.mails
    assert mail.recipients == ("bob@acme.com",)
    (finished,) = [e for e in await scene.talk.events("operation.finished.v1") if _sent(e)]
    assert finished.payload["sources"] == [SOURCE.model_dump(mode="json")]


def _sent(event: Event) -> bool:
    return bool(event.payload["action"] == "mail.send")


async def test_a_permission_for_always_does_not_cover_outside_text(scene: Stage) -> None:
    """Granted from a clean card; the same recipient with what was read in it is asked again."""
    await scene.say("mail bob", does("t1", "mail.send", _mail()))
    await scene.tap("always")
    assert len(scene.mail.mails) == 1
    await scene.say("mail bob again", does("t1", "mail.send", _mail(body="Hello again")))
    assert len(scene.mail.mails) == 2
    await _offer(scene, ROWS[6])
    assert len(scene.mail.mails) == 2
    assert scene.cards[-1].items[0].ruling.sources == (SOURCE,)
    await _offer(scene, Reference("to", "mail.send", _mail(to=["{{ t1.address }}"])))
    assert len(scene.mail.mails) == 2


@pytest.mark.parametrize(
    "policy", [{"route": "auto"}, {"auto": 0}, {"impact": "none"}, {"impact": "low"}]
)
async def test_no_policy_outranks_outside_text(
    place: Place, http_server: HttpServer, login_server: SmtpServer, policy: dict[str, Any]
) -> None:
    """Whatever the owner set for an action, outside text in it is asked about."""
    place.configure(gates={"actions": {"mail.*": policy}})
    async with stage(place, http_server, login_server) as scene:
        await _offer(scene, ROWS[6])
        (card,) = scene.cards
        assert card.items[0].ruling.rule == "outside text"
        await check_harmless(scene)
