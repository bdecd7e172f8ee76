"""Mails: draft, send, send the draft."""

import re
from typing import Any, Final

from adapters.offline.context import Said
from adapters.offline.letters import ADDRESS, Letter, Unclear, read_letter
from adapters.offline.moves import EXACT, LOOSE, Ask, Do, Move, Rule, Say
from adapters.offline.wording import plain

_FLAGS: Final = re.IGNORECASE | re.DOTALL
_MAIL: Final = r"(?:e-?mail|mail)"
_SEND: Final = (
    re.compile(
        rf"(?:send|write|shoot|drop|compose|fire off)(?: out)?\s+(?:an? |the |another "
        rf")?(?:quick |short |new |brief )?{_MAIL}\b(?P<rest>.*)",
        _FLAGS,
    ),
    re.compile(
        rf"(?:send|write|shoot|drop)\s+(?P<who>[^\n:]+?)\s+(?:an? )(?:quick |short "
        rf")?{_MAIL}\b(?P<rest>.*)",
        _FLAGS,
    ),
    re.compile(rf"{_MAIL}\b(?!\s+is\b|\s*:)(?P<rest>.+)", _FLAGS),
    re.compile(r"(?:send|write)\s+(?:(?:an? )?message )?(?P<rest>to [^\s@]+@.+)", _FLAGS),
)
_DRAFT: Final = re.compile(
    rf"(?:draft|prepare|write|make|create)(?: me| up)?\s+(?:an? |the )?(?:draft )?(?:of "
    rf"|for )?(?:an? )?(?:short |quick )?(?:(?P<kind>{_MAIL}|message|letter"
    rf"|reply)\b)?(?P<rest>.*)",
    _FLAGS,
)
_SEND_IT: Final = re.compile(
    rf"(?:(?:yes|yep|ok|okay|great|good|perfect|fine)[\s,.!]+)*(?:now )?(?:send"
    rf"|mail)\s+(?:it|that|this|(?:the |that |this )(?:draft|{_MAIL}|message))(?: now| off"
    rf"| out)?\s*[.!]*",
    re.IGNORECASE,
)
OPENING: Final = "Here is a draft"
_BAR: Final = "│"
_CLOSING: Final = 'Say "send it" to send it.'
_NOT_CONFIGURED: Final = (
    "Mail is not configured, so I cannot send it: set `actions.mail.smtp` in config.yaml."
)
_SHOWN: Final = re.compile(
    rf"{OPENING}[^\n]*?:?\s+To:\s*(?P<to>[^│]+?)\s+(?:Cc:\s*(?P<cc>[^│]+?)\s+)?"
    rf"Subject:\s*(?P<subject>[^│]+?)\s+(?P<body>{_BAR}.+?)\s+(?:{re.escape(_CLOSING)}|{re.escape(_NOT_CONFIGURED)}).*",
    _FLAGS,
)


def send_it(ask: Ask) -> Move | None:
    """`send it`, right after a draft."""
    if not _SEND_IT.fullmatch(ask.text):
        return None
    letter = _drafted(ask)
    if letter is None:
        return Say(
            "There is no draft to send. Write it like: draft a mail to bob@acme.com about lunch.",
            honest=True,
        )
    return _sent(ask, letter)


def draft(ask: Ask) -> Move | None:
    """`draft a mail to bob@acme.com about lunch`: a text, nothing is sent."""
    letter = _draft_letter(ask, ask.text)
    if letter is None:
        return None
    return (
        Say(letter.text, honest=True) if isinstance(letter, Unclear) else Say(_shown(ask, letter))
    )


def send(ask: Ask) -> Move | None:
    """`email bob that …`, `send a mail to bob@acme.com about lunch: see you at noon`."""
    for pattern in _SEND:
        if match := pattern.fullmatch(ask.text):
            who = match.groupdict().get("who")
            letter = read_letter(f"{who or ''} {match['rest']}".lstrip(" ,"), ask.context)
            return (
                Say(letter.text, honest=True) if isinstance(letter, Unclear) else _sent(ask, letter)
            )
    return None


def _draft_letter(ask: Ask, text: str) -> Letter | Unclear | None:
    match = _DRAFT.fullmatch(text)
    if match is None or not re.search(
        r"\bdraft\b|\bprepare\b", text[: match.start("rest")], re.IGNORECASE
    ):
        return None
    if not match["kind"] and not ADDRESS.search(match["rest"]):
        return None
    return read_letter(match["rest"].lstrip(" ,"), ask.context)


def _drafted(ask: Ask) -> Letter | None:
    """Return the draft that was the last thing said: as shown, else made again from the request."""
    said = [
        entry for entry in ask.context.recent if plain(entry.text) != ask.text or not entry.owner
    ]
    if not said or said[-1].owner or not said[-1].text.startswith(OPENING):
        return None
    if match := _SHOWN.fullmatch(said[-1].text):
        cc = tuple(ADDRESS.findall(match["cc"] or ""))
        to = tuple(ADDRESS.findall(match["to"]))
        return Letter(to, match["subject"], _unbarred(match["body"]), cc)
    return _again(ask, said[:-1])


def _again(ask: Ask, said: list[Said]) -> Letter | None:
    if not said or not said[-1].owner or said[-1].text.endswith("…"):
        return None
    letter = _draft_letter(ask, plain(said[-1].text))
    return letter if isinstance(letter, Letter) else None


def _sent(ask: Ask, letter: Letter) -> Move:
    if "mail.send" not in ask.context.actions:
        return Say(
            f"{_NOT_CONFIGURED} The text, to send it yourself:\n\n{_written(letter)}", honest=True
        )
    args: dict[str, Any] = {"to": list(letter.to), "subject": letter.subject, "body": letter.body}
    if letter.cc:
        args["cc"] = list(letter.cc)
    title = f"Mail to {', '.join(letter.to)}: {letter.subject}"
    return Do("mail.send", args, title, EXACT if letter.exact else LOOSE)


def _shown(ask: Ask, letter: Letter) -> str:
    end = _CLOSING if "mail.send" in ask.context.actions else _NOT_CONFIGURED
    return f"{OPENING}:\n{_written(letter)}\n\n{end}"


def _written(letter: Letter) -> str:
    copies = f"Cc: {', '.join(letter.cc)}\n" if letter.cc else ""
    return f"To: {', '.join(letter.to)}\n{copies}Subject: {letter.subject}\n{_barred(letter.body)}"


def _barred(body: str) -> str:
    """Return the text with a bar before each line: its lines survive a prompt that is one line."""
    return "\n".join(f"{_BAR} {line}".rstrip() for line in body.splitlines())


def _unbarred(body: str) -> str:
    return "\n".join(line.strip() for line in body.split(_BAR)[1:]).strip()


RULES: Final[tuple[Rule, ...]] = (send_it, draft, send)
