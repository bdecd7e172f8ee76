"""Keep secrets out of events, prompts, logs, cards and replies.

Two nets: the secrets that are configured, in every form they are likely to travel in, and the
shapes of well-known keys, for those nobody told us about. Applied before an event is made.
Every pattern is linear: a repeat is followed by nothing that can fail, or is bounded.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from core.domain.key_shapes import KEY_SHAPES
from core.domain.secret_forms import FoldedSearch, folded_forms, literal_forms

MARK = "[secret]"
_GAP = " " * len(MARK)
"""A mark as folded text has it: nothing, so that one in its middle hides no secret."""
DEEPEST = 100
"""JSON nested deeper than this is replaced as a whole."""

_NAMES = (
    r"pass(?:word|wd|phrase)|pwd|api[_-]?(?:key|token)|(?:access|auth|refresh|bearer)[_-]?token"
    r"|client[_-]?secret|secret[_-]?(?:access[_-]?)?key|private[_-]?key"
)
_KEY = re.compile(rf"(?:{_NAMES}|x-api-key|(?:proxy-)?authorization)", re.IGNORECASE)
_AZURE = re.compile(
    r"(?i:(AccountKey|SharedAccessKey|SharedSecretValue)(=))[A-Za-z0-9+/]{20,}={0,2}"
    r"|(?<=[?&])(sig)(=)[A-Za-z0-9%+/]{30,}={0,2}"
)
_HOOK = re.compile(
    r"(?i:(hooks\.slack\.com/(?:services|workflows)/|discord(?:app)?\.com/api/webhooks/[0-9]{5,20}/"
    r"|webhook\.office\.com/webhookb2/))[A-Za-z0-9_@/.-]{16,}"
)
_HEADER = re.compile(
    r"(?i:(?<![a-z-])(x-(?:[a-z]{2,20}-){0,2}(?:key|token)|private-token"
    r"|ocp-apim-subscription-key|api-key)(:[ \t]{0,3}))(?!\[secret\])[^\s\"',;]{8,512}"
)
_PUTTY = re.compile(r"(Private-Lines: [0-9]{1,4}\s{1,2})(?:[A-Za-z0-9+/=]{1,80}(?:\r?\n|$))+")
_BOT_TOKEN = re.compile(r"(?<![0-9])[0-9]{6,12}:A[A-Za-z0-9_-]{25,}")
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
    *(((trigger,), shape, MARK) for trigger, shape in KEY_SHAPES),
    (("ey=", "EY=", "alue=", "sig="), _AZURE, rf"\1\2\3\4{MARK}"),
    (("/services/", "/workflows/", "/webhooks/", "/webhookb2/"), _HOOK, rf"\1{MARK}"),
    (("ey:", "EY:", "Key:", "oken:", "OKEN:"), _HEADER, rf"\1\2{MARK}"),
    (("Private-Lines: ",), _PUTTY, rf"\1{MARK}\n"),
    ((":A",), _BOT_TOKEN, MARK),
    (("eyJ",), _JWT, MARK),
    (("earer", "EARER", "asic", "ASIC"), _BEARER, rf"\1 {MARK}"),
    (("://",), _USERINFO, rf"\1:{MARK}@"),
    (("=", '":', "':"), _ASSIGNED, rf"\1\2\3\4\5{MARK}"),
)

_TRIGGERS = tuple(
    (trigger, number) for number, (found, _, _) in enumerate(_PATTERNS) for trigger in found
)
"""What a text has where a pattern may match, looked for first; a mark put in makes none of them."""


class Redactor:
    """Replaces secrets in text and in JSON with `[secret]`; applying it twice changes nothing."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = {secret.strip() for secret in secrets}
        forms = {form for secret in known for form in literal_forms(secret)}
        self._forms = sorted((f for f in forms if f not in MARK), key=len, reverse=True)
        self._folded = FoldedSearch(
            form for secret in known for form in folded_forms(secret) if form not in MARK
        )

    def text(self, text: str) -> str:
        """Return `text` without secrets."""
        for form in self._forms:
            if form in text:
                text = text.replace(form, MARK)
        text = self._without_folded(text)
        for number in sorted({number for trigger, number in _TRIGGERS if trigger in text}):
            _, pattern, replacement = _PATTERNS[number]
            text = pattern.sub(replacement, text)
        return text

    def _without_folded(self, text: str) -> str:
        """Return the text without secrets that are spelt in another way.

        What stands around a mark may make one again, until nothing more is found.
        """
        while spans := self._folded.spans(text.replace(MARK, _GAP)):
            parts: list[str] = []
            at = 0
            for start, end in spans:
                parts += (text[at:start], MARK)
                at = end
            text = "".join([*parts, text[at:]])
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
