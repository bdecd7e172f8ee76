import pytest

from core.domain.stated import stated


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("my wifi password is hunter2", ["hunter2"]),
        ("My wifi password is hunter2.", ["hunter2"]),
        ("the password for the router in the office is sunshine", ["sunshine"]),
        ("password: correct-horse", ["correct-horse"]),
        ('The password is "correct horse battery".', ["correct horse battery"]),
        ("My PIN is 4321", ["4321"]),
        ("PIN 4321, please", ["4321"]),
        ("The pin of my card is 0815 and it expires", ["0815"]),
        ("CVV: 123", ["123"]),
        ("door code 4711#", ["4711"]),
        ("account number 12345678", ["12345678"]),
        ("my account number is 1234 5678 90", ["1234 5678 90"]),
        ("Kontonummer: 532013000, BLZ 37040044", ["532013000", "37040044"]),
        ("API key: f3a9c2d1e8", ["f3a9c2d1e8"]),
        ("the api token is Zx81-Kp", ["Zx81-Kp"]),
        ("Das WLAN-Passwort lautet Sommer2026!", ["Sommer2026"]),
        ("Mein Kennwort ist geheimnis.", ["geheimnis"]),
        ("la contraseña es Luna77", ["Luna77"]),
        ("le mot de passe est Soleil9", ["Soleil9"]),
        ("Mot de passe : Soleil9", ["Soleil9"]),
        ("пароль: зима2026", ["зима2026"]),
        ("set my PIN to 1234", ["1234"]),
        ("change the password to N3w-one", ["N3w-one"]),
        ("Wire it to DE89 3704 0044 0532 0130 00, thanks", ["DE89 3704 0044 0532 0130 00"]),
        ("GB29NWBK60161331926819", ["GB29NWBK60161331926819"]),
        ("use 4111 1111 1111 1111 until May", ["4111 1111 1111 1111"]),
        ("SSN 078-05-1120", ["078-05-1120"]),
        ("My password is hunter2 and my pin is 9876", ["hunter2", "9876"]),
    ],
)
def test_what_is_stated_as_a_secret_is_found(text: str, values: list[str]) -> None:
    """A password, PIN, key or number of an account is found behind the word for it."""
    assert [text[one.start : one.end].rstrip("#") for one in stated(text)] == values


@pytest.mark.parametrize(
    "text",
    [
        "send the wifi password to Jana",
        "What is the wifi password?",
        "my password is wrong",
        "Is the password safe?",
        "The password is not working any more",
        "remind me to change the password on Friday",
        "the password for the router is on the fridge",
        "Remind me: password of the router is on the fridge",
        "pin the message, and the meeting at 10:30",
        "The token is [secret]",
        "order 4021-77319 of 2026-11-30, invoice 2026-114",
        "ISBN 978-3-16-148410-0, +49 30 901820",
        "DE89 3704 0044 0532 0130 01 has a wrong digit",
        "the spinning wheel is 4321 km away",
        "",
    ],
)
def test_talk_about_secrets_states_none(text: str) -> None:
    """A question, a complaint and a number of another kind are no statement."""
    assert stated(text) == []
