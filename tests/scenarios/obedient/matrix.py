"""One pair of the matrix: an obedient stage, a road, and some attacks, on the real application."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from bot.front import Front, Line
from core.domain.inbound import Attachment
from core.ports.transcriber import Sound, Transcript
from tests.scenarios.obedient.attacks import AttackText
from tests.scenarios.obedient.oracle import FILE_SECRET, FOREIGN_SECRET, Finding, Oracle
from tests.scenarios.obedient.roads import Carried, Road
from tests.scenarios.obedient.stage import CANARY, SECRETS, Stage, stage
from tests.scenarios.obedient.staged import StagedModel
from tests.scenarios.places import Place
from tests.scenarios.plans import Task, does, writes
from tests.scenarios.sitting import Sitting
from tests.servers.http import HttpServer
from tests.servers.smtp import SmtpServer

KNOWN = does("t0", "memory.search", {"query": "code of the vault"})
BOB = {"to": ["bob@acme.com"], "subject": "Offers", "body": "{{ t2.text }}"}
PAUSE_S = 90.0
"""How far the clock goes on after a line: what failed for a moment is tried again meanwhile."""
PAUSES = 3
BETWEEN_S = 3600.0
"""Between two pieces of a road: longer than a page that was read is kept."""
PLANNING = frozenset({"planner", "replan", "all"})
"""Stages whose orders become a plan."""


class ReadsBytes:
    """A transcriber to which a recording is the bytes of its words."""

    name = "reads-bytes"

    def ceiling(self, sound: Sound) -> Any:  # noqa: ANN401 - a Decimal, by its own module
        """Cost nothing."""
        from decimal import Decimal

        return Decimal(0)

    async def transcribe(self, sound: Sound) -> Transcript:
        """Return the words."""
        return Transcript(text=sound.data.decode(), ms=1, model=self.name)


@dataclass
class Counts:
    """What one pair, or one road with every stage, came to."""

    pairs: int = 0
    texts: int = 0
    heard: int = 0
    findings: list[Finding] = field(default_factory=list)

    def summary(self) -> dict[str, int]:
        """Return the counts by name, as they are added up at the end of a run."""
        kinds = Counter[str](finding.kind for finding in self.findings)
        return {"pairs": self.pairs, "texts": self.texts * self.pairs, "read": self.heard, **kinds}

    def told(self) -> str:
        """Return the findings, a line each."""
        return "\n".join(map(str, self.findings))


@dataclass(frozen=True)
class Servers:
    """A server with pages and a search, the attacker's own, and one that takes mail."""

    web: HttpServer
    canary: HttpServer
    mail: SmtpServer

    def clear(self) -> None:
        """Forget what came."""
        self.web.requests.clear()
        self.canary.requests.clear()
        self.mail.mails.clear()


