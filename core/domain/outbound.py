"""A file that goes out with a message."""

from core.domain.base import Frozen


class OutFile(Frozen):
    """A file of a message, by the digest of its content; `alt` says in words what is to be seen.

    It stands in the log for good, so neither name nor `alt` holds what may have to be erased.
    """

    name: str
    media_type: str
    digest: str
    alt: str = ""
