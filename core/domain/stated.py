"""What somebody states as a secret: a password, a PIN, a key, the number of an account or card.

Numbers with a checksum are known by it. Anything else is known by a word for it (a small table, in
several languages) with a value behind it: set apart by a colon or a verb, quoted, or right after
the word where it has digits. That is a table and no understanding: a secret that nobody calls one
("use hunter2 for the wifi") is not found. One found by mistake costs nothing, because it is only
ever replaced by a reference that is filled in again.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

SHORTEST = 3
"""Characters of the shortest value: a three-digit code of a card."""
LONGEST = 200
LINES = 2048
"""Lines that are not looked at again: prompts repeat most of theirs from turn to turn."""
_PASSWORDS = (
    r"pass(?:word|wd|phrase|[ -]?code)|pwd|(?:wi-?fi|wlan|wpa2?|network)[ -]?key|login code"
    r"|passwort|kennwort|passphrase|(?:wlan|netzwerk)[ -]?schl(?:ü|ue)ssel|zugangscode"
    r"|contraseña|clave|mot de passe|mdp|code d'accès|senha|palavra-passe|parola(?: d'ordine)?"
    r"|wachtwoord|hasło|heslo|lösenord|adgangskode|passord|salasana|jelszó|parolă|şifre"
    r"|пароль|密码|密碼|パスワード|비밀번호"
)
_PINS = (
    r"pin(?:[ -]?(?:code|number|nummer))?|puk|geheimzahl|geheimnummer|cv[vc]2?"
    r"|(?:security|door|gate|alarm|safe|unlock|entry|lock) (?:code|combination)"
    r"|(?:sicherheits|tür|alarm|tor|safe|zugangs)-?code|código de seguridad|code secret"
)
_KEYS = (
    r"api[ -]?(?:key|token|secret)|(?:access|auth|secret|bearer|refresh|bot|app)[ -](?:key|token)"
    r"|(?:license|licence|product|serial|private|encryption|recovery|backup) (?:key|code)"
    r"|client secret|token|seed phrase|api-schlüssel|lizenzschlüssel|wiederherstellungscode"
    r"|clave (?:api|de api|de acceso)|clé (?:api|d'accès|secrète)|chiave api|chave de api"
)
_ACCOUNTS = (
    r"(?:bank )?account (?:number|no\.?|#)|acct\.? (?:number|no\.?|#)|routing number|sort code"
    r"|iban|konto(?:nummer|[ -]?nr\.?)|bankleitzahl|blz|depotnummer"
    r"|n(?:ú|u)mero de (?:cuenta|tarjeta)|num(?:é|e)ro de (?:compte|carte)"
    r"|numero di (?:conto|carta)"
    r"|número da conta|rekeningnummer|numer konta|kontonummer"
    r"|(?:credit |debit |bank )?card (?:number|no\.?)|(?:kredit)?kartennummer"
    r"|social security (?:number|no\.?)|ssn|tax (?:id|number)|passport (?:number|no\.?)"
    r"|steuer(?:nummer|-?id)|sozialversicherungsnummer|(?:reise)?passnummer|ausweisnummer"
)
_WORDS = rf"(?P<password>{_PASSWORDS})|(?P<pin>{_PINS})|(?P<key>{_KEYS})|(?P<account>{_ACCOUNTS})"
# A part of every word above, looked for first: that is far cheaper than the words themselves.
_STEM = (
    "pas pwd key code kenn schl contrase clave mdp senha parol wachtwoord hasło heslo lösenord "
    "adgangskode salasana jelszó şifre пароль 密码 密碼 パスワード 비밀번호 pin puk geheim cv "
    "combination código token secret phrase chiave chave clé account acct routing sort iban konto "
    "bank blz depot numer númer numér rekening card karte social ssn tax steuer sozial ausweis"
)
_STEMS = _STEM.split()
_KINDS = {"password": "password", "pin": "PIN", "key": "key", "account": "account number"}
# At most six words between the name and the verb: "the password of the router in the office is".
_BETWEEN = r"(?P<between>(?:[ \t]{1,3}[^\s.,;:!?=\"“„«]{1,40}){0,6}?)"
_SET = (
    r"(?P<set>[ \t]{0,3}[:=：][ \t]{0,3}|[ \t]{1,3}(?:is|are|was|ist|lautet|sind|war|es|est|é|è"
    r"|jest|är|er|on|to|auf|to be|—|–|->|→)[ \t]{1,3}|(?:は|是)"
    r"|[ \t]{1,3}(?:now )?(?=[\"'`“„«]))"
)
_VALUE = (
    r"(?:now[ \t]|jetzt[ \t]|ahora[ \t])?"
    r"(?:\"(?P<q1>[^\"\n]{3,200})\"|“(?P<q2>[^”\n]{3,200})”|`(?P<q3>[^`\n]{3,200})`"
    r"|'(?P<q4>[^'\n]{3,200})'|„(?P<q5>[^“”\n]{3,200})[“”]|«(?P<q6>[^»\n]{3,200})»"
    r"|(?P<number>[0-9](?:[ /-]?[0-9]){2,33}(?![\w-]))"
    r"|(?P<bare>[^\s\"'`“”„«»<>\\]{3,200}))"
)
_NAMED = re.compile(rf"(?<![\w?&/=.])(?:{_WORDS})(?!\w){_BETWEEN}{_SET}{_VALUE}", re.IGNORECASE)
_NEXT = re.compile(
    rf"(?<![\w?&/=.])(?:{_WORDS})(?!\w)[ \t]{{1,3}}(?:(?:nr|no)\.?[ \t]|#)?"
    r"(?P<value>[0-9](?:[ /-]?[0-9]){2,33}(?![\w-])|[^\s\"'`“”„«»<>\\:=]{4,200})",
    re.IGNORECASE,
)
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}[0-9]{2}(?:[ -]?[A-Z0-9]){11,30}(?![A-Za-z0-9])")
_CARD = re.compile(r"(?<![\w-])(?<![0-9][ -])[2-6][0-9]{3}(?:[ -]?[0-9]){9,15}(?![\w-])")
_END = re.compile(
    r"[ \t]*(?:$|[.,;!?)\n\"'”»]|(?:and|but|und|aber|y|et|e|en|i|och|og|for|für|para|pour)\b"
    r"|[(—–-])",
    re.IGNORECASE,
)
_TAIL = ".,;:!?)]}…、。"
# What follows "the password is" where no password follows.
_ORDINARY = (
    "a an the in on at with by for from to of not no now new old still also only too very more "
    "wrong right correct incorrect invalid valid weak strong safe unsafe secure required missing "
    "needed expired changed same different here there unknown known hidden secret lost stolen "
    "gone saved stored working broken fine ok okay good bad what that this these those mine yours "
    "his her their see none yes set reset kept written empty full long short ready due leaked "
    "falsch richtig nicht kein keine neu alt noch auch nur bei beim vom von mit auf der die das "
    "den dem ein eine gut schlecht weg da hier dort abgelaufen sicher unsicher unbekannt bekannt "
    "incorrecta correcta mala buena nueva vieja en la el los las un una con para por que "
    "password passwort pin key code number account card token iban "
    "faux incorrect bon mauvais nouveau ancien dans sur le les une avec pour"
)
_PLAIN = frozenset(_ORDINARY.split())


@dataclass(frozen=True, slots=True)
class Stated:
    """A secret that a text states: where its value stands, and what it is called."""

    start: int
    end: int
    kind: str


def stated(text: str) -> list[Stated]:
    """Return the secrets that a text states, in order and apart from each other."""
    found = sorted(_found(text), key=lambda one: (one.start, -one.end))
    result: list[Stated] = []
    for one in found:
        if one.end - one.start >= SHORTEST and (not result or one.start >= result[-1].end):
            result.append(one)
    return result


def unstated(text: str) -> str:
    """Return a text with each secret that it states as what it is called: `[password]`."""
    for one in reversed(stated(text)):
        text = f"{text[: one.start]}[{one.kind}]{text[one.end :]}"
    return text


def _found(text: str) -> Iterator[Stated]:
    for match in _IBAN.finditer(text):
        if is_iban(match[0]):
            yield Stated(*match.span(), "account number")
    for match in _CARD.finditer(text):
        if is_card(match[0]):
            yield Stated(*match.span(), "card number")
    at = 0
    for line in text.split("\n"):
        if _has_stem(line):
            for one in _in_line(line):
                yield Stated(one.start + at, one.end + at, one.kind)
        at += len(line) + 1


@lru_cache(maxsize=LINES)
def _has_stem(line: str) -> bool:
    lowered = line.lower()
    return any(stem in lowered for stem in _STEMS)


def _in_line(text: str) -> Iterator[Stated]:
    at = 0
    while match := _NAMED.search(text, at):
        one = _named(match, text)
        if one is not None:
            yield one
        at = one.end if one is not None else match.end("set")
    for match in _NEXT.finditer(text):
        start, end = match.span("value")
        end = _trimmed(text, start, end)
        kind = _kind(match)
        if _has_digit(text[start:end]) and (kind != "password" or _is_telling(text[start:end])):
            yield Stated(start, end, kind)


def _named(match: re.Match[str], text: str) -> Stated | None:
    """Return the secret behind a name and a verb or colon; None where that is no value."""
    kind = _kind(match)
    for group in ("q1", "q2", "q3", "q4", "q5", "q6"):
        if match[group] is not None:
            return Stated(*match.span(group), kind)
    if match["number"] is not None:
        return Stated(*match.span("number"), kind)
    start, end = match.span("bare")
    end = _trimmed(text, start, end)
    value = text[start:end]
    if value.startswith("[[") or "[secret" in value or "{{" in value:
        return None
    if _is_telling(value) and (kind in {"password", "key"} or _has_digit(value)):
        return Stated(start, end, kind)
    weak = match["set"].strip().lower() in {"to", "on", "auf"} or kind in {"PIN", "account number"}
    plain = value.lower() in _PLAIN or len(value) < 4  # noqa: PLR2004 - shorter ones are words
    if weak or plain or _END.match(text, match.end("bare")) is None:
        return None
    return Stated(start, end, kind)


def _kind(match: re.Match[str]) -> str:
    return next(kind for name, kind in _KINDS.items() if match[name] is not None)


def _trimmed(text: str, start: int, end: int) -> int:
    while end > start and text[end - 1] in _TAIL:
        end -= 1
    return end


def _has_digit(value: str) -> bool:
    return any(char.isdigit() for char in value)


def _is_telling(value: str) -> bool:
    """Return whether a word is written as no ordinary word is."""
    if value.isdigit():
        return True
    if _has_digit(value) and any(char.isalpha() for char in value):
        return True
    inner = value[1:-1]
    odd = any(not char.isalnum() and char not in "-'’./" for char in inner)
    return odd or (any(map(str.isupper, value[1:])) and any(map(str.islower, value)))


def is_iban(text: str) -> bool:
    """Return whether a text is an international account number: its remainder by 97 is 1."""
    plain = re.sub(r"[ -]", "", text)
    turned = plain[4:] + plain[:4]
    return turned.isalnum() and int("".join(str(int(char, 36)) for char in turned)) % 97 == 1


def is_card(text: str) -> bool:
    """Return whether a text is the number of a payment card: by Luhn's sum."""
    digits = [int(char) for char in text if char.isdigit()]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
