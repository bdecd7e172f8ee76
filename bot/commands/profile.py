"""`/profile`: show it, change it, look at its versions, roll back."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from bot.commands.registry import Call
from bot.reports.profile import history, profile, shown
from core.domain.errors import BadInputError
from core.memory.profile.book import Author, Written, number_of, pick
from core.memory.profile.edits import Mode, difference, edited, field_named, unquoted, with_values
from core.memory.profile.model import FIELDS, LISTS

USAGE = (
    "[FIELD [VALUE] | add|remove LIST VALUE | clear FIELD | history | diff [N [M]] | rollback N]"
)


async def run(call: Call) -> Sequence[str]:
    """Do what the words after `/profile` say."""
    first, rest = _split(call.rest)
    if not first:
        return [(await profile(call.app)).text]
    verb = _VERBS.get(first.casefold())
    if verb is not None:
        return [await verb(call, rest)]
    return [await _set(call, call.rest)]


async def _set(call: Call, rest: str) -> str:
    word, value = _split(rest)
    if not word:
        message = f"Say which field: /profile set FIELD VALUE; there are: {', '.join(FIELDS)}."
        raise BadInputError(message)
    name = field_named(word)
    if not value:
        return "\n".join(shown(call.app.profiles.live.current, name))
    return await _change(call, "set", name, value)


async def _add(call: Call, rest: str) -> str:
    return await _list(call, "add", rest)


async def _remove(call: Call, rest: str) -> str:
    return await _list(call, "remove", rest)


async def _list(call: Call, mode: Mode, rest: str) -> str:
    word, value = _split(rest)
    if not word or not value:
        message = f"Write /profile {mode} LIST VALUE; lists are: {', '.join(sorted(LISTS))}."
        raise BadInputError(message)
    return await _change(call, mode, field_named(word), value)


async def _clear(call: Call, rest: str) -> str:
    name = field_named(rest) if rest else ""
    if not name:
        message = f"Say which field: /profile clear FIELD; there are: {', '.join(FIELDS)}."
        raise BadInputError(message)
    written = await call.app.profiles.change(
        lambda now: with_values(now, {name: None}), _author(call)
    )
    return _said(written, f"{name} is empty already: nothing was changed.")


async def _change(call: Call, mode: Mode, name: str, value: str) -> str:
    written = await call.app.profiles.change(
        lambda now: edited(now, mode, name, value), _author(call, anew=mode == "set")
    )
    return _said(written, f"{name} is so already: nothing was changed.")


async def _history(call: Call, _rest: str) -> str:
    return history(await call.app.profiles.versions(), call.app.kernel.zone)


async def _diff(call: Call, rest: str) -> str:
    numbers = [number_of(word) for word in rest.split()]
    versions = await call.app.profiles.versions()
    newest = len(versions) - 1
    if len(numbers) > 2:  # noqa: PLR2004 - from and to
        message = "Write /profile diff, /profile diff N (since version N), or /profile diff N M."
        raise BadInputError(message)
    old, new = [*numbers, newest][:2] if numbers else (max(newest - 1, 0), newest)
    told = difference(pick(versions, old).profile, pick(versions, new).profile)
    if not told:
        return f"Nothing differs between version {old} and version {new}."
    return "\n".join([f"Version {old} → version {new}", *told])


async def _rollback(call: Call, rest: str) -> str:
    number = number_of(unquoted(rest))
    written = await call.app.profiles.rollback(number, _author(call))
    return _said(written, f"The profile equals version {number} already: nothing was changed.")


def _said(written: Written | None, nothing: str) -> str:
    if written is None:
        return nothing
    return "\n".join([f"Profile, version {written.version}:", *written.lines])


def _author(call: Call, *, anew: bool = False) -> Author:
    return Author(by=call.by, key=call.key, reason="/profile", actor=call.by, anew=anew)


def _split(text: str) -> tuple[str, str]:
    """Return the first word, and the rest as it was written."""
    first, *rest = text.split(maxsplit=1) or [""]
    return first, "".join(rest).strip()


_VERBS: Mapping[str, Callable[[Call, str], Awaitable[str]]] = {
    "set": _set,
    "add": _add,
    "remove": _remove,
    "clear": _clear,
    "history": _history,
    "diff": _diff,
    "rollback": _rollback,
}
