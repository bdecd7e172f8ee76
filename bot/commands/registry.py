"""The slash commands that work; `/help` lists exactly these."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from bot.app import App
from bot.commands.answer import Answer, Block, MistypedError, typed
from core.domain.own_words import Own


@dataclass(frozen=True, slots=True)
class Call:
    """One use of a command: where, by whom, the words after it, and a key unique to this use.

    `rest` is what stands after the name as it was written, line ends and spaces included.
    """

    app: App
    conversation: str
    by: str
    words: tuple[str, ...]
    key: str | None = None
    rest: str = ""


Handler = Callable[[Call], Awaitable[Sequence[Block]]]


@dataclass(frozen=True, slots=True)
class Command:
    """A command: its name without the slash, what it does in a line, and its usage.

    A `hidden` one answers a question that names it, and stands in no list.
    """

    name: str
    help: str
    handler: Handler
    usage: str = ""
    hidden: bool = False


class Commands:
    """Commands by name."""

    def __init__(self, commands: Sequence[Command]) -> None:
        """Take the commands in the order `/help` lists them."""
        self._commands = {command.name: command for command in commands}

    def all(self) -> tuple[Command, ...]:
        """Return the commands in their order, but for those that only answer a question."""
        return tuple(one for one in self._commands.values() if not one.hidden)

    async def run(
        self, app: App, conversation: str, line: str, by: str, key: str | None = None
    ) -> Answer:
        """Run `/name words…`; return blocks of text, pictures, and what may be tapped below them.

        Raises MistypedError for an unknown name, RefusedError with a sentence from the command.
        """
        written = line.strip().removeprefix("/")
        words = written.split()
        name = words[0].lower() if words else "help"
        rest = written.strip()[len(name) :].strip() if words else ""
        command = self._commands.get(name)
        if command is None:
            near = get_close_matches(name, self._commands, n=1)
            hint = Own(f"did you mean /{near[0]}?" if near else "/help lists what there is.")
            message = f"There is no command /{name}; " + hint
            raise MistypedError(message, typed(f"/{near[0]} {rest}") if near else ())
        call = Call(app, conversation, by, tuple(words[1:]), key, rest)
        return Answer.of(await command.handler(call))
