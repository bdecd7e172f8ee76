"""Vectors of an index file in memory: every one compared, or some of them."""

import sqlite3
from array import array
from collections.abc import Sequence
from typing import TYPE_CHECKING

from adapters.fts.records import counted, marks
from core.ports.fact_index import Match

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float32]

_SOME = 900


def packed(vector: "array[float]") -> bytes:
    """Return a vector as it is kept: two bytes a number, which moves no cosine by 0.001."""
    import numpy as np

    return np.frombuffer(vector, dtype=np.float32).astype(np.float16).tobytes()


def unpacked(body: bytes) -> "array[float]":
    """Return a kept vector."""
    import numpy as np

    return array("f", np.frombuffer(body, dtype=np.float16).astype(np.float32).tobytes())


class ExactSearch:
    """All vectors of a space, read when first asked for and again when they changed."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Hold nothing any more: the file is another one."""
        self._space, self._changed, self._rewritten, self._last = "", -1, -1, 0
        self._numbers: NDArray[np.int64] | None = None
        self._matrix: Matrix | None = None

    def nearest(
        self, connection: sqlite3.Connection, space: str, vector: "array[float]", most: int
    ) -> list[Match]:
        """Return the nearest entries, nearest first."""
        import numpy as np

        self._refresh(connection, space)
        if self._matrix is None or self._numbers is None or not len(self._matrix):
            return []
        near = self._matrix @ np.frombuffer(vector, dtype=np.float32)
        some = min(most, len(near))
        best = np.argpartition(-near, some - 1)[:some]
        best = best[np.argsort(-near[best], kind="stable")]
        return [Match(int(self._numbers[i]), float(near[i])) for i in best]

    def cosines(
        self,
        connection: sqlite3.Connection,
        space: str,
        numbers: Sequence[int],
        vectors: "Sequence[array[float]]",
    ) -> list[list[float]]:
        """Return for each vector its cosine with each entry; from memory where they are there."""
        import numpy as np

        if self._numbers is None or self._matrix is None or not self._is_new(connection, space):
            return cosines(some_rows(connection, space, numbers), numbers, vectors)
        if not len(self._numbers) or not vectors:
            return [[0.0] * len(numbers) for _ in vectors]
        wanted = np.asarray(numbers, dtype=np.int64)
        at = np.minimum(np.searchsorted(self._numbers, wanted), len(self._numbers) - 1)
        asked = np.stack([np.frombuffer(vector, dtype=np.float32) for vector in vectors])
        near = (asked @ self._matrix[at].T) * (self._numbers[at] == wanted)
        answer: list[list[float]] = near.tolist()
        return answer

    def _is_new(self, connection: sqlite3.Connection, space: str) -> bool:
        return space == self._space and counted(connection, "changed") == self._changed

    def _refresh(self, connection: sqlite3.Connection, space: str) -> None:
        changed, rewritten = counted(connection, "changed"), counted(connection, "rewritten")
        if space == self._space and changed == self._changed:
            return
        if space == self._space and rewritten == self._rewritten:
            self._extend(connection, space)
        else:
            self._load(connection, space)
        self._space, self._changed, self._rewritten = space, changed, rewritten

    def _load(self, connection: sqlite3.Connection, space: str) -> None:
        self._numbers, self._matrix = _rows(connection, space, 0)
        self._last = int(self._numbers[-1]) if len(self._numbers) else 0

    def _extend(self, connection: sqlite3.Connection, space: str) -> None:
        """Read what came behind the last."""
        import numpy as np

        if self._numbers is None or self._matrix is None or not len(self._numbers):
            self._load(connection, space)
            return
        numbers, matrix = _rows(connection, space, self._last)
        if len(numbers):
            self._numbers = np.concatenate([self._numbers, numbers])
            self._matrix = np.concatenate([self._matrix, matrix])
            self._last = int(numbers[-1])


def _rows(
    connection: sqlite3.Connection, space: str, after: int
) -> "tuple[NDArray[np.int64], Matrix]":
    import numpy as np

    found = connection.execute(
        "SELECT number, body FROM vectors WHERE space=? AND number>? ORDER BY number",
        (space, after),
    ).fetchall()
    numbers = np.fromiter((number for number, _ in found), dtype=np.int64, count=len(found))
    if not found:
        return numbers, np.zeros((0, 1), dtype=np.float32)
    flat = np.frombuffer(b"".join(body for _, body in found), dtype=np.float16)
    return numbers, flat.reshape(len(found), -1).astype(np.float32)


def some_rows(
    connection: sqlite3.Connection, space: str, numbers: Sequence[int]
) -> "dict[int, bytes]":
    """Return the kept vectors of some entries by number."""
    found: dict[int, bytes] = {}
    for start in range(0, len(numbers), _SOME):
        some = numbers[start : start + _SOME]
        found.update(
            connection.execute(
                f"SELECT number, body FROM vectors WHERE space=? AND number IN ({marks(some)})",  # noqa: S608 - question marks
                (space, *some),
            ).fetchall()
        )
    return found


def cosines(
    kept: dict[int, bytes], numbers: Sequence[int], vectors: "Sequence[array[float]]"
) -> list[list[float]]:
    """Return for each vector its cosine with each entry; 0 for one without a vector."""
    import numpy as np

    if not kept or not vectors:
        return [[0.0] * len(numbers) for _ in vectors]
    asked = np.stack([np.frombuffer(vector, dtype=np.float32) for vector in vectors])
    answer: list[list[float]] = (asked @ _matrix(kept, numbers).T).tolist()
    return answer


def _matrix(kept: dict[int, bytes], numbers: Sequence[int]) -> "Matrix":
    import numpy as np

    blank = bytes(len(next(iter(kept.values()))))
    flat = np.frombuffer(b"".join(kept.get(n, blank) for n in numbers), dtype=np.float16)
    return flat.reshape(len(numbers), -1).astype(np.float32)
