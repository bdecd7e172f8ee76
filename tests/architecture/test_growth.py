import importlib
import time
from collections.abc import Callable, Iterator

import pytest

from core.domain.errors import RefusedError

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
UNITS = [
    "[", "](", "<a ", "**a", "> ", "\n", " ", "a", ".", "@", "a@", "//", "http://", "{{", "\\", '"',
    "“", "e\u0301", "\u200b", "Bob ", "1,", "&#65;", "```\n", "| a |\n", "a: ", "- a\n", '{"a":',
    "my name is ", "not ", "up to ",
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
