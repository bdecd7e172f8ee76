"""Keep secrets out of events, prompts, logs, cards and replies.

Two nets: the secrets that are configured, in every form they are likely to travel in, and the
shapes of well-known keys, for those nobody told us about. Applied before an event is made.
Every pattern is linear: a repeat is followed by nothing that can fail, or is bounded.
"""

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

MARK = "[secret]"
SHORTEST = 4
"""Secrets below this many characters are not looked for: they would hit ordinary words."""
DEEPEST = 100
"""JSON nested deeper than this is replaced as a whole."""
SHORTEST_BASE64 = 8

_NAMES = (
    r"pass(?:word|wd|phrase)|pwd|api[_-]?key|(?:access|auth|refresh|bearer)[_-]?token"
    r"|client[_-]?secret|secret[_-]?(?:access[_-]?)?key|private[_-]?key"
)
_KEY = re.compile(rf"(?:{_NAMES}|x-api-key|(?:proxy-)?authorization)", re.IGNORECASE)
_SHAPES = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    r"sk-[A-Za-z0-9_-]{16,}"  # OpenAI, Anthropic and their kin
    r"|xox[a-z]-[A-Za-z0-9-]{10,}|xapp-[A-Za-z0-9-]{10,}"  # Slack
    r"|gh[pousr]_[A-Za-z0-9]{16,}|github_pat_[A-Za-z0-9_]{16,}|glpat-[A-Za-z0-9_-]{16,}"
    r"|A[KS]IA[A-Z0-9]{16,}"  # AWS
    r"|AIza[A-Za-z0-9_-]{30,}"  # Google
    r")"
)
_BOT_TOKEN = re.compile(r"(?<![0-9])[0-9]{6,12}:AA[A-Za-z0-9_-]{20,}")
_JWT = re.compile(r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*")
_PEM = re.compile(
    r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?:[^-]+|-(?!----))*"
    r"(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----)?"
)
_BEARER = re.compile(
    r"(?i:(?<![a-z])(bearer|basic)[ \t]{1,3})(?=[A-Za-z._~+/-]{0,64}[0-9])"
    r"[A-Za-z0-9._~+/-]{16,}={0,2}"
)
_ASSIGNED = re.compile(
    # the name; `=` or, behind a quoted name, `:`; an opening quote that decides how the value ends
    rf"(?i:(?<![a-z])({_NAMES}))"
    r"""((?:\\?["'])?[ \t]{0,3}=[ \t]{0,3}|\\?["'][ \t]{0,3}:[ \t]{0,3})"""
    r"""(?:(\\["'])|(")|('))?(?!\[secret\])"""
    r"""(?(3)[^"'\\\n]{1,4096}|(?(4)(?:[^"\\\n]|\\.){1,4096}|(?(5)(?:[^'\\\n]|\\.){1,4096}"""
    r"""|[^\s"',;&<>)}\]\\]+)))"""
)
_USERINFO = re.compile(r"(?<=://)([^\s/:@]{0,128}):(?!\[secret\]@)[^\s/@]{1,512}@")

# A pattern runs only where its trigger occurs: looking for the trigger is far cheaper.
_PATTERNS: tuple[tuple[tuple[str, ...], re.Pattern[str], str], ...] = (
    (("-----BEGIN ",), _PEM, MARK),
    (("sk-", "xox", "xapp-", "AKIA", "ASIA", "AIza"), _SHAPES, MARK),
    (("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-"), _SHAPES, MARK),
    ((":AA",), _BOT_TOKEN, MARK),
    (("eyJ",), _JWT, MARK),
    (("earer", "EARER", "asic", "ASIC"), _BEARER, rf"\1 {MARK}"),
    (("://",), _USERINFO, rf"\1:{MARK}@"),
    (("=", '":', "':"), _ASSIGNED, rf"\1\2\3\4\5{MARK}"),
)


class Redactor:
    """Replaces secrets in text and in JSON with `[secret]`; applying it twice changes nothing."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        forms = {form for secret in secrets for form in _forms(secret)}
        self._forms = sorted((f for f in forms if f not in MARK), key=len, reverse=True)

    def text(self, text: str) -> str:
        """Return `text` without secrets."""
        for form in self._forms:
            if form in text:
                text = text.replace(form, MARK)
        for triggers, pattern, replacement in _PATTERNS:
            if any(trigger in text for trigger in triggers):
                text = pattern.sub(replacement, text)
        return text

    def redact(self, value: Any) -> Any:  # noqa: ANN401 - any JSON value
        """Return a copy of a JSON value without secrets, in keys too.

        The value of a key that is called `password`, `api_key` or the like goes as a whole.
        """
        return self._redact(value, 0)

    def _redact(self, value: Any, depth: int) -> Any:  # noqa: ANN401 - any JSON value
        if isinstance(value, str):
            return self.text(value)
        if depth > DEEPEST and isinstance(value, Mapping | list | tuple):
            return MARK
        if isinstance(value, Mapping):
            return {
                self._redact(key, depth + 1): self._member(key, item, depth + 1)
                for key, item in value.items()
            }
        if isinstance(value, list | tuple):
            return [self._redact(item, depth + 1) for item in value]
        return value

    def _member(self, key: Any, value: Any, depth: int) -> Any:  # noqa: ANN401 - any JSON value
        if isinstance(value, str | int) and not isinstance(value, bool) and value != "":
            name = key if isinstance(key, str) else ""
            if _KEY.fullmatch(name):
                return MARK
        return self._redact(value, depth)


def _forms(secret: str) -> Iterator[str]:
    """Yield the secret as it is, inside JSON, in a URL, and in base64 at any offset."""
    secret = secret.strip()
    if len(secret) < SHORTEST:
        return
    yield secret
    for escaped in (json.dumps(secret), json.dumps(secret, ensure_ascii=False)):
        yield escaped[1:-1]
    raw = secret.encode("utf-8", "surrogatepass")
    for encoded in (quote(raw, safe=""), quote(raw), quote_plus(raw)):
        yield encoded
        yield re.sub(r"%[0-9A-F]{2}", lambda match: match[0].lower(), encoded)
    for offset in range(3):
        yield from _base64_forms(raw, offset)


def _base64_forms(raw: bytes, offset: int) -> Iterator[str]:
    """Yield the base64 characters that `raw` alone decides, `offset` bytes into a triple."""
    first = (offset * 8 + 5) // 6
    last = (offset + len(raw)) * 8 // 6
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        whole = encode(bytes(offset) + raw).decode()
        if last - first >= SHORTEST_BASE64:
            yield whole[first:last]
            if offset == 0:
                yield whole
