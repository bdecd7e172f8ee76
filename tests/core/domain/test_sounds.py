"""How long a recording may last."""

import struct

import pytest

from core.domain.sounds import LEAST_BYTES_PER_S, MOST_BYTES_PER_S, longest

OPUS = b"OpusHead\x01\x01"
VORBIS = b"\x01vorbis" + bytes(4) + b"\x01" + struct.pack("<I", 16_000)


def page(position: int, body: bytes = b"") -> bytes:
    """Return a page of Ogg that ends at a position."""
    head = struct.pack("<4sBBqIIIB", b"OggS", 0, 0, position, 1, 0, 0, 1)
    return head + bytes([len(body) % 256]) + body


def ogg(head: bytes, *ends: int) -> bytes:
    """Return a file of Ogg whose pages end at these positions."""
    return page(0, head) + b"".join(page(end, b"sound" * 20) for end in ends)


@pytest.mark.parametrize(
    ("data", "said", "seconds"),
    [
        (b"sound", 7.0, 7.0),
        (ogg(OPUS, 48_000, 96_000), 0.0, 2.0),
        (ogg(OPUS, 48_000, 96_000), 1.0, 2.0),
        (ogg(OPUS, 48_000, 96_000), 3.0, 3.0),
        (ogg(VORBIS, 16_000, 80_000), 1.0, 5.0),
        (ogg(OPUS, -1, 96_000, -1), 0.0, 2.0),
    ],
)
def test_the_longer_of_what_is_said_and_what_is_in_it(
    data: bytes, said: float, seconds: float
) -> None:
    """A sender may say less than its data holds; voice messages tell it themselves."""
    assert longest(data, said) == seconds


@pytest.mark.parametrize("said", [0.0, -1.0, float("nan"), float("inf")])
def test_an_unknown_length_is_that_of_the_smallest_speech(said: float) -> None:
    """What nobody says is taken from the size, and never too low."""
    assert longest(bytes(5 * LEAST_BYTES_PER_S), said) == 5


def test_a_length_that_cannot_be_is_not_believed() -> None:
    """So much data is no second of sound."""
    assert longest(bytes(4 * MOST_BYTES_PER_S), 1.0) == 4


@pytest.mark.parametrize(
    "data",
    [
        b"OggS",
        ogg(OPUS, 2**62),
        ogg(b"theora", 48_000),
        page(0, b"\x01vorbis\0"),
        page(0, OPUS) + b"OggS\0\0\1",
        page(0, VORBIS[:-4] + bytes(4)) + page(9),
    ],
)
def test_damaged_data_says_nothing(data: bytes) -> None:
    """What is cut, of another kind, or of a length that no data has, is told by who sent it."""
    assert longest(data, 2.0) == 2.0
