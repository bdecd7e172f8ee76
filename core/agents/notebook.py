"""What a researcher read: texts by source, the addresses in them, and whether a quote is there."""

from collections.abc import Mapping
from typing import Any

from core.agents.addresses import addresses, leaves
from core.agents.schemas import Finding, Research
from core.domain.sources import Source, Taint, merged
from core.ports.action import ActionResult

NOTHING = "I found nothing that answers this"
_ADDRESSED = ("url", "uri", "address")


class Notebook:
    """Keeps everything one loop read. `known` are the addresses of its inputs and results."""

    def __init__(self, known: frozenset[str], *, outside: bool) -> None:
        """Begin with the addresses that stand in the inputs."""
        self.known, self.sources = known, Taint()
        self._outside = outside
        self._texts: dict[str, str] = {}

    def take(self, action: str, args: Mapping[str, Any], result: ActionResult) -> None:
        """Write down a result under every name its parts can be cited by."""
        self.known |= addresses(result.output)
        read = result.sources
        if self._outside and not read:
            read = (Source(kind="tool", ref=action),)
        self.sources = merged(self.sources, read)
        self._write(action, " ".join(leaves(result.output)))
        for name in _ADDRESSED:
            if isinstance(args.get(name), str):
                self._write(args[name], " ".join(leaves(result.output)))
        if not action.startswith("mcp."):
            self._parts(result.output)

    def composed(self, args: Mapping[str, Any]) -> str | None:
        """Return the first address in arguments that stood nowhere, None when there is none."""
        asked = [args[name] for name in _ADDRESSED if isinstance(args.get(name), str)]
        found = [*asked, *sorted(addresses(args))]
        return next((address for address in found if address not in self.known), None)

    def checked(self, claimed: Research) -> Research:
        """Return the answer with only those findings whose quote stands in their source.

        An answer that no finding supports is replaced by the word that nothing was found.
        """
        held = tuple(finding for finding in claimed.findings if self._holds(finding))
        if held and claimed.found:
            return claimed.model_copy(update={"findings": held})
        reason = f": {claimed.text}" if claimed.text.strip() and not claimed.found else "."
        return Research(text=f"{NOTHING}{reason}", findings=held, found=False)

    def _holds(self, finding: Finding) -> bool:
        quote = _flat(finding.quote)
        return bool(quote) and quote in _flat(self._texts.get(finding.source.strip(), ""))

    def _parts(self, value: object) -> None:
        """Write the parts of a result that have an address or an id under that name.

        Not those of a tool of others: it could put its own words into anybody's mouth.
        """
        if isinstance(value, Mapping):
            for key in ("url", "id"):
                if isinstance(value.get(key), str):
                    self._write(value[key], " ".join(leaves(value)))
            value = list(value.values())
        if isinstance(value, list | tuple):
            for item in value:
                self._parts(item)

    def _write(self, name: str, text: str) -> None:
        self._texts[name] = f"{self._texts.get(name, '')} {text}"


def _flat(text: str) -> str:
    return " ".join(text.split())
