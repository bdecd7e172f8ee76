import base64
import codecs
import html
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.redaction import MARK, Redactor

SECRET = "Tr0ub4dor&3-Zx9!q"
FORMS = {
    "hex": SECRET.encode().hex(),
    "HEX": SECRET.encode().hex().upper(),
    "hex, spaced": SECRET.encode().hex(" "),
    "hex, colons": SECRET.encode().hex(":"),
    "hex, 0x": ", ".join(hex(byte) for byte in SECRET.encode()),
    "hex escapes": "".join(f"\\x{byte:02x}" for byte in SECRET.encode()),
    "unicode escapes": "".join(f"\\u{ord(char):04x}" for char in SECRET),
    "every byte in a URL": "".join(f"%{byte:02x}" for byte in SECRET.encode()),
    "URL": quote(SECRET, safe=""),
    "HTML": html.escape(SECRET),
    "decimal HTML": "".join(f"&#{ord(char)};" for char in SECRET),
    "hex HTML": "".join(f"&#x{ord(char):x};" for char in SECRET),
    "numbers": " ".join(str(byte) for byte in SECRET.encode()),
    "binary": " ".join(f"{byte:08b}" for byte in SECRET.encode()),
    "spaced": " ".join(SECRET),
    "wide spaced": "   ".join(SECRET),
    "dashed": "-".join(SECRET),
    "a letter a line": "\n".join(SECRET),
    "a list": ", ".join(SECRET),
    "quoted letters": ", ".join(f'"{char}"' for char in SECRET),
    "zero-width": "\u200b".join(SECRET),
    "soft hyphens": "\u00ad".join(SECRET),
    "combining": "\u0301".join(SECRET),
    "emphasis": "**".join(SECRET),
    "reversed": SECRET[::-1],
    "reversed and spaced": " ".join(SECRET[::-1]),
    "upper case": SECRET.upper(),
    "lower case": SECRET.lower(),
    "swapped case": SECRET.swapcase(),
    "full-width": "".join(chr(ord(char) + 0xFEE0) for char in SECRET),
    "bold letters": "".join(
        chr(0x1D41A + ord(char) - ord("a")) if "a" <= char <= "z" else char for char in SECRET
    ),
    "rot13": codecs.encode(SECRET, "rot13"),
    "base64": base64.b64encode(SECRET.encode()).decode(),
    "base64, unpadded": base64.b64encode(SECRET.encode()).decode().rstrip("="),
    "base64url": base64.urlsafe_b64encode(SECRET.encode()).decode(),
    "base64, spaced": " ".join(base64.b64encode(SECRET.encode()).decode()),
    "base64 of it backwards": base64.b64encode(SECRET[::-1].encode()).decode(),
    "base64 twice": base64.b64encode(base64.b64encode(SECRET.encode())).decode(),
    "base32": base64.b32encode(SECRET.encode()).decode(),
    "split by a word mark": f"{SECRET[:8]}{MARK}{SECRET[8:]}",
    "wrapped": f"{SECRET[:8]}\n    {SECRET[8:]}",
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_configured_secret_is_found_however_it_is_spelt(form: str) -> None:
    """A secret in another alphabet, order or case, or spelt out, does not get through."""
    shown = Redactor([SECRET]).text(f"Here it is: <{form}> and that is all.")
    assert MARK in shown
    assert form not in shown
    left = shown.replace(MARK, "").removeprefix("Here it is: <").removesuffix("> and that is all.")
    assert len(left) <= 4, left


@pytest.mark.parametrize("secret", ["hunter2", "sunshine", "837261"])
def test_a_short_secret_is_found_spelt_out(secret: str) -> None:
    """One too short to be looked for across all signs is still found with one sign between."""
    for joint in (" ", "-", ".", "\n", "\u200b", ", "):
        assert Redactor([secret]).text(f"a {joint.join(secret)} b") == f"a {MARK} b"
    assert Redactor([secret]).text(secret.upper()) == MARK


@pytest.mark.parametrize(
    ("secret", "text"),
    [
        ("sunshine", "The sun shines; it is the sun, shine or not."),
        ("12345678", "1, 23, 456 and 78 are numbers; 2026-12-34"),
        ("837261", "8 372 61 euros, on 8.3.7261"),
        ("test", "ATTESTED, TEST and t e s t"),
        ("hunter2", "the hunters, 2 of them, were hunting 2 days"),
        ("password", "Pass the word, PASS WORDS"),
    ],
)
def test_ordinary_text_is_no_secret_by_chance(secret: str, text: str) -> None:
    """Words and numbers that only run together to a short secret stay as they are."""
    assert Redactor([secret]).text(text) == text


TEXTS = st.text(st.sampled_from("aAbB01 -\n\u200b\u0301[]é") | st.characters(), max_size=30)


@given(
    st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=24),
    TEXTS,
    TEXTS,
    st.sampled_from([" ", "-", "\u200b", "\n", "", "*"]),
)
def test_what_stands_around_a_secret_stays(secret: str, head: str, tail: str, joint: str) -> None:
    """Text without the secret is not touched, and what is redacted once stays so."""
    redactor = Redactor([secret])
    once = redactor.text(f"{head} {joint.join(secret)} {tail}")
    assert redactor.text(once) == once


