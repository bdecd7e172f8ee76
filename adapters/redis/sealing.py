"""What lies on a Redis server is believed only where it carries our signature.

Whoever can write the server could else put words into the owner's mouth, mark outside text as
trusted, or choose a plan in place of the model.
"""

from core.ports.signer import Signer

MOST_BYTES = 4 << 20
"""More than the largest window (100 turns of 240 characters and five goals) or answer of a model; a
server's value may have half a gigabyte, which is not fetched."""
_DIGITS = 64


def sealed(signer: Signer, key: str, text: str) -> str:
    """Return a text with its signature before it, for this key alone."""
    return signer.sign(key, text) + text


def opened(signer: Signer, key: str, kept: bytes | str | None) -> str | None:
    """Return the text that was sealed for this key; None for anything else."""
    if kept is None:
        return None
    try:
        whole = kept.decode() if isinstance(kept, bytes) else kept
    except UnicodeDecodeError:
        return None
    signature, text = whole[:_DIGITS], whole[_DIGITS:]
    return text if signer.fits(key, text, signature) else None
