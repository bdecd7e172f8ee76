"""Links of outside text made inert: an address stands there in full, and nothing is behind a word.

A picture that a page has a model put into a reply is fetched by whoever draws it, and tells the
page's author what its address holds. So in text that is derived from outside no picture is drawn,
no word hides an address, and surfaces ask their platform for no preview.
"""

import re

_SCHEME = r"(?=(?i:[a-z][a-z0-9+.-]{0,30}:|//|www\.))"
_URL = _SCHEME + r"[^\s()<>]*(?:\([^\s()<>]*\)[^\s()<>]*)*"
_TARGET = r"\(\s*<?(?P<url>" + _URL + r")>?(?:\s+[^()\n]{0,200})?\s*\)"
_INLINE = re.compile(r"!?\[(?P<label>[^\[\]\n]{0,300})\]" + _TARGET)
_DEFINED = re.compile(
    r"^(?P<lead>[ ]{0,3})\[(?P<label>[^\[\]\n]{1,300})\]:[ \t]*(?=\S)", re.MULTILINE
)
_REFERRED = re.compile(r"!?\[(?P<label>[^\[\]\n]{0,300})\]\[[^\[\]\n]{0,300}\]")
_NESTED = 20
_PICTURE = re.compile(r"<(?=/?(?:img|a|iframe|video|audio|object|embed|link)\b)", re.IGNORECASE)


def inert(text: str) -> str:
    """Return `text` with markdown links and pictures as words with their address behind them.

    Tags that would load or link something lose the bracket that makes them one. Applying it twice
    changes nothing.
    """
    for _ in range(_NESTED):
        previous, text = text, _words(text)
        if text == previous:
            return text
    return text.replace("](", "] (").replace("][", "] [").replace("]:", "] :")


def _words(text: str) -> str:
    text = _DEFINED.sub(r"\g<lead>\g<label>: ", _PICTURE.sub("‹", text))
    return _INLINE.sub(_named, _REFERRED.sub(r"\g<label>", text))


def _named(match: re.Match[str]) -> str:
    label, url = match["label"].strip(), match["url"]
    return url if label in {"", url} else f"{label} (address: {url})"
