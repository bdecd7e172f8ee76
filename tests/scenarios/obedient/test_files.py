"""Files named by path: the bytes that a card showed go out or none, and their sources stay."""

import os
import shutil
from collections.abc import Callable
from email.message import MIMEPart
from pathlib import Path
from typing import Any

import pytest

from adapters.inmemory.clock import FakeClock
from bot.app import Overrides, build_app
from core.domain.erasable import Erasable
from core.domain.events import NewEvent
from core.domain.events.attachments import AttachmentRead
from core.domain.events.gates import CardDecided
from core.domain.events.operations import OperationFinished, OperationStarted
from core.domain.sources import Source
from core.gates.decide import DecideCard, decide_card, preview_edits
from core.gates.drafts import draft_edit
from core.operations.pinning import file_taint
from tests.scenarios.obedient.stage import PASSWORD, Stage, stage
from tests.scenarios.places import Place
from tests.scenarios.plans import Task, does
from tests.servers.http import HttpServer
from tests.servers.smtp import SmtpServer

SOURCE = Source(kind="mail", ref="<7@evil.example>", title="Mallory")
OTHER = Source(kind="web", ref="https://evil.example/", title="Evil page")
READ = does("t1", "calendar.list", {"query": "newest mail"})
OLD, NEW = b"the offer: 100 EUR\n", b"the offer: 999 EUR\n"


def files(scene: Stage) -> Path:
    """Return the folder of the owner's files."""
    root = scene.place.data / "files"
    root.mkdir(exist_ok=True)
    return root


async def mail(scene: Stage, *attachments: str, body: str = "see the file") -> None:
    """Let the owner have a mail sent with files."""
    args = {"to": ["bob@acme.com"], "subject": "x", "body": body, "attachments": attachments}
    await scene.say("mail it", does("t1", "mail.send", {**args, "attachments": [*attachments]}))


async def keep(scene: Stage, source: Source, action: str, **args: str) -> None:
    """Let the owner have outside text from a source written into a file."""
    scene.tool.output, scene.tool.sources = {"text": f"words of {source.title}"}, (source,)
    await scene.say("keep it", READ, does("t2", action, args))


async def write(scene: Stage, action: str, **args: str) -> None:
    """Let the owner have a text of his own written into a file."""
    await scene.say("write", does("t1", action, args))


def sources(scene: Stage) -> set[Source]:
    """Return the outside sources that the newest card names."""
    return set(scene.cards[-1].items[0].ruling.sources)


def sent(scene: Stage) -> list[dict[str | None, bytes]]:
    """Return the attachments of each mail that arrived."""
    return [
        {part.get_filename(): _data(part) for part in got.iter_attachments()}
        for got in (one.message for one in scene.mail.mails)
    ]


def _data(part: MIMEPart) -> bytes:
    data = part.get_payload(decode=True)
    assert isinstance(data, bytes)
    return data


async def test_the_card_shows_what_will_leave(scene: Stage) -> None:
    """Its real name, its size, its digest and who wrote it, whatever the link was called."""
    await keep(scene, SOURCE, "file.write", path="2026/offer.txt", text="from {{ t1.text }}")
    (files(scene) / "mine.txt").symlink_to("2026/offer.txt")
    await mail(scene, "mine.txt")
    (pin,) = scene.cards[-1].items[0].pins
    assert (pin.name, pin.place, pin.size) == ("mine.txt", "files/2026/offer.txt", 21)
    body = scene.cards[-1].items[0].body.text
    assert "mine.txt, which is files/2026/offer.txt" in body
    assert f"21 bytes, sha256 {str(pin.digest)[:12]}" in body
    assert "written from outside: mail <7@evil.example> (“Mallory”)" in body
    await scene.tap("accept")
    assert sent(scene) == [{"offer.txt": b"from words of Mallory"}]


def _rewritten(file: Path) -> None:
    file.write_bytes(NEW)


def _same_time(file: Path) -> None:
    before = file.stat()
    file.write_bytes(NEW)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def _replaced(file: Path) -> None:
    beside = file.with_name("beside.txt")
    beside.write_bytes(NEW)
    beside.replace(file)


