"""What bytes say in letters, where nobody says how they were written or says it wrongly.

docs/adr/0014-documents.md has the libraries for it, and why they are not used.
"""

import codecs
import re
from collections.abc import Callable, Iterator

_ALIASES = {
    "ansi": "cp1252",
    "ansi_x3.110-1983": "cp1252",
    "cp-850": "cp850",
    "cp-936": "gb18030",
    "iso-8859-8-e": "iso-8859-8",
    "iso-8859-8-i": "iso-8859-8",
    "ks_c_5601-1987": "cp949",
    "unicode": "utf-16",
    "unicode-1-1-utf-7": "utf-7",
    "utf8mb4": "utf-8",
    "x-gbk": "gb18030",
    "x-mac-roman": "mac-roman",
    "x-sjis": "cp932",
    "x-unicode-2-0-utf-7": "utf-7",
}
"""Labels that mails and pages have and Python does not know."""
_LARGER = {
    "ascii": "cp1252",
    "big5": "big5hkscs",
    "euc_kr": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "shift_jis": "cp932",
}
"""What is really written under a label: the same and more."""
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins as the mark of UTF-16 does
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LOOKED_AT = 100_000
_FEWEST = 4
"""Letters that a guess needs: with fewer, anything looks like anything."""
_NULS = 0.4
_WHOLE_TO_BROKEN = 4
_ALIEN = 0.3
_SINGLE, _DOUBLE = 0.5, 0.9
# The ten letters that make up more than half of what is written in each script.
_FREQUENT = {
    "cp1251": "оеаинтсрвл",
    "koi8-r": "оеаинтсрвл",
    "cp866": "оеаинтсрвл",
    "cp1253": "αοιετσηνρυ",
    "cp1255": "יוהלאמרבתש",
    "cp1256": "اليمنوتبره",
}
# What each language has besides the letters of ASCII.
_WESTERN = (
    "àâæçèéêëîïôœùûüÿ",  # French
    "äöüß",  # German
    "áéíñóúü¿¡ªº",  # Spanish
    "àáâãçéêíóôõúüªº",  # Portuguese
    "àèéìíîòóùú",  # Italian
    "àçéèíïóòúü·",  # Catalan
    "áàâåäæçéèêëïíñóôöøü",  # English, Dutch and the languages of the north: names and loans
    "áðéíóúýþæö",  # Icelandic
)
_CENTRAL = (
    "ąćęłńóśźż",  # Polish
    "áčďéěíňóřšťúůýž",  # Czech
    "áäčďéíĺľňóôŕšťúýž",  # Slovak
    "áéíóöőúüű",  # Hungarian
    "ăâîşţ",  # Romanian
    "ćčđšž",  # Croatian, Slovene
)
_LANGUAGES = {
    "cp1252": _WESTERN,
    "cp1250": _CENTRAL,
    "iso8859-2": _CENTRAL,
    "cp1254": ("âçğıîöşüû",),  # Turkish
    "cp1257": ("ąčęėįšųūž", "āčēģīķļņšūž", "äõöüšž"),  # Lithuanian, Latvian, Estonian
}
_LATIN_1 = "cp1252"
_SURE, _FEWEST_ACCENTS = 0.9, 2
# Whatever stands at a letter, but for quotation marks, dashes and signs that all these have.
_ACCENT = r"[^\x00-\x7f“”„‘’‚«»‹›…–—§©®™°€\xa0\xad]"
_IN_WORDS = re.compile(rf"(?<=[^\W\d_]){_ACCENT}|{_ACCENT}(?=[^\W\d_])")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_WORD = re.compile(r"[^\W\d_]+")
_OF_SINGLE_BYTES = re.compile(r"cp(?!9)|iso8859|koi8|mac|ascii")


