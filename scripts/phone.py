"""Draw Telegram messages as a phone shows them: `python -m scripts.phone` writes the pictures.

The messages and buttons are the real ones, made by adapters/telegram from the sample cards of the
tests; only the frame around them is drawn here, by a headless Chromium (`apt install chromium
fonts-roboto fonts-noto-color-emoji`). Nothing else of this checkout needs it.
"""

import asyncio
import base64
import html
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from adapters.charts.matplotlib_charts import MatplotlibCharts
from adapters.telegram.cards import card_message, card_parts
from adapters.telegram.keyboards import (
    Keyboard,
    always_keyboard,
    card_keyboard,
    choice_keyboard,
    confirm_keyboard,
)
from adapters.telegram.markdown import from_markdown
from adapters.telegram.rich import Entity, Rich, join, styled
from adapters.telegram.says import REPEAT, late_label, progress_text
from adapters.telegram.split import as_file, file_lead
from bot.commands.answer import Answer, choice
from core.domain.choices import Choice
from core.ports.chat_surface import CardView, Step
from tests.adapters.charts.samples import CAPTION, november
from tests.adapters.telegram.samples import ARTICLE, LOOK, cards

OUT = Path(__file__).resolve().parent.parent / "docs" / "pictures" / "telegram"
MOST_BYTES = 110_000
"""A card with a file and warnings fills two screens, and is still fetched in a moment."""
_WIDTH = 380
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--hide-scrollbars",
    "--disable-lcd-text",
    "--force-device-scale-factor=1.25",
)
_MEASURE = """<script>document.body.dataset.height=
Math.ceil(document.querySelector('main').getBoundingClientRect().bottom)+4</script>"""
_NOW = datetime(2026, 11, 23, 9, 14, tzinfo=UTC)
_TAGS = {
    "bold": "b",
    "italic": "i",
    "underline": "u",
    "strikethrough": "s",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "text_link": "a",
}
_STYLE = """
html{background:#cfdcb8}body{margin:0;padding:8px;width:364px;
font:15px/1.32 Roboto,"Noto Color Emoji","DejaVu Sans",sans-serif;color:#000}
main{display:flow-root}.m{background:#fff;border-radius:14px;padding:6px 10px 7px;
margin:0 30px 6px 0;overflow-wrap:anywhere;white-space:pre-wrap;display:flow-root}
.m.own{background:#effdde;margin:0 0 6px 90px}
.t{float:right;font-size:11px;color:#8d949a;margin:6px 0 0 8px}
.r{display:flex;gap:4px;margin:0 30px 4px 0}.r div{flex:1;background:#7d9a64cc;color:#fff;
border-radius:8px;text-align:center;padding:8px 2px;font-weight:500;font-size:14px}
blockquote{margin:2px 0;padding:2px 8px;border-left:3px solid #2f8fd1;background:#2f8fd114;
border-radius:5px;font-size:14px;position:relative}
blockquote.fold{max-height:3.96em;overflow:hidden;padding-bottom:0}
blockquote.fold:after{content:"⌄";position:absolute;right:6px;bottom:0;color:#2f8fd1;
background:#edf5fb;padding:0 2px}
pre,code{font:12.5px/1.4 "DejaVu Sans Mono",monospace}code{color:#1d6e9c}
pre{margin:2px 0;padding:4px 8px;border-left:3px solid #6b8fb0;background:#6b8fb01c;
border-radius:5px;white-space:pre-wrap;tab-size:4}
pre i{display:block;font:500 12px Roboto;color:#35638c;margin-bottom:2px}
a{color:#1d7fc4;text-decoration:none}.file{display:flex;gap:10px;align-items:center}
img{display:block;width:calc(100% + 20px);margin:-6px -10px 6px;border-radius:14px 14px 0 0}
.file b{background:#4fae4e;color:#fff;border-radius:22px;padding:11px 9px;font-size:13px}
"""


@dataclass(frozen=True, slots=True)
class Shown:
    """A message on the phone, its buttons, and whether the owner wrote it."""

    rich: Rich
    keyboard: Keyboard
    own: bool = False
    file: str = ""
    picture: bytes = b""


