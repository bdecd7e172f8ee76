"""Pages that were read a moment ago need not be fetched again."""

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Protocol

from core.domain.base import Frozen

TTL = timedelta(minutes=15)


class Page(Frozen):
    """A page as `web.fetch` gives it; `url` is where it was found in the end."""

    url: str
    title: str
    text: str
    fetched_at: datetime
    cut: bool = False


class PageCache(Protocol):
    """Keeps pages by the URL that was asked for."""

    async def get(self, url: str, now: datetime) -> Page | None:
        """Return the page when it is still fresh."""
        ...

    async def put(self, url: str, page: Page) -> None:
        """Keep a page; losing it again is no harm."""
        ...


class MemoryPages:
    """Keeps the `size` pages used last in this process, each for `ttl` from its fetch."""

    def __init__(self, ttl: timedelta = TTL, size: int = 64) -> None:
        self._ttl = ttl
        self._size = size
        self._pages: OrderedDict[str, Page] = OrderedDict()

    async def get(self, url: str, now: datetime) -> Page | None:
        """Return the page when it is still fresh."""
        page = self._pages.get(url)
        if page is None or not page.fetched_at <= now < page.fetched_at + self._ttl:
            self._pages.pop(url, None)
            return None
        self._pages.move_to_end(url)
        return page

    async def put(self, url: str, page: Page) -> None:
        """Keep a page, and let go of the one that was used longest ago."""
        self._pages[url] = page
        self._pages.move_to_end(url)
        while len(self._pages) > self._size:
            self._pages.popitem(last=False)