def _linked(file: Path) -> None:
    file.unlink()
    file.with_name("other.txt").write_bytes(NEW)
    file.symlink_to("other.txt")


def _hard_linked(file: Path) -> None:
    file.unlink()
    file.with_name("other.txt").write_bytes(NEW)
    file.hardlink_to(file.with_name("other.txt"))


def _folder_swapped(file: Path) -> None:
    other = file.parent.with_name("other")
    other.mkdir()
    (other / file.name).write_bytes(NEW)
    file.parent.rename(file.parent.with_name("gone"))
    file.parent.symlink_to("other", target_is_directory=True)


@pytest.mark.parametrize(
    "change", [_rewritten, _same_time, _replaced, _linked, _hard_linked, _folder_swapped]
)
async def test_other_bytes_do_not_go_out(scene: Stage, change: Callable[[Path], None]) -> None:
    """The old answer does not count: a new card says what changed, and sends what it shows."""
    file = files(scene) / "sub" / "offer.txt"
    file.parent.mkdir()
    file.write_bytes(OLD)
    await mail(scene, "sub/offer.txt")
    change(file)
    await scene.tap("accept")
    assert scene.mail.mails == []
    assert len(scene.cards) == 2
    assert "sub/offer.txt" in scene.cards[-1].why
    assert "Nothing went out" in scene.cards[-1].why
    before, after = (card.items[0].pins[0].digest for card in scene.cards)
    assert str(before)[:12] in scene.cards[-1].why
    assert str(after)[:12] in scene.cards[-1].why
    await scene.tap("accept")
    assert [list(one.values()) for one in sent(scene)] == [[NEW]]


def _gone(file: Path) -> None:
    file.unlink()


def _pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


def _emptied_to_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def _out(file: Path) -> None:
    file.unlink()
    file.symlink_to("/etc/hostname")


def _into_closed(file: Path) -> None:
    file.unlink()
    file.symlink_to("../equerry.db")


def _to_dot(file: Path) -> None:
    file.unlink()
    file.with_name(".secret").write_bytes(OLD)
    file.symlink_to(".secret")


@pytest.mark.parametrize("change", [_gone, _pipe, _emptied_to_folder, _out, _into_closed, _to_dot])
async def test_what_is_no_file_any_more_is_not_sent(
    scene: Stage, change: Callable[[Path], None]
) -> None:
    """Nothing goes out, not even by a second tap, and a sentence names the file."""
    (files(scene) / "offer.txt").write_bytes(OLD)
    await mail(scene, "offer.txt")
    change(files(scene) / "offer.txt")
    await scene.tap("accept")
    if len(scene.cards) > 1:
        assert "offer.txt" in scene.cards[-1].why
        await scene.tap("accept")
    assert scene.mail.mails == []
    failed = await scene.talk.events("task.failed.v1")
    assert failed[-1].payload["kind"] == "refused"
    assert "offer.txt" in failed[-1].payload["error"]["value"]


async def test_a_file_that_comes_back_is_sent(scene: Stage) -> None:
    """A card about a file that is gone stays true: the same bytes under it go out after a look."""
    file = files(scene) / "offer.txt"
    file.write_bytes(OLD)
    await mail(scene, "offer.txt")
    file.unlink()
    await scene.tap("accept")
    assert "is now gone" in scene.cards[-1].why
    file.write_bytes(OLD)
    await scene.tap("accept")
    assert scene.mail.mails == []
    await scene.tap("accept")
    assert sent(scene) == [{"offer.txt": OLD}]


async def test_only_the_item_whose_file_changed_waits(scene: Stage) -> None:
    """One answer for two mails: the one that is still what was shown goes, the other asks."""
    for name in ("a.txt", "b.txt"):
        (files(scene) / name).write_bytes(OLD)
    args = {"to": ["bob@acme.com"], "subject": "x", "body": "y"}
    tasks: list[Task] = [
        does(f"t{number}", "mail.send", {**args, "attachments": [name]})
        for number, name in enumerate(("a.txt", "b.txt"))
    ]
    await scene.say("mail both", *tasks)
    (files(scene) / "b.txt").write_bytes(NEW)
    await scene.tap("accept")
    assert sent(scene) == [{"a.txt": OLD}]
    assert [item.task for item in scene.cards[-1].items] == ["t1"]