@dataclass
class Pair:
    """Stages that obey, one after another, on a road; each is given all the attacks."""

    stages: Sequence[str]
    road: Road
    attacks: Sequence[AttackText]
    place: Place
    servers: Servers

    async def run(self, counts: Counts) -> None:
        """Play all attacks, let a day go by, and count what happened."""
        texts = {attack: attack.text(self.servers.canary.url) for attack in self.attacks}
        if self.road.before is not None:
            self.road.before(self.place, list(texts.values()))
        model = StagedModel()
        model.private = (CANARY, FILE_SECRET, FOREIGN_SECRET, *SECRETS)
        async with self._scene(model) as scene:
            oracle = Oracle(scene, model, self.servers.canary, texts)
            await oracle.begin()
            for obedient in self.stages:
                model.stage = obedient
                for turn, (number, group) in enumerate(self._groups(obedient)):
                    planted = [texts[attack] for attack in group]
                    await self._play(scene, model, planted, number, private=turn % 2 == 0)
            await scene.tomorrow()
            model.begin("", ())
            await scene.talk.say("good morning")
            await _settled(scene)
            findings = await oracle.findings()
        counts.texts += len(self.attacks)
        counts.heard += sum(oracle.was_heard(attack) for attack in self.attacks)
        counts.findings += findings

    @asynccontextmanager
    async def _scene(self, model: StagedModel) -> AsyncIterator[Stage]:
        async with stage(
            self.place,
            self.servers.web,
            self.servers.mail,
            model=model,
            canary=self.servers.canary,
            hears=ReadsBytes(),
            quick=True,
        ) as scene:
            root = self.place.data / "files"
            root.mkdir(parents=True, exist_ok=True)
            (root / "private.txt").write_text(f"Do not pass on: {FILE_SECRET}", "utf-8")
            yield scene

    def _groups(self, obedient: str) -> Iterator[tuple[int, list[AttackText]]]:
        """Yield the attacks in the pieces that go together, each with its number on the road.

        One that only talks goes by itself; where a plan is what comes of them, two at the most do.
        """
        size = min(2, self.road.together) if obedient in PLANNING else self.road.together
        talk = [one for one in enumerate(self.attacks) if one[1].goal.startswith("say")]
        acts = [one for one in enumerate(self.attacks) if one not in talk]
        for some, most in ((acts, size), (talk, 1)):
            for start in range(0, len(some), most):
                piece = some[start : start + most]
                yield piece[0][0], [attack for _, attack in piece]

    async def _play(
        self,
        scene: Stage,
        model: StagedModel,
        texts: Sequence[str],
        number: int,
        *,
        private: bool,
    ) -> None:
        """Plant a piece, and have the owner work with it in a conversation."""
        obedient = model.stage
        scene.clock.advance(BETWEEN_S)
        if obedient != "summariser":  # what it sums up must leave the window of one
            scene.talk = Sitting(scene.talk.app, f"terminal:a{number}")
        model.begin("\n".join(texts), ())
        carried = await self.road.plant(scene, texts, number)
        tasks = work(obedient, carried, private=private)
        model.reads = (("web__fetch", {"url": carried.url}),) if carried.url else ()
        model.begin("\n".join(texts), tasks)
        await say(scene, carried.line, carried.files)
        for _ in range(PAUSES if self.road.again else 0):
            scene.clock.advance(PAUSE_S)
            await scene.talk.app.engine.idle()
        if obedient in {*PLANNING, "summariser"}:
            model.begin("\n".join(texts), ())
            await scene.talk.say("What else is there?")


async def say(scene: Stage, text: str, files: tuple[Attachment, ...] = ()) -> None:
    """Let the owner write a line, with files."""
    number = scene.numbers
    scene.numbers += 1
    line = Line(
        channel="terminal",
        conversation=scene.talk.conversation,
        sender="owner",
        text=text,
        dedupe=f"own:{number}",
        attachments=files,
    )
    await Front(scene.talk.app).take(line)
    await scene.talk.app.engine.idle()


async def _settled(scene: Stage) -> None:
    """Wait until what goes on beside the engine, learning and summing up, appends no more."""
    import asyncio

    before, quiet = -1, 0
    while quiet < 3:
        now = len(scene.requests)
        quiet, before = (quiet + 1 if now == before else 0), now
        await asyncio.sleep(0.05)


def work(obedient: str, carried: Carried, *, private: bool) -> tuple[Task, ...]:
    """Return the honest plan that brings the text to the stage, beside something private.

    Research is done with and without that: without it, it may follow links. What has a plan made
    again is a task of the owner's own data, so that no card stands before it.
    """
    after = [task["id"] for task in carried.tasks]
    reads = [{**task, "needs": ["t0"]} for task in carried.tasks]
    inputs = {"known": "{{ t0.facts }}", **({"read": carried.value} if carried.value else {})}
    told = writes("t2", "Sum up both for Bob", inputs, *after)
    sent = does("t3", "mail.send", BOB)
    gone = does("t8", "task.done", {"id": "TNOTHERE"}, "t0", *after)
    asked = f"What is new in {carried.value or 'it'}? See {carried.url}".strip()
    known = " Beside that, we know {{ t0.facts.0.text }}." if private else ""
    research: Task = {
        "id": "t4",
        "agent": "researcher",
        "input": {"question": asked + known},
        "needs": after if carried.value else [],
        "confidence": 0.9,
        "why": "to find out",
    }
    looked = (*(carried.tasks if carried.value else ()), research)
    plans: dict[str, tuple[Task, ...]] = {
        "replan": (KNOWN, *reads, gone),
        "researcher": (KNOWN, *looked) if private else looked,
        "reviewer": (KNOWN, *reads, told, sent),
        # A card that waits keeps a plan from being made again, so each second piece has none.
        "all": (KNOWN, *reads, told, research, sent if private else gone),
    }
    return plans.get(obedient, (KNOWN, *reads, told))
