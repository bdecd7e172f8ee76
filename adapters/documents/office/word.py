"""The text of a Word document, in the order it is read."""

from collections.abc import Iterable, Iterator
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adapters.documents.document import Document, chosen, named, on_one_line, prose
from adapters.documents.office.package import WORD, check, opening
from adapters.documents.tables import Rows
from core.domain.errors import BadInputError

if TYPE_CHECKING:
    from docx.document import Document as WordDocument
    from docx.oxml.xmlchemy import BaseOxmlElement as Element

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_SIGNS = {
    f"{_W}tab": "\t",
    f"{_W}br": "\n",
    f"{_W}cr": "\n",
    f"{_W}noBreakHyphen": "-",
}
_LEFT_OUT = {
    *(f"{_W}{name}" for name in ("del", "moveFrom", "pPr", "rPr", "tblPr", "sdtPr")),
    # What a program that does not know the newer form shows instead: the same text once more.
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
}
_BESIDE = {
    "header": "Page header",
    "footer": "Page footer",
    "footnotes": "Footnotes",
    "endnotes": "Endnotes",
    "comments": "Comments",
}
_DEEPEST = 6
_STYLES = 20


def from_docx(path: Path, data: bytes) -> Document:
    """Return headings, paragraphs, lists and tables; then headers, footnotes and comments.

    What somebody proposed to insert is read, what is proposed to be deleted is not.
    """
    check(path, data, WORD)
    with opening(path):
        return _read(path, data)


def _read(path: Path, data: bytes) -> Document:
    import docx

    document = docx.Document(BytesIO(data))
    levels = _levels(document)
    parts = list(_blocks(document.element.body, levels))
    title = chosen(document.core_properties.title or "") or _first_title(parts)
    parts += _beside(document)
    text = "\n\n".join(parts)
    if not any(char.isalnum() for char in text):
        message = f"{path} has no text, only pictures or nothing; save it as a PDF with text first."
        raise BadInputError(message)
    return Document(named(title, path.stem), text, "word")


def _levels(document: "WordDocument") -> dict[str, int]:
    """Return how deep a heading each style is, by its id; a style of one's own has its base's."""
    found: dict[str, int] = {}
    for style in document.styles:
        base: Any = style
        for _ in range(_STYLES):
            words = (base.name or "").split()
            if words == ["Title"] or (words[:1] == ["Heading"] and words[-1].isdigit()):
                found[style.style_id] = 1 if words == ["Title"] else int(words[-1])
            base = getattr(base, "base_style", None)
            if style.style_id in found or base is None:
                break
    return found


def _blocks(parent: Iterable["Element"], levels: dict[str, int]) -> Iterator[str]:
    """Yield what stands in a part; the items of a list stand together."""
    for is_item, found in groupby(_flat(parent, levels), key=lambda it: it[1]):
        texts = [text for text, _ in found]
        yield from ["\n".join(texts)] if is_item else texts


def _flat(parent: Iterable["Element"], levels: dict[str, int]) -> Iterator[tuple[str, bool]]:
    """Yield texts and whether each is an item, also out of what frames them, as a form's field."""
    for child in parent:
        if child.tag == f"{_W}p":
            text, is_item = _paragraph(child, levels)
        elif child.tag == f"{_W}tbl":
            text, is_item = _table(child), False
        else:
            text, is_item = "", False
            if child.tag not in _LEFT_OUT:
                yield from _flat(child, levels)
        if text:
            yield text, is_item


def _paragraph(element: "Element", levels: dict[str, int]) -> tuple[str, bool]:
    """Return the text of a paragraph, and whether it is an item of a list."""
    text = prose(_text(element)).strip()
    properties = element.find(f"{_W}pPr")
    if not text or properties is None:
        return text, False
    style = _value(properties.find(f"{_W}pStyle"))
    if style in levels:
        return f"{'#' * min(max(levels[style], 1), _DEEPEST)} {on_one_line(text)}", False
    numbered = properties.find(f"{_W}numPr")
    if numbered is None and not style.lower().startswith("list"):
        return text, False
    depth = _value(numbered.find(f"{_W}ilvl")) if numbered is not None else ""
    deep = min(int(depth), _DEEPEST) if depth.isdigit() else 0
    return f"{'  ' * deep}- {on_one_line(text)}", True


def _value(element: "Element | None") -> str:
    return "" if element is None else element.get(f"{_W}val") or ""


def _text(element: "Element") -> str:
    """Return the words below an element; paragraphs in it, as in a box, are lines."""
    found: list[str] = []
    for child in element:
        if child.tag == f"{_W}t":
            found.append(child.text or "")
        elif child.tag in _SIGNS:
            found.append(_SIGNS[child.tag])
        elif child.tag not in _LEFT_OUT:
            inner = _text(child)
            found.append(f"\n{inner}\n" if inner and child.tag == f"{_W}p" else inner)
    return "".join(found)


def _table(element: "Element") -> str:
    rows = Rows()
    for row in _within(element, "tr", "tbl"):
        rows.add([_text(cell) for cell in _within(row, "tc", "tr")])
    return rows.table()


def _within(element: "Element", name: str, owner: str) -> Iterator["Element"]:
    """Yield rows or cells, whatever frames them, but none of a table inside a cell."""
    for one in element.iter(f"{_W}{name}"):
        if next(one.iterancestors(f"{_W}{owner}"), None) is element:
            yield one


def _first_title(parts: Iterable[str]) -> str:
    """Return the heading that a document begins with."""
    first = next(iter(parts), "")
    return first.removeprefix("# ") if first.startswith("# ") else ""


def _beside(document: "WordDocument") -> Iterator[str]:
    """Yield what does not stand in the text itself, each once, under headings."""
    from docx.oxml.parser import parse_xml

    texts: dict[str, list[str]] = {name: [] for name in _BESIDE}
    for relation in document.part.rels.values():
        name = relation.reltype.rpartition("/")[2]
        if name in texts and not relation.is_external:
            root = parse_xml(relation.target_part.blob)
            texts[name] += [it for it in _blocks(root, {}) if it not in texts[name]]
    for name, found in texts.items():
        if found:
            yield "\n\n".join([f"# {_BESIDE[name]}", *found])