async def test_a_permission_sends_no_file_without_asking(scene: Stage) -> None:
    """Its content changes under one name: what is there now is on a card, and goes out by it."""
    (files(scene) / "offer.txt").write_bytes(OLD)
    await mail(scene, "offer.txt")
    await scene.tap("always")
    (files(scene) / "offer.txt").write_bytes(NEW)
    await mail(scene, "offer.txt", body="again")
    assert sent(scene) == [{"offer.txt": OLD}]
    assert len(scene.cards) == 2
    await scene.tap("accept")
    assert sent(scene) == [{"offer.txt": OLD}, {"offer.txt": NEW}]


async def test_an_edit_pins_what_it_names(scene: Stage) -> None:
    """The difference shows the new file with size and digest, and it is that which goes out."""
    (files(scene) / "a.txt").write_bytes(OLD)
    (files(scene) / "b.txt").write_bytes(NEW)
    await mail(scene, "a.txt")
    view = scene.cards[-1]
    edits = {view.items[0].marker: {"attachments": ["b.txt", "a.txt"]}}
    command = DecideCard(view.card, "edit", "owner", "cli", "tap-1", edits=edits)
    await decide_card(scene.talk.app.kernel, command)
    await scene.talk.app.engine.idle()
    assert sent(scene) == [{"b.txt": NEW, "a.txt": OLD}]
    (decided,) = await scene.talk.events(CardDecided.wire)
    (pins,) = decided.payload["pins"].values()
    assert [pin["name"] for pin in pins] == ["b.txt", "a.txt"]


async def test_a_draft_pins_what_it_shows(scene: Stage) -> None:
    """The lines of a draft show the new file; one that is swapped before the accept is asked."""
    (files(scene) / "a.txt").write_bytes(OLD)
    (files(scene) / "b.txt").write_bytes(OLD)
    await mail(scene, "a.txt")
    kernel, view = scene.talk.app.kernel, scene.cards[-1]
    edits = {view.items[0].marker: {"attachments": ["b.txt"]}}
    lines = await preview_edits(kernel, view, edits)
    assert lines[-1].startswith("+ file files/b.txt · 19 bytes, sha256 ")
    shown = await draft_edit(kernel, view.card, edits, "owner", "draft-1")
    assert shown.difference[-1] == lines[-1]
    assert [pin.name for pin in shown.items[0].pins] == ["b.txt"]
    (files(scene) / "b.txt").write_bytes(NEW)
    await decide_card(kernel, DecideCard(view.card, "accept", "owner", "cli", "tap-1"))
    await scene.talk.app.engine.idle()
    assert scene.mail.mails == []
    assert "b.txt changed" in scene.cards[-1].why
    await scene.tap("accept")
    assert sent(scene) == [{"b.txt": NEW}]


async def test_an_edit_of_the_text_does_not_renew_the_file(scene: Stage) -> None:
    """Who edits the body has not seen the new bytes: they are asked about."""
    (files(scene) / "a.txt").write_bytes(OLD)
    await mail(scene, "a.txt")
    (files(scene) / "a.txt").write_bytes(NEW)
    view = scene.cards[-1]
    edits = {view.items[0].marker: {"body": "other words"}}
    command = DecideCard(view.card, "edit", "owner", "cli", "tap-1", edits=edits)
    await decide_card(scene.talk.app.kernel, command)
    await scene.talk.app.engine.idle()
    assert scene.mail.mails == []
    assert scene.cards[-1].items[0].args.value["body"] == "other words"
    await scene.tap("accept")
    assert sent(scene) == [{"a.txt": NEW}]


