"""Facts: remember what the owner says, answer from what is remembered."""

import re
from collections.abc import Sequence
from typing import Final

from adapters.offline.context import Context, Item
from adapters.offline.moves import EXACT, LOOSE, Ask, Do, Move, Rule, Say, offered
from adapters.offline.wording import bullets, capital, likeness, sentence, stems, unquoted
from core.domain.spoken import legible
from core.memory.learning.forget_wish import is_forget_wish

_FLAGS: Final = re.IGNORECASE | re.DOTALL
_REMEMBER: Final = re.compile(
    r"(?:remember|memori[sz]e|keep in mind|bear in mind|learn|for the record|fyi|note(?= that\b)"
    r"|(?:save|store|remember)(?: the)? fact|(?:don['’]?t|do not|never) forget)\b[\s:,-]*"
    r"(?!to\b|what\b|who\b|when\b|where\b|me\b|how\b)(?:the fact )?(?:this[:,] )?(?:that "
    r"|: )?(?P<fact>.+)",
    _FLAGS,
)
_STATEMENT: Final = (
    re.compile(r"(?:my|our)\s+[\w '’&-]{1,60}?\s*(?:\bis\b|\bare\b|\bwas\b|['’]s)\s+.+", _FLAGS),
    re.compile(
        r"i(?:['’]m| am| live| work| prefer| like| love| hate| dislike| use| was born| "
        r"drive| speak)\b\s+(?!not sure|fine|good|ok|back|here).+",
        _FLAGS,
    ),
    re.compile(
        r"(?!(?:what|who|where|when|which|why|how|whose|it|this|that|these|those|there"
        r"|here|is|are|do|does"
        r"|can|could|if|everything|nothing|something|he|she|they|you|we)\b)[\w&.'’-]+(?: "
        r"[\w&.'’-]+){0,6} "
        r"(?:is|are|was|has|lives|works|likes|prefers|owns|runs|pays|moved)\s+.+",
        _FLAGS,
    ),
)
_QUESTION: Final = re.compile(
    r"(?:what|who|when|where|which|whose|how|why|do (?:i|you|we)|did (?:i|you|we)|is|are"
    r"|was|does|has|have (?:i|you|we)"
    r"|tell me|recall|look up|search(?: my)?(?: memory)?(?: for)?|what(?:['’]?s)"
    r"|who(?:['’]?s)|when(?:['’]?s)|where(?:['’]?s)"
    r"|can you (?:remember|recall)|remind me (?=what|who|where|how)|i (?:forgot|forget))\b.*",
    _FLAGS,
)
_ALL: Final = re.compile(
    r"(?:what|tell me what|show(?: me)?|list|recall)\s*(?:do |did |have |all |everything "
    r")*(?:you )?(?:know|remember(?:ed)?|learn(?:ed)?|facts|memory"
    r"|i (?:ask|tell|told|asked) you(?: to remember)?)(?: so far)?(?: about me)?\s*[.?!]*"
    r"|(?:list|show)(?: me)? (?:all )?(?:my |the |your )?(?:facts|memory|memories)\s*[.!]*",
    re.IGNORECASE,
)
_TOLD: Final = re.compile(
    r"(?:i|we|my|our|the|today|yesterday|on|last|this|there|he|she|they)\b"
    r"(?! (?:want|need|would like) )[^?]*",
    _FLAGS,
)
"""What tells something, among what the owner said; orders and questions answer nothing."""
_HOW_OFTEN: Final = re.compile(r"\bhow (?:often|many times)\b", re.IGNORECASE)
_ASKING: Final = stems("last latest first time often many much ever recently currently now long")
_NEAR: Final = 0.5
_SHOWN: Final = 10
_AWAY: Final = "My memory cannot be searched now, so I may know it and not find it."


def remember(ask: Ask) -> Move | None:
    """`remember that Bob's email is bob@acme.com`."""
    match = _REMEMBER.fullmatch(ask.text)
    if match is None or ask.text.endswith("?"):
        return None
    return _learned(ask, match["fact"], EXACT)


