from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from adapters.documents.document import Document
from core.domain.errors import BadInputError
from core.memory.documents import chunks
from tests.adapters.documents.files import read_document
from tests.adapters.documents.offices import LOCKED, OLD, changed, saved, slides, word


def _read(tmp_path: Path, data: bytes) -> Document:
    path = tmp_path / "pitch_deck.pptx"
    path.write_bytes(data)
    return read_document(path)


def test_slides_are_headings_with_their_notes(tmp_path: Path) -> None:
    """Title, lines and what the speaker says, each under the number of its slide."""
    data = slides(("Prices", "Forty euros\nan hour", "Smile here."), ("Thanks", "", ""))
    read = _read(tmp_path, data)
    assert (read.kind, read.note) == ("powerpoint", "")
    assert read.text == (
        "# Slide 1\n\n## Prices\n\n- Forty euros\n- an hour\n\n## Notes\n\nSmile here.\n\n"
        "# Slide 2\n\n## Thanks"
    )
    found = chunks(read.text, read.title)
    assert [it.heading for it in found] == [
        *("Slide 1 › Prices", "Slide 1 › Notes", "Slide 2 › Thanks")
    ]


def test_the_file_names_slides_of_which_a_program_made_the_title(tmp_path: Path) -> None:
    """What stands there when nobody chose anything is no title."""
    assert _read(tmp_path, slides(("A", "b", ""))).title == "pitch deck"


def test_tables_charts_and_groups_are_read(tmp_path: Path) -> None:
    """A chart has its numbers in the file; a group hides nothing."""
    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    box = [Inches(1)] * 4
    table = slide.shapes.add_table(2, 2, *box).table
    for at, text in enumerate(("Room", "Euros", "large", "60")):
        table.cell(at // 2, at % 2).text = text
    make: Any = CategoryChartData
    chart = make()
    chart.categories = ["2025", "2026"]
    chart.add_series("Income", (1.5, 2))
    chart.add_series("Costs", (1, None))
    slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *box, chart)
    inner = slide.shapes.add_group_shape().shapes.add_group_shape()
    inner.shapes.add_textbox(*box).text_frame.text = "# deep"
    slide.element.set("show", "0")
    assert _read(tmp_path, saved(deck)).text == (
        "# Slide 1 (hidden)\n\n| Room | Euros |\n| --- | --- |\n| large | 60 |\n\n"
        "|  | Income | Costs |\n| --- | --- | --- |\n| 2025 | 1.5 | 1.0 |\n| 2026 | 2.0 |\n\n"
        "## deep"
    )


def test_slides_without_text_are_named(tmp_path: Path) -> None:
    """A picture among slides is no error; the note says which slide is missing."""
    read = _read(tmp_path, slides(("One", "", ""), ("", "", ""), ("Three", "", "")))
    assert read.note == "pitch_deck.pptx has no text that can be read on slide 2."
    assert "# Slide 3\n\n## Three" in read.text


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (LOCKED, "is locked with a password; save a copy without one"),
        (OLD, "is of a kind that is not read; save it as"),
        (b"%PDF-1.7", "is no PowerPoint file, whatever its name says"),
        (word("x"), "is no PowerPoint file, whatever its name says"),
        (slides(("", "", "")), "has no text, only pictures or nothing; save it as a PDF"),
        (slides(("A", "b", ""))[:900], "is broken and cannot be read"),
        (changed(slides(("A", "b", "")), {"ppt/slides/slide1.xml": b"<p:sld"}), "is broken"),
    ],
)
def test_what_is_no_powerpoint_file_is_refused(tmp_path: Path, data: bytes, sentence: str) -> None:
    """Locked, old, another kind, without text or damaged: one sentence that says what to do."""
    with pytest.raises(BadInputError, match=rf"pitch_deck\.pptx {sentence}"):
        _read(tmp_path, data)


def test_a_deck_without_slides_is_refused(tmp_path: Path) -> None:
    """There is nothing to read in it."""
    out = BytesIO()
    Presentation().save(out)
    with pytest.raises(BadInputError, match="has no text"):
        _read(tmp_path, out.getvalue())