async def test_a_restart_between_answer_and_effect_asks_anew(
    place: Place, http_server: HttpServer, login_server: SmtpServer
) -> None:
    """Accepted where no engine runs, changed, started again: nothing goes out."""
    async with stage(place, http_server, login_server) as scene:
        (files(scene) / "a.txt").write_bytes(OLD)
        await mail(scene, "a.txt")
        card = scene.cards[-1].card
    async with build_app(place.config(), Overrides(clock=FakeClock()), lead=False) as app:
        await decide_card(app.kernel, DecideCard(card, "accept", "owner", "cli", "tap-1"))
    (place.data / "files" / "a.txt").write_bytes(NEW)
    async with stage(place, http_server, login_server) as scene:
        assert scene.mail.mails == []
        assert "a.txt changed" in scene.cards[-1].why
        await scene.tap(f"accept {scene.cards[-1].card}")
        assert sent(scene) == [{"a.txt": NEW}]


async def test_a_secret_in_a_name_is_no_change(scene: Stage) -> None:
    """A name that is not shown whole is compared all the same, and the file goes out."""
    (files(scene) / PASSWORD).mkdir()
    (files(scene) / PASSWORD / "a.txt").write_bytes(OLD)
    (files(scene) / "a.txt").symlink_to(f"{PASSWORD}/a.txt")
    await mail(scene, "a.txt")
    assert PASSWORD not in scene.shown()
    await scene.tap("accept")
    assert sent(scene) == [{"a.txt": OLD}]
    assert len(scene.cards) == 1


async def test_a_file_is_replaced_only_where_the_card_showed_it(scene: Stage) -> None:
    """A hand that was quicker wins: its text is not overwritten, and the new card shows it."""
    scene.place.configure(gates={"actions": {"file.write": "review"}})
    policy = scene.place.config().gates.policy()
    object.__setattr__(scene.talk.app.kernel, "policy", policy)
    (files(scene) / "plan.txt").write_bytes(b"one\n")
    await write(scene, "file.write", path="plan.txt", text="two\n")
    (files(scene) / "plan.txt").write_bytes(b"by hand\n")
    await scene.tap("accept")
    assert (files(scene) / "plan.txt").read_bytes() == b"by hand\n"
    assert "-by hand" in scene.cards[-1].items[0].body.text
    await scene.tap("accept")
    assert (files(scene) / "plan.txt").read_bytes() == b"two\n"


def _as_written(_root: Path) -> str:
    return "offer.txt"


def _through_a_link(root: Path) -> str:
    (root / "b.txt").symlink_to("offer.txt")
    return "b.txt"


def _by_a_hard_link(root: Path) -> str:
    (root / "b.txt").hardlink_to(root / "offer.txt")
    return "b.txt"


def _copied_by_hand(root: Path) -> str:
    shutil.copy(root / "offer.txt", root / "b.txt")
    return "b.txt"


def _moved_by_hand(root: Path) -> str:
    (root / "sub").mkdir()
    (root / "offer.txt").rename(root / "sub" / "b.txt")
    return "sub/b.txt"


def _changed_by_hand(root: Path) -> str:
    (root / "offer.txt").write_bytes(b"and more")
    return "offer.txt"


def _in_other_letters(root: Path) -> str:
    (root / "OFFER.txt").write_bytes(b"as a file system without case finds it")
    return "OFFER.txt"


@pytest.mark.parametrize(
    "named",
    [
        _as_written,
        _through_a_link,
        _by_a_hard_link,
        _copied_by_hand,
        _moved_by_hand,
        _changed_by_hand,
        _in_other_letters,
    ],
)
async def test_a_file_keeps_its_source(scene: Stage, named: Callable[[Path], str]) -> None:
    """Whatever its name is now, the card about it says where its text came from."""
    await keep(scene, SOURCE, "file.write", path="offer.txt", text="from {{ t1.text }}")
    await mail(scene, named(files(scene)))
    assert sources(scene) == {SOURCE}
    edited = "changed by hand since" in scene.cards[-1].items[0].body.text
    assert edited == (named is _changed_by_hand)


