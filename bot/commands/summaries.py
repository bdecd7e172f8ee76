"""`/summary`: what a conversation or a project came to, its versions, and going back to one."""

from collections.abc import Sequence
from difflib import unified_diff

from bot.commands.registry import Call
from core.domain.errors import BadInputError, UnknownThingError
from core.memory.summaries.scopes import conversation_scope, project_scope
from core.memory.summaries.versions import Version, Versions

USAGE = "[PROJECT] | history | diff [N [M]] | rollback N, each also with a PROJECT at the end"
MOST_DIFFERED = 2


async def summary(call: Call) -> Sequence[str]:
    """Show the summary of this conversation or of a project, or work with its versions."""
    kernel = call.app.kernel
    versions = Versions(kernel.log, kernel.rows)
    verb = call.words[0].lower() if call.words else ""
    if verb == "history":
        return [await _history(versions, _scope(call, call.words[1:]))]
    if verb == "diff":
        numbers, rest = _numbers(call.words[1:], MOST_DIFFERED)
        return [await _diff(versions, _scope(call, rest), numbers)]
    if verb == "rollback":
        return [await _roll_back(call, versions)]
    return [await _show(versions, _scope(call, call.words))]


def _scope(call: Call, words: Sequence[str]) -> str:
    return project_scope(" ".join(words)) if words else conversation_scope(call.conversation)


def _numbers(words: Sequence[str], most: int) -> tuple[list[int], Sequence[str]]:
    """Return the leading numbers, and the words after them."""
    numbers: list[int] = []
    for word in words[:most]:
        plain = word.lower().removeprefix("v")
        if not (plain.isascii() and plain.isdigit()):
            break
        numbers.append(int(plain))
    return numbers, words[len(numbers) :]


async def _show(versions: Versions, scope: str) -> str:
    now = await _current(versions, scope)
    return f"{now.text or _empty(now)}\n\n{_told(now)}"


async def _history(versions: Versions, scope: str) -> str:
    await _current(versions, scope)
    return "\n".join(_told(version) for version in await versions.history(scope))


async def _diff(versions: Versions, scope: str, numbers: Sequence[int]) -> str:
    now = await _current(versions, scope)
    newer = numbers[1] if len(numbers) == MOST_DIFFERED else now.version
    older = numbers[0] if numbers else newer - 1
    if not numbers and newer == 1:
        return "There is one version only; nothing differs."
    old, new = await versions.get(scope, older), await versions.get(scope, newer)
    names = (f"version {older}", f"version {newer}")
    lines = unified_diff(old.text.splitlines(), new.text.splitlines(), *names, lineterm="", n=0)
    shown = [line for line in lines if not line.startswith("@@")]
    return "\n".join(shown) or f"Versions {older} and {newer} say the same."


async def _roll_back(call: Call, versions: Versions) -> str:
    numbers, rest = _numbers(call.words[1:], 1)
    if not numbers:
        message = "Write /summary rollback N, with a version that /summary history lists."
        raise BadInputError(message)
    scope = _scope(call, rest)
    await _current(versions, scope)
    version = await versions.roll_back(scope, numbers[0], call.by, call.key)
    return f"The summary is again what it was in version {numbers[0]}; that is version {version}."


async def _current(versions: Versions, scope: str) -> Version:
    found = await versions.current(scope)
    if found is not None:
        return found
    kind, _, name = scope.partition(":")
    if kind == "project":
        known = ", ".join(row.key.partition(":")[2] for row in await versions.projects())
        there = f"there are: {known}" if known else "no project has one yet"
        message = f"There is no summary of the project {name!r}; {there}."
        raise UnknownThingError(message)
    message = "There is no summary here yet: all that was said still fits into the window."
    raise UnknownThingError(message)


def _empty(version: Version) -> str:
    return "Its text was erased." if version.erased else "Nothing was decided and nothing is open."


def _told(version: Version) -> str:
    """Say of a version when and how it was made, and from what."""
    again = version.origin != version.version
    how = f"version {version.origin} again" if again else f"by {_maker(version)}"
    of = f"from {len(version.events)} events up to {version.until}"
    return f"Version {version.version}, {version.at[:16]} UTC, {how}, {of}."


def _maker(version: Version) -> str:
    return "a model" if version.made_by == "model" else "rules"
