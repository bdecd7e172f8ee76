"""Words of others inside sentences of ours: between quotation marks that they cannot close."""

_INNER = str.maketrans({"“": '"', "”": '"', "„": '"', "‟": '"'})


def quoted(text: str) -> str:
    """Return words of others on one line between “ and ”, whole."""
    return f"“{' '.join(text.split()).translate(_INNER)}”"