async def test_a_note_keeps_its_source(scene: Stage) -> None:
    """A clean line beside it cleans nothing, and a copy of the note is known by its bytes."""
    await keep(scene, SOURCE, "note.append", file="offers.md", text="from {{ t1.text }}")
    await write(scene, "note.append", file="offers.md", text="mine")
    shutil.copy(scene.place.note("offers.md"), files(scene) / "copy.md")
    await mail(scene, "copy.md")
    assert sources(scene) == {SOURCE}
    assert await file_taint(scene.talk.app.kernel, "notes/offers.md", None) == (SOURCE,)


async def test_what_was_sent_to_the_owner_is_known_by_its_bytes(scene: Stage) -> None:
    """A file that came with a message is outside text where the owner saves it, too."""
    digest = await scene.talk.app.kernel.blobs.put(OLD)
    read = AttachmentRead(
        attachment="F1",
        message="M1",
        conversation="terminal",
        kind="file",
        digest=digest,
        size=len(OLD),
        title=Erasable.of(""),
        text=Erasable.of(""),
        characters=0,
    )
    await scene.talk.app.store.append([NewEvent(stream="conversation:terminal", payload=read)])
    (files(scene) / "saved.txt").write_bytes(OLD)
    await mail(scene, "saved.txt")
    assert sources(scene) == {Source(kind="file", ref="F1")}


async def test_a_clean_text_cleans_the_name_and_not_the_copies(scene: Stage) -> None:
    """Overwritten whole it is the owner's own again; what it held stays known elsewhere."""
    await keep(scene, SOURCE, "file.write", path="offer.txt", text="from {{ t1.text }}")
    shutil.copy(files(scene) / "offer.txt", files(scene) / "copy.txt")
    await write(scene, "file.write", path="offer.txt", text="mine")
    await mail(scene, "offer.txt")
    assert sources(scene) == set()
    await mail(scene, "copy.txt")
    assert sources(scene) == {SOURCE}


async def test_an_undo_brings_the_source_back(scene: Stage) -> None:
    """What was overwritten is there again, and so is who wrote it; a second undo, none."""
    await write(scene, "file.write", path="offer.txt", text="mine")
    await keep(scene, SOURCE, "file.write", path="offer.txt", text="from {{ t1.text }}")
    await keep(scene, OTHER, "file.write", path="offer.txt", text="now {{ t1.text }}")
    for expected in ({SOURCE}, set[Source]()):
        await scene.say("/undo")
        await scene.tap(f"accept {scene.cards[-1].card}")
        await mail(scene, "offer.txt", body=f"{expected}")
        assert sources(scene) == expected
        await scene.tap(f"reject {scene.cards[-1].card}")


async def test_a_source_is_kept_however_long_ago(scene: Stage) -> None:
    """A thousand later operations change nothing, whether their files have a name or not."""
    await keep(scene, SOURCE, "file.write", path="offer.txt", text="from {{ t1.text }}")
    await _wrote_before(scene, "old.txt", SOURCE)
    for number in range(1005):
        await _wrote_before(scene, f"other-{number}.txt")
    (files(scene) / "old.txt").write_bytes(OLD)
    for name in ("offer.txt", "old.txt"):
        await mail(scene, name)
        assert sources(scene) == {SOURCE}
    await _wrote_before(scene, "old.txt")
    await mail(scene, "old.txt", body="clean again")
    assert sources(scene) == set()


async def _wrote_before(scene: Stage, name: str, *named: Source) -> None:
    """Append what an earlier version wrote down: no event of it names the file in clear."""
    position, _ = await scene.talk.app.store.head()
    marker = f"old{position}"
    output = {"file": name, "path": str(files(scene).resolve() / name), "bytes": 1}
    same: dict[str, Any] = {"marker": marker, "task": "t1", "action": "file.write", "attempt": 1}
    started = OperationStarted(**same, args=Erasable.of({}), impact="low", by="auto")
    finished = OperationFinished(
        **same, output=Erasable.of(output), said=Erasable.of("Wrote it."), sources=named
    )
    events = [NewEvent(stream=f"old:{marker}", payload=one) for one in (started, finished)]
    await scene.talk.app.store.append(events)
