"""The hash chain, checked from the JSON lines alone: nothing of the program is used."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

GENESIS = "0" * 64


def check_chain(lines: Sequence[dict[str, Any]]) -> str:
    """Return the hash of the last line; fails on a gap, a wrong link or a wrong hash."""
    previous, versions = GENESIS, dict[str, int]()
    for position, line in enumerate(lines, 1):
        assert line["position"] == position
        versions[line["stream"]] = versions.get(line["stream"], 0) + 1
        assert line["version"] == versions[line["stream"]]
        assert line["prev"] == previous
        body = {name: value for name, value in line.items() if name != "hash"}
        text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        previous = hashlib.sha256(text.encode()).hexdigest()
        assert line["hash"] == previous
    return previous