H32, H40 = "0123456789abcdef" * 2, "0123456789abcdef0123456789abcdef01234567"
A40 = "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2m"
KEYS = {
    "OpenAI": f"sk-{A40}",
    "OpenAI project": f"sk-proj-{A40}_{A40}",
    "Anthropic": f"sk-ant-api03-{A40}-{A40}AA",
    "OpenRouter": f"sk-or-v1-{H32}{H32}",
    "Google": f"AIza{A40[:35]}",
    "Google OAuth": f"GOCSPX-{A40[:28]}",
    "Google access": f"ya29.{A40}",
    "AWS": "AKIAIOSFODNN7EXAMPLE",
    "AWS session": "ASIAIOSFODNN7EXAMPLE",
    "GitHub": f"ghp_{A40[:36]}",
    "GitHub OAuth": f"gho_{A40[:36]}",
    "GitHub app": f"ghs_{A40[:36]}",
    "GitHub fine-grained": f"github_pat_{A40[:22]}_{A40}",
    "GitLab": f"glpat-{A40[:20]}",
    "GitLab runner": f"glrt-{A40[:20]}",
    "Slack": "xoxb-" + "123456789012-1234567890123-abcdefghijklmnopqrstuvwx",
    "Slack user": "xoxp-" + "123456789012-1234567890123-abcdef",
    "Slack rotated": "xoxe.xoxp-1-" + A40,
    "Slack app": "xapp-1-A0123456789-1234567890123-abcdef",
    "Telegram": f"123456789:AA{A40[:33]}",
    "Telegram, newer": f"7123456789:AH{A40[:33]}",
    "Stripe": "sk_live_" + A40[:24],
    "Stripe restricted": "rk_live_" + A40[:24],
    "Stripe hook": f"whsec_{A40[:32]}",
    "SendGrid": f"SG.{A40[:22]}.{A40}abc",
    "Twilio": "SK" + H32,
    "Twilio account": "AC" + H32,
    "npm": f"npm_{A40[:36]}",
    "PyPI": f"pypi-AgEIcHlwaS5vcmc{A40}",
    "DigitalOcean": f"dop_v1_{H32}{H32}",
    "Hugging Face": f"hf_{A40[:34]}",
    "Groq": f"gsk_{A40}",
    "Replicate": f"r8_{A40[:37]}",
    "Mailgun": f"key-{H32}",
    "Mailchimp": f"{H32}-us12",
    "Brevo": f"xkeysib-{H32}{H32}-abcdefgh12345678",
    "Resend": f"re_{A40[:8]}_{A40[:24]}",
    "age": "AGE-SECRET-KEY-1" + "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7LQPZRY9X8GF2TVDW0S3JN54KHCE",
    "Shopify": f"shpat_{H32}",
    "Linear": f"lin_api_{A40}",
    "Notion": f"ntn_{A40}",
    "Databricks": f"dapi{H32}",
    "Vault": f"hvs.{A40}",
    "Azure": f"abc8Q~{A40[:34]}",
    "Tavily": f"tvly-{A40[:32]}",
    "Docker": f"dckr_pat_{A40[:27]}",
    "JWT": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc_DEF-123",
    "SSH": "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Blb=\n-----END OPENSSH PRIVATE KEY-----",
}


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_keys_of_common_providers_are_known_by_their_shape(key: str) -> None:
    """A key that nobody configured is taken out whole, in text and in JSON."""
    assert Redactor().text(f"My key: {key}, use it") == f"My key: {MARK}, use it"
    assert Redactor().redact({"a": [key]}) == {"a": [MARK]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("X-Api-Key: abcdefgh1234", f"X-Api-Key: {MARK}"),
        ("curl -H 'PRIVATE-TOKEN: abcdefgh1234' x", f"curl -H 'PRIVATE-TOKEN: {MARK}' x"),
        ("AccountKey=" + A40 + "==;End", f"AccountKey={MARK};End"),
        ("?sv=1&sig=" + A40 + "&se=2", f"?sv=1&sig={MARK}&se=2"),
        (
            "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
            f"https://hooks.slack.com/services/{MARK}",
        ),
        ("CLOUDFLARE_API_TOKEN=" + A40, f"CLOUDFLARE_API_TOKEN={MARK}"),
        ("aws_secret_access_key = " + A40, f"aws_secret_access_key = {MARK}"),
        ("ftp://me:p4ss@host/x", f"ftp://me:{MARK}@host/x"),
    ],
)
def test_keys_without_a_shape_are_known_by_their_name(text: str, expected: str) -> None:
    """Headers, connection strings and hooks say what they hold."""
    assert Redactor().text(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        f"commit {H40}",
        f"sha256 {H32}{H32}",
        "id 123e4567-e89b-12d3-a456-426614174000",
        "ISBN 978-3-16-148410-0",
        "order 4021-77319, invoice 2026-114, tracking 1Z999AA10123456784",
        "IBAN DE89 3704 0044 0532 0130 00, VAT DE136695976",
        "+49 30 901820, 2026-11-30T21:22:00Z, 192.168.1.254",
        "Skype: acme; ACME; the patience of a task_live_demo; SG. Office; hf_hub",
        "python-us1 release, key-value store, sk-learn, npm_config, secret_santa_list",
        "https://acme.example/a/b?id=12345678&sort=key",
        "X-Request-Id: abcdefgh1234",
        "card ending 4242; Re_: your mail of 3.5.; SKU AC-2000",
    ],
)
def test_what_only_looks_long_is_no_secret(text: str) -> None:
    """Hashes, identifiers, numbers of books, orders and accounts stay as they are."""
    assert Redactor().text(text) == text