def pictures() -> dict[str, list[Shown]]:
    """Return what each picture shows, by its name."""
    found = {f"card_{name}": _card(view) for name, view in cards().items()}
    graves, change = cards()["list"], cards()["file"]
    found["card_list_again"] = [*_card(graves)[:-1], _again(graves, confirm_keyboard(graves))]
    found["card_always"] = [*_card(change)[:-1], _again(change, always_keyboard(change))]
    results = ("Sent to bob@acme.com at 09:14, id <7@acme.com>",)
    sent = cards()["accepted"].model_copy(update={"results": results})
    found["card_accepted"] = [Shown(card_message(sent, LOOK), [])]
    found["text"] = [Shown(from_markdown(ARTICLE), [])]
    found["text_outside"] = [Shown(from_markdown(ARTICLE, outside=True), [])]
    found["cost"] = [
        Shown(Rich("/cost"), [], own=True),
        Shown(from_markdown(CAPTION, outside=True), [], picture=_chart()),
    ]
    return {**found, **_small(), **_chosen()}


def _again(view: CardView, keys: Keyboard) -> Shown:
    """Return the last message of a card with other buttons below it."""
    return Shown(card_parts(view, LOOK).messages[-1], keys)


def _card(view: CardView) -> list[Shown]:
    """Return all that a card is sent as: a file where it needs one, messages, buttons."""
    if view.state != "open":
        return [Shown(card_message(view, LOOK), card_keyboard(view))]
    parts = card_parts(view, LOOK)
    files = [parts.file] if parts.file else []
    shown = [Shown(Rich(), [], file=f"{name}\n{len(body) / 1000:.1f} KB") for name, body in files]
    *before, last = parts.messages
    return [*shown, *(Shown(one, []) for one in before), Shown(last, card_keyboard(view))]


def _chosen() -> dict[str, list[Shown]]:
    """Return what commands print, with the buttons below it."""
    goals = {"G88": "Onboard Acme", "G71": "Compare the three hosts", "G42": "Invoice for Bob"}
    stops = [choice(f"Stop {goal}", "stop", goal, title=goals[goal]) for goal in goals]
    head = "3 goals are open here. Stop one with /stop GOAL, or all with /stop all:"
    listed = "\n".join([head, *(f"{goal}  {title}" for goal, title in goals.items())])
    inbox = {"CAB3XK2QF": "Send mail to bob@acme.com", "CZ7M4WPLE": "Write offers.md"}
    shown = [choice(card, "inbox", card, title=inbox[card]) for card in inbox]
    lines = [f"{card}  {title}  (review, G88)" for card, title in inbox.items()]
    hint = "Answer with: accept CARD · edit CARD field=value · reject CARD: REASON"
    return {
        "choices_stop": [
            Shown(Rich("/stop"), [], own=True),
            _answered(listed, [choice("Stop all of them", "stop", "all"), *stops]),
        ],
        "choices_inbox": [
            Shown(Rich("/inbox"), [], own=True),
            _answered("\n".join([*lines, hint]), shown),
        ],
    }


def _answered(text: str, choices: list[list[Choice]]) -> Shown:
    below = Answer([text], choices).choices
    return Shown(from_markdown(text, outside=True), choice_keyboard(below))


def _chart() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(MatplotlibCharts(Path(folder)).spending(november()))


def _small() -> dict[str, list[Shown]]:
    """Return the short messages: progress, labels, a file."""
    steps = [
        Step("Researcher: Which of the three hosts is the cheapest?", "done"),
        Step("Assistant: Sum up the offers in five lines", "running"),
        Step("Write offers.md", "waiting"),
        Step("Send mail to bob@acme.com", "waiting", "waits for you"),
    ]
    late = styled(late_label(_NOW - timedelta(hours=3), _NOW), "italic")
    hosts = [f"Host {n} has {n * 3} GB." for n in range(1, 1600)]
    long = "\n\n".join(" ".join(hosts[n : n + 4]) for n in range(0, len(hosts), 4))
    name, content = as_file(long) or ("", b"")
    return {
        "progress": [
            Shown(
                Rich("Compare the three hosts, keep it in offers.md, and tell Bob we are late"),
                [],
                own=True,
            ),
            Shown(Rich(progress_text(steps)), []),
        ],
        "labels": [
            Shown(Rich("What is due today?"), [], own=True),
            Shown(
                join([late, "Two tasks are due: the invoice for Bob and the call at 09:30."], "\n"),
                [],
            ),
            Shown(join([styled(REPEAT, "italic"), "The invoice was sent at 09:12."], "\n"), []),
        ],
        "long": [
            Shown(file_lead(long), []),
            Shown(Rich(), [], file=f"{name}\n{len(content) / 1000:.1f} KB"),
        ],
    }


