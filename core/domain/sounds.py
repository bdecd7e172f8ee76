"""How long a recording may last: what its sender says, held against its data.

Money is set aside by the length, and the length comes from outside.
"""

import struct
from collections.abc import Iterator
from math import isfinite

MOST_BYTES_PER_S = 192_000
"""Two channels of 16 bits at 48 kHz: no voice message has more."""
LEAST_BYTES_PER_S = 1_000
"""What is assumed where nothing says how long it lasts: speech at its smallest."""
OPUS_RATE = 48_000
_PAGE = b"OggS"
_PAGE_HEAD = struct.Struct("<4sBBq")
_VORBIS = b"\x01vorbis"
_VORBIS_RATE = struct.Struct("<I")
_HEAD = 512


def longest(data: bytes, said: float) -> float:
    """Return the most seconds a recording may last; `said` is 0 where nobody says.

    Ogg, which voice messages come as, tells its length itself; of others a length that the data
    cannot have is not believed.
    """
    told = said if isfinite(said) and said > 0 else 0.0
    known = max(told, _ogg_seconds(data))
    if not known:
        return len(data) / LEAST_BYTES_PER_S
    return max(known, len(data) / MOST_BYTES_PER_S)


def _ogg_seconds(data: bytes) -> float:
    """Return the length by the positions that the pages tell; 0 for what is not Ogg."""
    rate = _rate(data[:_HEAD])
    if not rate:
        return 0.0
    # A second takes more than one byte: what says otherwise is damaged.
    ends = [end / rate for end in _positions(data)]
    return max((end for end in ends if 0 < end <= len(data)), default=0.0)


def _rate(head: bytes) -> int:
    if not head.startswith(_PAGE):
        return 0
    if b"OpusHead" in head:
        return OPUS_RATE
    at = head.find(_VORBIS)
    start = at + len(_VORBIS) + 5  # after the version and the channels
    if at < 0 or len(head) < start + _VORBIS_RATE.size:
        return 0
    return int(_VORBIS_RATE.unpack_from(head, start)[0])


def _positions(data: bytes) -> Iterator[int]:
    at = data.find(_PAGE)
    while 0 <= at <= len(data) - _PAGE_HEAD.size:
        yield int(_PAGE_HEAD.unpack_from(data, at)[3])
        at = data.find(_PAGE, at + 1)
