"""A validation error as one clause that a person can act on."""

from pydantic import ValidationError

MOST = 4


def explain(error: ValidationError) -> str:
    """Return `field: what is wrong` for each problem, the first four of them."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    parts = []
    for item in found[:MOST]:
        where = ".".join(str(part) for part in item["loc"]) or "value"
        parts.append(f"{where}: {item['msg'][0].lower()}{item['msg'][1:]}")
    if len(found) > MOST:
        parts.append(f"and {len(found) - MOST} more")
    return "; ".join(parts)
