"""Write docs/configuration.md from the models: `python -m bot.config.reference`."""

import re
import sys
from datetime import time
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic_core import PydanticUndefined

from bot.config.keys import Key, all_keys
from core.gates.thresholds import DEFAULT_THRESHOLDS
from core.memory.profile.hours import Span

_INTRO = """\
# Configuration

Equerry reads `config.yaml` in the folder it is started in, or the file named with `--config`.
Without a file it runs on the defaults below. [config.example.yaml](../config.example.yaml) holds
every key. All mistakes are said at once, before anything starts, and the exit code is 2.

- **Environment.** A variable overrides the file: `EQUERRY_LLM__API_KEY` is `llm.api_key`. Lists and
  sections are written as JSON; a section is merged key by key; an empty value means null. A
  variable that begins with `EQUERRY_` and names no key is a mistake. `EQUERRY_CONFIG` names the
  file, where `--config` does not.
- **Secrets** may be written as `env:NAME` (a variable) or `file:PATH` (a file's text). They are
  never shown, not in mistakes either, and are taken out of events, prompts, logs and replies.
- **Paths** start at the folder of the file, or at the current folder without one.
- **Times of day** are in the owner's zone. **Amounts** are US dollars.
- **Allowed hosts** are names or addresses, with `:port` where only one port is meant.

## Models

With `llm.tiers` set nothing is looked for. Without it the first of these decides, and the start
says which: `ANTHROPIC_API_KEY`, `OPENAI_API_KEY` or `GEMINI_API_KEY` in the environment, then an
Ollama on this machine (`OLLAMA_API_BASE` where it is not at its usual port), whose smallest, middle
and largest model serve the tiers for nothing. Otherwise the offline model answers.

A call goes to the tier that the agent's contract names. `quick` or `briefly` in what you write
takes the fast tier, `thorough`, `in depth` or `research` the deep one; a text that goes into
something of high impact is not left to the fast tier; from three quarters of a budget on it is the
tier below. `/why` says what decided. An agent's exact repeat is answered from the cache for a day.

Prices come from `prices`, else from litellm's table, those of OpenRouter's models from its own
catalogue, which is kept in `data_dir` for a day and for when it cannot be asked. A model of an
Ollama, or at an address that no public net has, is free where neither tells one; a paid one
behind a proxy of your own, under a name of your own, needs `prices`. Any other price is unknown,
and the call is refused. What a provider tells of its usage is checked against itself
and the text: the higher reading counts, what it does not tell is estimated. An answer ends at its
tokens here, whatever its server sends. A call that broke off after it was sent counts at an
estimate that is never too low: after a time-out all that it was allowed, after a stream that was
cut what had arrived.

With `llm.transcription.model` voice messages become words. A recording is counted by what the
provider tells of it, else by its length in whole seconds, 15 at the least; a call may wait
`llm.timeout_s` and as long as the recording lasts.

## Policy

An operation gets its route from the impact of its action and the confidence that counts: `auto`
from the first threshold, `review` (a card now) from the second, `inbox` below. `gates.impact`
changes the thresholds of an impact, `gates.actions` those of actions:

```yaml
gates:
  impact:
    medium: {auto: 0.9}                # the other values stay
  actions:
    mail.send: inbox                   # short for {route: inbox}
    "mcp.github.*": {impact: medium}   # treated as of this impact
    "note.*": {auto: 0.5, review: 0.2} # own thresholds
    "file.*": {auto: grant}            # by itself only with a grant (also: null)
```

Where several patterns match, the most specific one counts, alone: the plain name, then the one
with the most characters beside `*` and `?`, then the one with the fewest of these. No setting
outranks the labels: what outside text decides is asked, and so is what would take private data to
others.

## Keys

"""


def render() -> str:
    """Return the whole page."""
    rows = ["| key | default | meaning |", "|---|---|---|"]
    rows += [f"| `{key.dotted}` | {_default(key)} | {_meaning(key)} |" for key in documented()]
    return _INTRO + "\n".join(rows) + "\n"


def documented() -> list[Key]:
    """Return the keys of the table: those that take a value."""
    return [key for key in all_keys(named=True) if key.section is None or key.nullable]


def _meaning(key: Key) -> str:
    return re.sub(r"\|", r"\\|", key.field.description or "")


def _default(key: Key) -> str:
    if key.path[:2] == ("gates", "impact"):
        value = getattr(DEFAULT_THRESHOLDS[key.path[2]], key.path[3])  # type: ignore[index] # its keys
        return "`grant`" if value is None else f"`{value:g}`"
    if key.path[:2] == ("gates", "actions") and len(key.path) > 2:  # noqa: PLR2004 - below a name
        return "unset"
    default = key.field.get_default(call_default_factory=False)
    return "needed" if default is PydanticUndefined else f"`{_written(default)}`"


def _written(value: Any) -> str:  # noqa: ANN401 - any default
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, Span):
        return f'"{value.start:%H:%M}-{value.end:%H:%M}"'
    if isinstance(value, time):
        return f'"{value:%H:%M}"'
    if isinstance(value, tuple | dict):
        return "[]" if isinstance(value, tuple) else "{}"
    if isinstance(value, int | float | Decimal):
        return f"{value:g}" if isinstance(value, float) else str(value)
    return f"./{value}" if isinstance(value, Path) else (str(value) or '""')


if __name__ == "__main__":
    sys.stdout.write(render())
