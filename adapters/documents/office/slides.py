"""The text of PowerPoint slides, with what the speaker wrote below them."""

from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adapters.documents.document import (
    Document,
    chosen,
    named,
    on_one_line,
    prose,
    without_text,
)
from adapters.documents.office.package import POWERPOINT, check, opening
from adapters.documents.tables import Rows
from core.domain.errors import BadInputError

if TYPE_CHECKING:
    from pptx.slide import Slide
    from pptx.text.text import TextFrame


def from_pptx(path: Path, data: bytes) -> Document:
    """Return the slides that have text, each under the heading `Slide N`, with its notes."""
    check(path, data, POWERPOINT)
    with opening(path):
        return _read(path, data)


def _read(path: Path, data: bytes) -> Document:
    from pptx import Presentation

    deck = Presentation(BytesIO(data))
    slides = [(slide, "\n\n".join(_slide(slide))) for slide in deck.slides]
    if not any(text for _, text in slides):
        message = f"{path} has no text, only pictures or nothing; save it as a PDF with text first."
        raise BadInputError(message)
    text = "\n\n".join(
        f"# Slide {number}{_hidden(slide)}\n\n{text}"
        for number, (slide, text) in enumerate(slides, 1)
        if text
    )
    empty = [number for number, (_, text) in enumerate(slides, 1) if not text]
    title = chosen(deck.core_properties.title or "")
    note = without_text(path, "slide", empty)
    return Document(named(title, path.stem), text, "powerpoint", note)


def _hidden(slide: "Slide") -> str:
    return " (hidden)" if slide.element.get("show") in {"0", "false"} else ""


def _slide(slide: "Slide") -> Iterator[str]:
    """Yield the title of a slide as a heading, its shapes, and the notes under another."""
    title = slide.shapes.title
    words = on_one_line(title.text_frame.text) if title is not None else ""
    if words:
        yield f"## {words}"
    for shape in _flat(slide.shapes):
        if title is None or shape.shape_id != title.shape_id:
            yield from filter(None, [_shape(shape)])
    notes = slide.notes_slide.notes_text_frame if slide.has_notes_slide else None
    said = prose(notes.text).strip() if notes is not None else ""
    if said:
        yield f"## Notes\n\n{said}"


def _flat(shapes: Iterable[Any]) -> Iterator[Any]:
    """Yield shapes, those of groups too."""
    from pptx.shapes.group import GroupShape

    for shape in shapes:
        if isinstance(shape, GroupShape):
            yield from _flat(shape.shapes)
        else:
            yield shape


def _shape(shape: Any) -> str:  # noqa: ANN401 - what it is, is asked here
    if shape.has_text_frame:
        return _lines(shape.text_frame)
    rows = Rows()
    if getattr(shape, "has_table", False):
        for row in shape.table.rows:
            rows.add([cell.text for cell in row.cells])
    elif getattr(shape, "has_chart", False):
        # A picture to the eye, a table in the file.
        plot = shape.chart.plots[0]
        series = list(plot.series)
        rows.add(["", *(one.name for one in series)])
        values = [list(one.values) for one in series]
        for at, category in enumerate(plot.categories):
            cells = (
                str(row[at]) if at < len(row) and row[at] is not None else "" for row in values
            )
            rows.add([str(category), *cells])
    return rows.table()


def _lines(frame: "TextFrame") -> str:
    """Return the paragraphs of a shape: one as it is, more as a list with its levels."""
    found = [(one.level, prose(one.text).strip()) for one in frame.paragraphs]
    found = [(level, text) for level, text in found if text]
    if len(found) < 2:  # noqa: PLR2004 - a list has two items
        return "".join(text for _, text in found)
    return "\n".join(f"{'  ' * level}- {on_one_line(text)}" for level, text in found)
