"""What may go out: the one check of every outward call, of plans and of loops that read.

The gate asks it for operations and for agents that are about to read by themselves; the workbench
of an agent asks it for each call of a loop.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from core.domain.sources import SENDER, Private, Source, merged
from core.ports.action import Action, ActionArgs

NEEDS_OWNER = "it needs the owner, because private data is in sight"
PAGES = 4
"""Pages that a loop with private data may read: which of n links it takes tells their site log2(n)
bits, so that a page of 1,300 links gives 41 bits in four reads and not the 128 of a key. One page,
and what it leads to, is read in four."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a loop may go.

    `private` is what it knows of the owner's own; `hosts` are the sites that the owner named;
    `asked` are the words that he let go out by a card, None where he did not; `given` are addresses
    that stand in the task itself, `found` those that a search gave; `sent` are the places
    in what was sent to the owner, which are never read; `pages` counts what was read.
    """

    private: Private = ()
    hosts: frozenset[str] = frozenset()
    asked: str | None = None
    given: frozenset[str] = frozenset()
    found: frozenset[str] = frozenset()
    sent: frozenset[str] = frozenset()
    pages: int = 0


def outflow(
    action: Action[Any], args: ActionArgs, private: Mapping[str, Private], *, granted: bool = False
) -> Private:
    """Return what of the owner's own would reach others if an operation ran.

    `private` has the labels of its arguments. Under a grant those arguments that it is tied to do
    not count: the owner permitted exactly these. Files that go along are the owner's; their content
    changes under one name, so no grant covers it. His name and his company are no secret in a text
    that goes out in his name, and are one in a search.
    """
    if not action.public_sink:
        return ()
    pins = action.control if action.pinned is None else action.pinned
    labels = [found for name, found in private.items() if not (granted and name in pins)]
    files = tuple(Source(kind="file", ref=name) for name in action.attached(args))
    found = merged(*labels, files)
    return tuple(one for one in found if not (action.leaves and one == SENDER))


def refusal(action: Action[Any], args: Mapping[str, Any], reach: Reach) -> str | None:
    """Return why a loop may not make a call, None where it may."""
    if not action.public_sink:
        return None
    url = args.get("url")
    if isinstance(url, str) and not places([url]).isdisjoint(reach.sent):
        return f"{url[:200]!r} stands in what was sent to the owner: only the owner may open it."
    if not reach.private:
        return None
    if isinstance(url, str):
        return _page(url, reach)
    query = args.get("query")
    asked = " ".join((reach.asked or "").casefold().split())
    if isinstance(query, str) and set(args) == {"query"} and _flat(query) in asked:
        return None
    if isinstance(query, str) and reach.asked is not None:
        return "search with words as they stand in the question: for others it needs the owner."
    return f"{action.name} would tell others, and {NEEDS_OWNER}."


def _page(url: str, reach: Reach) -> str | None:
    """Return why a page may not be read with private data in sight, None where it may."""
    if reach.pages >= PAGES:
        return f"{PAGES} pages are read, and with private data in sight no more may be."
    if reach.asked is not None and url in reach.given:
        return None
    if any(mark in url for mark in "?#@"):
        return f"{url[:200]!r} has more than a path: {NEEDS_OWNER}."
    if reach.asked is not None and url in reach.found:
        return None
    if host_of(url) in reach.hosts:
        return None
    return f"{url[:200]!r} is no site that the owner named: {NEEDS_OWNER}."


def host_of(url: str) -> str:
    """Return the host of an address in one spelling, empty where there is none."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def places(urls: Iterable[str]) -> frozenset[str]:
    """Return addresses in one spelling each, so that a changed letter makes no other link."""
    return frozenset(url.partition("#")[0].rstrip("/?").casefold() for url in urls)


def same_site(host: str) -> frozenset[str]:
    """Return a host with and without `www.`: the two are one site to whoever names it."""
    bare = host.removeprefix("www.")
    return frozenset({bare, f"www.{bare}"}) if bare else frozenset()


def _flat(text: str) -> str:
    return " ".join(text.casefold().split())
