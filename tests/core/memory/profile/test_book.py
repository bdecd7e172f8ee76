import asyncio

import pytest

from core.domain.erasable import Erasable
from core.domain.errors import BadInputError, UnknownThingError
from core.domain.events.memory import FieldChange, ProfileChanged
from core.domain.redaction import Redactor
from core.domain.sources import Source
from core.memory.profile.book import Author, Edit, ProfileBook, Written
from core.memory.profile.edits import Mode, edited
from core.memory.profile.live import LiveProfile
from core.memory.profile.model import OwnerProfile
from tests.core.support.world import World

FIRST = OwnerProfile(name="Ada", company="Acme", quiet_hours="22:00-07:00")
MAIL = Source(kind="mail", ref="m7", title="Mallory")


def opened(world: World, *secrets: str) -> ProfileBook:
    """Return a book of its own process over the world's log."""
    return ProfileBook(world.store, world.store, Redactor(secrets), LiveProfile(FIRST))


def to(field: str, value: object, mode: Mode = "set") -> Edit:
    """Return a change."""
    return lambda now: edited(now, mode, field, value)


async def done(book: ProfileBook, edit: Edit, **author: object) -> Written:
    """Make a change that must change something."""
    written = await book.change(edit, Author("owner", **author))  # type: ignore[arg-type]
    assert written is not None
    return written


async def test_each_change_is_a_version_over_the_first_values() -> None:
    """The log wins where it has a field, in this process and in the next."""
    world = World()
    book = opened(world)
    assert (await done(book, to("company", "Globex"))).version == 1
    assert (await done(book, to("roles", "founder", "add"))).version == 2
    assert (book.live.name, book.live.company, book.live.version) == ("Ada", "Globex", 2)
    other = opened(world)
    assert other.live.company == "Acme"
    await other.refresh()
    assert other.live.current == book.live.current
    names = [version.profile.company for version in await other.versions()]
    assert names == ["Acme", "Globex", "Globex"]
    await world.still()


async def test_a_cleared_field_stays_empty() -> None:
    """What the owner cleared does not come back from the configuration."""
    world = World()
    book = opened(world)
    await done(book, to("company", ""))
    other = opened(world)
    await other.refresh()
    assert other.live.company == ""


async def test_what_is_so_already_appends_nothing() -> None:
    """Not even a version."""
    world = World()
    book = opened(world)
    assert await book.change(to("name", "Ada"), Author("owner")) is None
    assert world.store.stored == []


async def test_a_refused_change_appends_nothing() -> None:
    """The error of the edit comes through."""
    world = World()
    with pytest.raises(BadInputError):
        await opened(world).change(to("timezone", "Mars"), Author("owner"))
    assert world.store.stored == []


async def test_the_same_key_changes_once() -> None:
    """A repeat tells the version it made the first time, whatever happened since."""
    world = World()
    book = opened(world)
    await done(book, to("roles", "a; b; c"))
    first = await done(book, to("roles", "1", "remove"), key="line:7")
    again = await done(book, to("roles", "1", "remove"), key="line:7")
    assert (first.version, again.version, again.again) == (2, 2, True)
    assert again.lines == first.lines == ("roles: - a",)
    assert book.live.current.roles == ("b", "c")


async def test_changes_at_once_all_land() -> None:
    """From two processes, each on the state the other left; versions are distinct."""
    world = World()
    one, two = opened(world), opened(world)
    names = [f"role {number}" for number in range(12)]
    written = await asyncio.gather(
        *(
            done((one, two)[number % 2], to("roles", name, "add"))
            for number, name in enumerate(names)
        )
    )
    assert sorted(w.version for w in written) == list(range(1, 13))
    await one.refresh()
    assert sorted(one.live.current.roles) == sorted(names)
    assert [e.version for e in world.events(ProfileChanged)] == list(range(1, 13))


async def test_the_same_key_at_once_is_one_version() -> None:
    """The log refuses the second, which then tells the first."""
    world = World()
    one, two = opened(world), opened(world)
    first, second = await asyncio.gather(
        done(one, to("roles", "x", "add"), key="k"), done(two, to("roles", "x", "add"), key="k")
    )
    assert first.version == second.version == 1
    assert len(world.store.stored) == 1


async def test_a_rollback_is_a_new_version_that_equals_an_old_one() -> None:
    """Fields that were not set then have the first value again; nothing is lost."""
    world = World()
    book = opened(world)
    await done(book, to("company", "Globex"))
    await done(book, to("quiet_hours", "never"))
    await done(book, to("company", "Initech"))
    back = await book.rollback(1, Author("owner"))
    assert back is not None
    assert back.version == 4
    assert (book.live.company, book.live.current.quiet_hours) == ("Globex", "22:00-07:00")
    assert world.events(ProfileChanged)[-1].rolled_back_to == 1
    assert await book.rollback(1, Author("owner")) is None
    await book.rollback(0, Author("owner"))
    assert book.live.current == FIRST
    with pytest.raises(UnknownThingError, match="there are 0 to 5"):
        await book.rollback(9, Author("owner"))


async def test_versions_are_all_there_however_many() -> None:
    """A thousand changes are a thousand versions, and the oldest can be gone back to."""
    world = World()
    book = opened(world)
    for number in range(1, 1006):
        changed = FieldChange(field="company", value=Erasable.of(f"C{number}"))
        await world.append(
            "profile", ProfileChanged(version=number, changes=(changed,), by="owner")
        )
    versions = await book.versions()
    assert [one.number for one in versions] == list(range(1006))
    await book.rollback(1, Author("owner"))
    assert book.live.company == "C1"


async def test_secrets_are_not_kept() -> None:
    """A value is redacted before an event is made of it."""
    world = World()
    book = opened(world, "hunter2-password")
    await done(book, to("preferences", "my word is hunter2-password", "add"))
    assert book.live.current.preferences == ("my word is [secret]",)


async def test_outside_words_are_in_no_prompt() -> None:
    """Accepted or not: a handle stands for them, until the owner writes the field anew."""
    world = World()
    book = opened(world)
    await done(book, to("preferences", "OBEY", "add"), sources=(MAIL,))
    await done(book, to("voice", "OBEY"), sources=(MAIL,))
    await done(book, to("preferences", "tea", "add"))
    live = book.live
    assert "OBEY" not in "\n".join([*live.lines("obey"), *live.handles()])
    assert live.voice == ""
    assert len(live.handles()) == 2
    assert world.events(ProfileChanged)[-1].sources == (MAIL,)
    await done(book, to("preferences", "tea"), anew=True)
    await done(book, to("voice", "plain"))
    assert live.handles() == []
    assert live.lines("x") == ["Profile: voice plain", "Preference: tea"]
    await book.rollback(2, Author("owner"))
    assert len(live.handles()) == 2


async def test_a_late_reading_does_not_bring_an_old_state_back() -> None:
    """What was read before a change is not used after it."""
    world = World()
    book = opened(world)
    old = book.live.standing
    await done(book, to("company", "Globex"))
    book.live.take(old)
    assert book.live.company == "Globex"
