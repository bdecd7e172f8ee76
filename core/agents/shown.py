"""What the owner sees of an answer while it arrives; a break is said: text is not taken back."""

from core.ports.model import OnDelta

BROKE_OFF = "\n[That answer broke off; here it is again.]\n"


class Shown:
    """Passes the pieces of an answer on; `wanted` tells whether anybody looks."""

    def __init__(self, on_delta: OnDelta | None) -> None:
        """Pass pieces to `on_delta`."""
        self._on_delta, self._any = on_delta, False

    @property
    def wanted(self) -> OnDelta | None:
        """What a model is to hand pieces to."""
        return self.take if self._on_delta is not None else None

    def take(self, piece: str) -> None:
        """Show a piece."""
        self._any = True
        if self._on_delta is not None:
            self._on_delta(piece)

    def again(self) -> None:
        """Say that what was shown so far is not the answer, where anything was."""
        if self._any and self._on_delta is not None:
            self._on_delta(BROKE_OFF)
        self._any = False
