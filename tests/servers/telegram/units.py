"""UTF-16 units, in which Telegram counts."""


class ParseError(ValueError):
    """A text that does not follow its parse mode; says what Telegram says."""


def units(text: str) -> int:
    """Return how many UTF-16 units a text has."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, offset: int, length: int) -> str:
    """Return the part of a text that an entity covers."""
    whole = text.encode("utf-16-le", "surrogatepass")
    return whole[2 * offset : 2 * (offset + length)].decode("utf-16-le", "replace")
