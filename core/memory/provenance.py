"""What memory was handed by a file: it is outside text, whatever the file says of itself."""

from collections.abc import Mapping
from typing import Any

from core.domain.sources import Source, Taint

INGEST = "ingest"
"""How `fact.learned` names what came from a file of lines or a document."""
IMPORT = "import"
"""How `fact.learned` names what came from an export."""


def file_source(ref: str, title: str) -> Source:
    """Return the source of what a file brought into memory."""
    return Source(kind="file", ref=ref, title=title)


def fact_sources(fact: Mapping[str, Any]) -> Taint:
    """Return the outside sources of a fact, given the fields of its `fact.learned`.

    Lines that a file called the owner's were written down without a source once; the log keeps
    them as they are, and they count as the file's here.
    """
    sources = tuple(Source.model_validate(source) for source in fact["sources"])
    if not sources and fact["by"] == INGEST:
        return (file_source(str(fact["source"] or fact["fact"]), "an ingested file"),)
    return sources
