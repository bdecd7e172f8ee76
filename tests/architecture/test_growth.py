import importlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from adapters.documents import pdf_file
from adapters.documents.mail_file import from_eml
from adapters.documents.tables import from_csv
from adapters.documents.text_file import from_markdown, from_text
from core.domain.errors import RefusedError
from core.domain.private_values import Held, PrivateValues
from core.domain.sources import Source
from core.memory.document_blocks import sections
from core.memory.summaries.rules import Said, merged, points

# What reads text that somebody else may have written, of any length: a message, a page, a file, an
# answer of a model. Each is called with hostile text, and with four times as much of it.
READERS = [
    "adapters.chat.links.inert",
    "adapters.chat.safe_text.safe_text",
    "adapters.litellm.json_mode.object_in",
    "adapters.mail.addresses.parse_address",
    "adapters.offline.answers.compose",
    "adapters.offline.wording.stems",
    "adapters.telegram.markdown.as_printed",
    "adapters.telegram.markdown.from_markdown",
    "adapters.telegram.split.as_file",
    "adapters.telegram.split.file_lead",
    "adapters.when.words.understands",
    "core.agents.addresses.addresses",
    "core.domain.arguments.address",
    "core.domain.arguments.exact",
    "core.domain.arguments.shown",
    "core.domain.folding.folded",
    "core.domain.linkable.links",
    "core.domain.linkable.written_out",
    "core.domain.lookalikes.suspicions",
    "core.domain.stated.stated",
    "core.domain.templates.references",
    "core.gates.limits.read_limits",
    "core.memory.document_blocks.sections",
    "core.memory.learning.rules.learned_by_rules",
    "core.memory.learning.text.sentences",
    "core.memory.search.words.indexed",
]


def said(text: str) -> Said:
    """Return what the owner said."""
    return Said(ref="M1", text=text, at="2026-11-02")


SOURCE = Source(kind="file", ref="x")
MORE: dict[str, Callable[[str], object]] = {
    "a table of a document": lambda text: sections(f"a|b\n{text}\nmore"),
    "a decision": lambda text: merged([], points([said(f"We decided to use {text}")])),
    "a private text": lambda text: PrivateValues([Held(source=SOURCE, text=text)], "").find("x"),
    "a text that goes out": lambda text: PrivateValues(
        [Held(source=SOURCE, text="a number 4711")], ""
    ).find(text),
    "a table of values": lambda text: from_csv(Path("a.csv"), text.encode()),
    "a markdown file": lambda text: from_markdown(Path("a.md"), text[2:].encode()),
    "a front matter": lambda text: from_markdown(Path("a.md"), f"---\n{text}".encode()),
    "a text file": lambda text: from_text(Path("a.txt"), text.encode()),
    "a mail": lambda text: from_eml(Path("a.eml"), f"Subject: x\n\n{text}".encode()),
    "the number of a page": pdf_file._NUMBER.match,
}
UNITS = [
    "[", "](", "<a ", "**a", "> ", "\n", " ", "a", ".", "@", "a@", "//", "http://", "{{", "\\", '"',
    "“", "e\u0301", "\u200b", "Bob ", "1,", "&#65;", "```\n", "| a |\n", "a: ", "- a\n", '{"a":',
    "my name is ", "not ", "up to ", "a|b\n-|-\nx\n", "because ", ",", "\t",
]  # fmt: skip
SIZE, TIMES = 2_500, 4
# Work that grows with the square of a text takes sixteen times as long for four times as much.
MOST = 10.0
# Below this much of CPU time a ratio says nothing: it is noise, and nobody waits for it.
NOISE_S = 0.15


def cost(read: Callable[[str], object], text: str) -> float:
    """Return the CPU time of one call, read to its end; a refusal with a sentence is an answer."""
    begun = time.process_time()
    try:
        found = read(text)
        if isinstance(found, Iterator):
            for _ in found:
                pass
    except RefusedError:
        pass
    return time.process_time() - begun


def grows_too_fast(read: Callable[[str], object], unit: str) -> bool:
    """Return whether four times the text took more than ten times as long, three times over."""
    for _ in range(3):
        small, large = (
            cost(read, f"a {unit * (size // len(unit))}!") for size in (SIZE, SIZE * TIMES)
        )
        if large < NOISE_S or large <= MOST * small:
            return False
    return True


@pytest.mark.parametrize("name", READERS)
def test_work_grows_with_the_text_and_no_faster(name: str) -> None:
    """No text makes a reader of text work more than in proportion to its length."""
    module, _, function = name.rpartition(".")
    read = getattr(importlib.import_module(module), function)
    assert [unit for unit in UNITS if grows_too_fast(read, unit)] == []


@pytest.mark.parametrize("name", MORE)
def test_work_on_what_is_not_one_text_alone_grows_no_faster(name: str) -> None:
    """Nor does any file, table or earlier text that a text is read from, or together with."""
    assert [unit for unit in UNITS if grows_too_fast(MORE[name], unit)] == []