def marked(data: bytes) -> str:
    """Return the encoding that the first bytes tell, empty where they do not.

    UTF-16 without a mark is told by the empty half of each letter that is ASCII.
    """
    for mark, name in _MARKS:
        if data.startswith(mark):
            return name
    head = data[: _LOOKED_AT // 2 * 2]
    for name, empty in (("utf-16-le", head[1::2]), ("utf-16-be", head[::2])):
        if len(empty) >= _FEWEST and empty.count(0) > _NULS * len(empty):
            text = _strict(head, name) or "\0"
            return "" if _CONTROLS.search(text) else name
    return ""


def labelled(data: bytes, label: str) -> str | None:
    """Return the text as its label says, None where the label is unknown or cannot be right."""
    name = label.strip().strip("\"'").lower()
    try:
        codec = codecs.lookup(_ALIASES.get(name, name))
        name = _LARGER.get(codec.name, codec.name)
        if not data.isascii() and codec.name != "utf-8" and _OF_SINGLE_BYTES.match(name):
            # Two bytes of UTF-8 in a row are most unlikely words of any other alphabet.
            return _strict(data, "utf-8") or data.decode(name)
        return data.decode(name)
    except (LookupError, UnicodeError, ValueError):
        return None


def without_broken(data: bytes) -> tuple[str, int] | None:
    """Return a text of UTF-8 with some broken letters, and how many; None for what is no UTF-8."""
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    whole = sum(not char.isascii() for char in text) - broken
    return (text, broken) if whole >= _WHOLE_TO_BROKEN * broken else None


def guessed(data: bytes) -> tuple[str, str]:
    """Return the text of bytes that are no UTF-8, and the encoding that they were taken for.

    Letters of other alphabets are told by which of them are frequent, accents by the languages
    that have them; all else is Latin-1.
    """
    head = data[:_LOOKED_AT]
    ways: tuple[tuple[tuple[str, ...], Callable[[str, str], float], float], ...] = (
        (tuple(_FREQUENT), _letters, _SINGLE),
        (("cp932", "euc_jp", "cp949", "gb18030", "big5"), _characters, _DOUBLE),
        (tuple(_LANGUAGES), _accents, _SURE),
    )
    for names, score, least in ways:
        found = {name: score(_cut(head, name), name) for name in names}
        best = max(found, key=lambda name: found[name])
        text = _strict(data, best) if found[best] >= least else None
        if text is not None and best != _LATIN_1:
            return text, best
    # The Latin-1 of Windows: the same letters, and quotation marks besides.
    text = _strict(data, _LATIN_1)
    return (data.decode("latin-1") if text is None else text), "Latin-1"


def _strict(data: bytes, name: str) -> str | None:
    try:
        return data.decode(name)
    except (LookupError, UnicodeError):
        return None


def _cut(head: bytes, name: str) -> str:
    """Return the beginning as one encoding has it; the last letter may be cut in two."""
    text = _strict(head, name)
    if text is None and len(head) == _LOOKED_AT:
        text = next((it for n in (1, 2, 3) if (it := _strict(head[:-n], name)) is not None), None)
    return text or ""


def _letters(text: str, name: str) -> float:
    """Return what share of the letters are frequent ones; odd capitals count against it."""
    words: list[str] = [word for word in _WORD.findall(text) if not word.isascii()]
    alien = sum(len(word) for word in words)
    if alien < _FEWEST or alien < _ALIEN * sum(char.isalpha() for char in text):
        return 0
    odd = sum(char.isupper() for word in words if not word.isupper() for char in word[1:])
    mixed = sum(char.isascii() for word in words for char in word)
    frequent = sum(char in _FREQUENT[name] for word in words for char in word.lower())
    strange = sum(not char.isascii() and not char.isalpha() for char in text)
    return (frequent - odd - mixed - strange / 2) / alien


def _accents(text: str, name: str) -> float:
    """Return what share of the accents in words belong to one language of these letters."""
    words = "".join(_IN_WORDS.findall(text)).replace("İ", "ı").lower()
    if len(words) < _FEWEST_ACCENTS:
        return 1 if text and name == _LATIN_1 else 0
    return max(sum(char in language for char in words) for language in _LANGUAGES[name]) / len(
        words
    )


def _characters(text: str, name: str) -> float:
    """Return what share of the characters are common ones of Chinese, Japanese or Korean."""
    alien = [char for char in text if not char.isascii()]
    if len(alien) < _FEWEST or len(alien) < _ALIEN * sum(char.isalpha() for char in text):
        return 0
    return sum(_common(alien, name)) / len(alien)


def _common(alien: list[str], name: str) -> Iterator[bool]:
    japanese, korean = name in {"cp932", "euc_jp"}, name == "cp949"
    has_kana = any("ぁ" <= char <= "ヺ" for char in alien)
    for char in alien:
        if "\u3000" <= char <= "\u301f" or "\uff01" <= char <= "\uff5e" or char in "“”‘’…—·":
            yield True
        elif japanese:
            yield has_kana and ("ぁ" <= char <= "ー" or _lead(char, "cp932") in range(0x88, 0x99))
        elif korean:
            yield "가" <= char <= "힣" and _lead(char, name) in range(0xB0, 0xC9)
        elif name == "big5":
            yield _lead(char, name) in range(0xA4, 0xC7)
        else:
            yield "一" <= char <= "龥" and _lead(char, "gbk") in range(0xB0, 0xD8)


def _lead(char: str, name: str) -> int:
    """Return the first byte of a character: the common ones stand before the others."""
    try:
        return char.encode(name)[0]
    except UnicodeError:
        return 0
