"""Short questions on the terminal: one key, one line, or a page of text."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TextIO, TypeVar

from prompt_toolkit import PromptSession
from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import AnyFormattedText
from prompt_toolkit.input import Input, create_input
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys
from prompt_toolkit.output import ColorDepth, Output, create_output
from prompt_toolkit.styles import Style

T = TypeVar("T")

STYLE = Style.from_dict(
    {
        "bottom-toolbar": "noreverse",
        "completion-menu": "bg:default fg:default",
        "completion-menu.completion": "bg:default fg:default",
        "completion-menu.completion.current": "bg:default fg:default reverse",
        "completion-menu.meta.completion": "bg:default fg:default dim",
        "completion-menu.meta.completion.current": "bg:default fg:default reverse",
        "scrollbar.background": "bg:default",
        "scrollbar.button": "bg:default reverse",
        "search": "bg:default fg:default underline",
    }
)


@dataclass(frozen=True, slots=True)
class Screen:
    """Where keys come from and where drawings go."""

    input: Input
    output: Output
    out: TextIO
    colours: bool

    @classmethod
    def real(cls, environ: Mapping[str, str]) -> "Screen":
        """Return the terminal of this process; `NO_COLOR` leaves weight and signs only."""
        return cls(create_input(), create_output(), sys.stdout, not environ.get("NO_COLOR"))

    def session(self, **options: Any) -> "PromptSession[Any]":  # noqa: ANN401 - options of the library
        """Return a prompt on this screen that leaves nothing behind."""
        depth = ColorDepth.DEPTH_4_BIT if self.colours else ColorDepth.DEPTH_1_BIT
        session: PromptSession[Any] = PromptSession(
            input=self.input,
            output=self.output,
            color_depth=depth,
            style=STYLE,
            erase_when_done=True,
            **options,
        )
        # A terminal that does not tell where its cursor is only goes without the toolbar.
        session.app.renderer.cpr_not_supported_callback = None
        session.app.ttimeoutlen = 0.05
        return session


async def ask_key(screen: Screen, question: AnyFormattedText, keys: dict[str, T], leave: T) -> T:
    """Return the value of the key pressed; Esc, Ctrl-C, Ctrl-D and a closed input leave."""
    bindings = KeyBindings()
    bindings.add(Keys.Any)(_ignore)
    for key, value in keys.items():
        bindings.add(key, eager=True)(_exit_with(value))
    for key in ("escape", "c-c", "c-d"):
        bindings.add(key, eager=True)(_exit_with(leave))
    session = screen.session(message=question, key_bindings=bindings)
    try:
        answer: T = await session.prompt_async(set_exception_handler=False)
    except EOFError:
        return leave
    return answer


async def ask_line(screen: Screen, question: str) -> str | None:
    """Return one line, which may be empty; None when the owner left."""
    bindings = KeyBindings()
    for key in ("escape", "c-c", "c-d"):
        bindings.add(key, eager=True)(_exit_with(None))
    return await _text(screen.session(message=question, key_bindings=bindings))


async def ask_page(screen: Screen, title: str, text: str) -> str | None:
    """Return the text as edited; None when the owner left."""
    bindings = KeyBindings()
    for key in ("c-c", "c-d"):
        bindings.add(key, eager=True)(_exit_with(None))
    bindings.add("c-s")(_accept)
    session = screen.session(
        message=[("bold", title), ("", "   Ctrl-S checks the change · Ctrl-C leaves\n")],
        multiline=True,
        key_bindings=bindings,
        prompt_continuation="",
    )
    return await _text(session, Document(text, 0))


async def _text(session: "PromptSession[Any]", default: str | Document = "") -> str | None:
    try:
        answer: str | None = await session.prompt_async(
            default=default, set_exception_handler=False
        )
    except EOFError:
        return None
    return answer


def _exit_with(value: object) -> Any:  # noqa: ANN401 - a key handler of the library
    def leave(event: KeyPressEvent) -> None:
        event.app.exit(result=value)

    return leave


def _accept(event: KeyPressEvent) -> None:
    event.current_buffer.validate_and_handle()


def _ignore(event: KeyPressEvent) -> None:
    """Take a key that means nothing here."""
