import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.mail.addresses import parse_address
from core.domain.errors import BadInputError


@pytest.mark.parametrize(
    ("text", "spec", "name"),
    [
        ("a@b.example", "a@b.example", ""),
        (" a@b.example ", "a@b.example", ""),
        ("Ann Lee <a+tag@b.example>", "a+tag@b.example", "Ann Lee"),
        ('"Lee, Ann" <a@b.example>', "a@b.example", "Lee, Ann"),
        ("me@localhost", "me@localhost", ""),
        ("büro@bücher.example", "büro@xn--bcher-kva.example", ""),
        ("a@faß.example", "a@xn--fa-hia.example", ""),
    ],
)
def test_an_address_is_read(text: str, spec: str, name: str) -> None:
    """Plain addresses, names beside them and domains outside ASCII are understood."""
    found = parse_address(text)
    assert (found.addr_spec, found.display_name) == (spec, name)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nobody",
        "@b.example",
        "a@",
        "a@b.example, c@d.example",
        "a@b.example c@d.example",
        "a@b.example\r\nBcc: c@d.example",
        "a\n@b.example",
        "a@b.example\x00",
        "a@b.example\u2028Bcc: c@d.example",
        "a@b.example>\x0b<c@d.example",
        "a@b.example> SIZE=1 <c@d.example",
        '"a b"@b.example',
        "a@[127.0.0.1]",
        "a@b@c.example",
        "a..b@c.example",
        ".a@c.example",
        "a@-b.example",
        "a@b..example",
        "a\u202eb@c.example",
        "a\ud800@c.example",
        "x" * 65 + "@b.example",
        "a@" + ".".join(["b" * 60] * 5),
    ],
)
def test_what_is_no_plain_address_is_refused(text: str) -> None:
    """Nothing that could reach another recipient, command or header passes."""
    with pytest.raises(BadInputError) as refused:
        parse_address(text)
    assert str(refused.value).isprintable()


@given(st.text(max_size=80))
def test_no_text_smuggles_a_line(text: str) -> None:
    """Whatever is accepted is one word in one line."""
    try:
        found = parse_address(text)
    except BadInputError:
        return
    assert len(found.addr_spec.split()) == 1
    assert not set(found.addr_spec) & set("<>\r\n\0")
    assert "\n" not in str(found)
