"""Text that is written to files, and how it is shown in short."""

SHORT = 80


def plain_text(text: str) -> str:
    """Return `text` if it can be written to a file.

    Raises ValueError (for pydantic to report) for characters that are no text.
    """
    if "\x00" in text:
        message = "the text has a NUL character in it"
        raise ValueError(message)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        message = "the text has half a character in it (a lone surrogate)"
        raise ValueError(message) from error
    return text


def said_text(text: str) -> str:
    """Return `text` if it is plain and says something. Raises ValueError."""
    if not text.strip():
        message = "the text is blank"
        raise ValueError(message)
    return plain_text(text)


def short(text: str) -> str:
    """Return the text on one line of at most 80 characters."""
    line = " ".join(text.split())
    return line if len(line) <= SHORT else f"{line[: SHORT - 1].rstrip()}…"
