"""An anchor in this process, for tests and small uses."""

from dataclasses import replace

from core.ports.anchor import Anchored, Kept, Seen


class MemoryAnchor:
    """An Anchor that lasts as long as the process."""

    place = "the memory of this process"

    def __init__(self) -> None:
        """Begin with none."""
        self.seen = Seen(Kept.ABSENT)

    async def load(self) -> Seen:
        """Return what is there."""
        return self.seen

    async def swap(self, seen: Seen, new: Anchored) -> Seen | None:
        """Replace what was seen."""
        if seen.token != self.seen.token:
            return None
        token = str(int(self.seen.token or "0") + 1)
        if self.seen.kept is Kept.FOREIGN:
            self.seen = replace(self.seen, copy=new, token=token)
        else:
            self.seen = Seen(Kept.SIGNED, new, new, token=token)
        return self.seen