def page(shown: list[Shown]) -> str:
    """Return messages as a page of HTML."""
    return (
        f"<!doctype html><meta charset=utf-8><style>{_STYLE}</style>"
        f"<body><main>{''.join(_message(each) for each in shown)}</main>{_MEASURE}"
    )


def _message(shown: Shown) -> str:
    rows = "".join(
        "<div class=r>"
        + "".join(f"<div>{html.escape(button.text)}</div>" for button in row)
        + "</div>"
        for row in shown.keyboard
    )
    inner = _markup(shown.rich)
    if shown.picture:
        data = base64.b64encode(shown.picture).decode()
        inner = f'<img alt="" src="data:image/png;base64,{data}">{inner}'
    if shown.file:
        end = shown.file.split("\n")[0].rpartition(".")[2].upper()
        inner = f"<div class=file><b>{end}</b><span>{html.escape(shown.file)}</span></div>"
    kind = "m own" if shown.own else "m k" if shown.keyboard else "m"
    return f"<div class='{kind}'>{inner}<span class=t>09:14</span></div>{rows}"


def _markup(rich: Rich) -> str:
    raw = rich.text.encode("utf-16-le")

    def between(start: int, end: int) -> str:
        return html.escape(raw[start * 2 : end * 2].decode("utf-16-le"))

    def write(start: int, end: int, inner: list[Entity]) -> Iterator[str]:
        at = start
        while inner:
            entity = inner[0]
            nested = [it for it in inner[1:] if it.offset < entity.end]
            inner = inner[1 + len(nested) :]
            yield between(at, entity.offset)
            yield (
                _opened(entity)
                + "".join(write(entity.offset, entity.end, nested))
                + _closed(entity)
            )
            at = entity.end
        yield between(at, end)

    text = "".join(write(0, rich.units, list(rich.entities)))
    # A block ends its line by itself.
    for tag in ("blockquote", "pre"):
        text = text.replace(f"\n<{tag}", f"<{tag}").replace(f"</{tag}>\n", f"</{tag}>")
    return text


def _opened(entity: Entity) -> str:
    if entity.type == "expandable_blockquote":
        return "<blockquote class=fold>"
    language = f"<i>{html.escape(entity.language)}</i>" if entity.language else ""
    return f"<{_TAGS[entity.type]}>{language}"


def _closed(entity: Entity) -> str:
    return f"</{_TAGS.get(entity.type, 'blockquote')}>"


def draw(chromium: str, source: str, target: Path) -> None:
    """Have Chromium draw a page as tall as it is."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "page.html")
        file.write_text(source, encoding="utf-8")
        flags = [*_FLAGS, f"--user-data-dir={folder}/profile"]
        found = _run(chromium, *flags, "--dump-dom", file.as_uri())
        match = re.search(r'data-height="(\d+)"', found)
        height = match[1] if match else "800"
        size = f"--window-size={_WIDTH},{height}"
        _run(chromium, *flags, size, f"--screenshot={target}", file.as_uri())


def _run(chromium: str, *flags: str) -> str:
    """Run Chromium and return what it printed."""
    done = subprocess.run(
        [chromium, *flags], check=True, capture_output=True, text=True, timeout=120
    )
    return done.stdout


def main(arguments: list[str]) -> int:
    """Draw all pictures, or those that are named; the exit code says whether all are small."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        print("Chromium is not installed: apt install chromium fonts-roboto fonts-noto-color-emoji")
        return 1
    OUT.mkdir(parents=True, exist_ok=True)
    large = 0
    for name, shown in pictures().items():
        if arguments and name not in arguments:
            continue
        target = OUT / f"{name}.png"
        draw(chromium, page(shown), target)
        size = target.stat().st_size
        large += size > MOST_BYTES
        print(f"{size:7,} bytes  {target.relative_to(OUT.parent.parent.parent)}")
    return 1 if large else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