def forget(ask: Ask) -> Move | None:
    """Say how `forget that the wifi code is 4321` is done: only the owner erases, by a command."""
    if not is_forget_wish(ask.text):
        return None
    best, lines = _best(ask.text, [fact.text for fact in ask.context.facts])
    if best < _NEAR:
        return Say(
            "I remember nothing like that, so there is nothing to forget: /memory lists all."
        )
    named = [f"{fact.text}: /forget {fact.id}" for fact in ask.context.facts if fact.text in lines]
    return Say("This is what I remember of it, and how it is forgotten:\n" + bullets(named))


def statement(ask: Ask) -> Move | None:
    """`my dentist is Dr. Who`."""
    if ask.text.endswith("?") or not any(pattern.fullmatch(ask.text) for pattern in _STATEMENT):
        return None
    return _learned(ask, ask.text, LOOSE)


def _learned(ask: Ask, fact: str, confidence: float) -> Move:
    text = capital(unquoted(fact).strip(" ;"))
    if text.endswith(".") and ". " not in text:
        text = text[:-1]
    return offered(ask, Do("memory.remember", {"text": text}, f"Remember: {text[:80]}", confidence))


def list_facts(ask: Ask) -> Move | None:
    """Answer `what do you know about me?`."""
    if not _ALL.fullmatch(ask.text):
        return None
    facts = ask.context.facts
    if not facts and ask.context.away:
        return Say(f"{_AWAY} /memory list shows what I know.", honest=True)
    if not facts:
        return Say("I remember nothing yet. Teach me: remember that my dentist is Dr. Who.")
    return Say("What I have at hand:\n" + bullets(fact.text for fact in facts))


def recall(ask: Ask) -> Move | None:
    """Answer `what is Bob's email?` from what is remembered, or honestly not."""
    if not ask.text.endswith("?") and not _QUESTION.fullmatch(ask.text):
        return None
    best, lines = _best(ask.text, [item.text for item in _known(ask.context)])
    said, told = _best(ask.text, _told(ask.context))
    if said > max(best, _NEAR):
        return Say(_answer(ask.text, [f"You said: {line}" for line in told]))
    wanted = stems(ask.text) - _ASKING
    if best > _NEAR or (best == _NEAR and len(wanted) > 2):  # noqa: PLR2004 - a pair is no phrase
        return Say(_answer(ask.text, lines))
    if ask.context.away:
        return Say(f"{_AWAY} Ask again a little later; /status says why.", honest=True)
    if best == _NEAR:
        return Say(
            "I have nothing on exactly that. The closest I know:\n" + bullets(lines), honest=True
        )
    return Say(
        "I have nothing on that. I answer from what you told me; teach me with “remember that …”. "
        "General questions need a model.",
        honest=True,
    )


def _best(asked: str, texts: Sequence[str]) -> tuple[float, list[str]]:
    """Return how like the question the likest texts are, and these."""
    scored = [(likeness(asked, text, _ASKING), text) for text in texts]
    best = max((score for score, _ in scored), default=0.0)
    return best, [text for score, text in scored if score == best][:_SHOWN]


def _answer(asked: str, lines: Sequence[str]) -> str:
    if _HOW_OFTEN.search(asked):
        often = "Once" if len(lines) == 1 else f"{len(lines)} times"
        return f"{often} that I know of:\n{bullets(lines)}"
    return sentence(lines[0]) if len(lines) == 1 else bullets(lines)


def _told(context: Context) -> list[str]:
    """Return what the owner told in passing, newest first, each once."""
    said = [*reversed(context.recent), *context.earlier]
    return list(dict.fromkeys(s.text for s in said if s.owner and _TOLD.fullmatch(s.text)))


def _known(context: Context) -> tuple[Item, ...]:
    """Return the facts, then reminders and to-dos in words."""
    reminders = (Item(r.id, f"Reminder: {legible(r.text)}") for r in context.reminders)
    todos = (Item(todo.id, f"To-do: {legible(todo.text)}") for todo in context.todos)
    return (*context.facts, *reminders, *todos)


RULES: Final[tuple[Rule, ...]] = (list_facts, forget, remember)
LATE_RULES: Final[tuple[Rule, ...]] = (recall, statement)
