"""Text files whose letters are written otherwise than one would think."""

from pathlib import Path

import pytest

from adapters.documents.reading import read_bytes
from core.domain.errors import BadInputError


@pytest.mark.parametrize(
    ("encoding", "text", "name"),
    [
        ("cp1251", "Счёт за ноябрь приложен, оплатите до пятницы.", "Cyrillic (Windows-1251)"),
        ("cp1251", "СЧЁТ ЗА НОЯБРЬ", "Cyrillic (Windows-1251)"),
        ("koi8-r", "Привет, мир. Это письмо.", "Cyrillic (KOI8-R)"),
        ("cp866", "Счёт за ноябрь приложен.", "Cyrillic (DOS)"),
        ("cp1253", "Γειά σου, το τιμολόγιο είναι εδώ", "Greek (Windows-1253)"),
        ("cp1255", "שלום, החשבונית מצורפת", "Hebrew (Windows-1255)"),
        ("cp1256", "مرحبا، الفاتورة مرفقة", "Arabic (Windows-1256)"),
        ("cp932", "こんにちは。請求書をお送りします。", "Japanese (Shift JIS)"),
        ("euc_jp", "こんにちは。請求書をお送りします。", "Japanese (EUC-JP)"),
        ("gbk", "您好，附件是发票，请查收。", "Chinese (GBK)"),
        ("big5", "您好，附件是發票，請查收。", "Chinese (Big5)"),
        ("cp949", "안녕하세요. 송장을 보내드립니다.", "Korean (EUC-KR)"),
    ],
)
@pytest.mark.parametrize("ending", ["txt", "md"])
def test_other_alphabets_are_told_by_their_letters(
    encoding: str, text: str, name: str, ending: str
) -> None:
    """An older file is read in its own alphabet, and the note says in which."""
    read = read_bytes(Path(f"old.{ending}"), text.encode(encoding))
    assert read.text == text
    assert read.note == (
        f"old.{ending} is not UTF-8 and was read as {name}; check that its words are right."
    )


POLISH = "Dzień dobry, w załączniku przesyłam umowę najmu."
CZECH = "Dobrý den, v příloze posílám smlouvu a fakturu za říjen."


@pytest.mark.parametrize(
    ("encoding", "text", "name"),
    [
        ("cp1250", POLISH, "Central European (Windows-1250)"),
        ("iso8859-2", POLISH, "Central European (ISO 8859-2)"),
        ("cp1250", CZECH, "Central European (Windows-1250)"),
        ("cp1250", "Příliš žluťoučký kůň úpěl ďábelské ódy.", "Central European"),
        ("cp1250", "Tisztelt Uram, küldöm az októberi számlát, Győző.", "Central European"),
        ("cp1250", "Bună ziua, vă rugăm să plătiţi până vineri.", "Central European"),
        ("cp1254", "Merhaba, faturanız ektedir. Teşekkürler.", "Turkish (Windows-1254)"),
        ("cp1254", "İMZALI SÖZLEŞME: ÇAĞRI YILDIZ", "Turkish (Windows-1254)"),
        ("cp1257", "Laba diena, siunčiu sąskaitą už spalį.", "Baltic (Windows-1257)"),
    ],
)
def test_accents_are_told_by_the_languages_that_have_them(
    encoding: str, text: str, name: str
) -> None:
    """An older file in Polish, Czech or Turkish has its own letters, and the note says in which."""
    read = read_bytes(Path("old.txt"), text.encode(encoding))
    assert read.text == text
    assert f"old.txt is not UTF-8 and was read as {name}" in read.note
    assert read.note.endswith("; check that its words are right.")


def test_a_table_may_be_of_any_alphabet() -> None:
    """What Excel writes on a machine of another country is a table all the same."""
    data = "Товар;Цена\r\nМачта;40\r\nПарус;900\r\n".encode("cp1251")
    read = read_bytes(Path("prices.csv"), data)
    assert read.text == "| Товар | Цена |\n| --- | --- |\n| Мачта | 40 |\n| Парус | 900 |"
    assert "Cyrillic (Windows-1251)" in read.note


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("a.xml", '<?xml version="1.0" encoding="windows-1250"?>\n<p>{}</p>'),
        ("a.txt", "# -*- coding: cp1250 -*-\n{}"),
        ("a.html", '<html><head><meta charset="windows-1250"></head><body><p>{}</p></body></html>'),
    ],
)
def test_a_file_may_say_how_it_is_written(name: str, head: str) -> None:
    """That counts where it is no UTF-8; then nothing has to be guessed."""
    text = "Zażółć gęślą jaźń, proszę o fakturę."
    read = read_bytes(Path(name), head.format(text).encode("cp1250"))
    assert text in read.text
    assert read.note == ""
    wrong = read_bytes(Path(name), head.format(text).encode())
    assert text in wrong.text


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-8-sig", "utf-16-le", "cp1251"])
def test_a_page_is_read_in_every_form(encoding: str) -> None:
    """Also one that says nothing of its letters, or something that is not so."""
    text = "Счёт за ноябрь приложен, оплатите до пятницы."
    page = f"<html><head><title>Rent</title></head><body><p>{text}</p></body></html>"
    read = read_bytes(Path("a.html"), page.encode(encoding))
    assert read.text == text


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32", "utf-16-le", "utf-16-be"])
def test_unicode_is_read_in_every_form(encoding: str) -> None:
    """With its mark or, where most letters are ASCII, without one."""
    read = read_bytes(Path("a.txt"), "Zoë pays forty €.".encode(encoding))
    assert (read.text, read.note) == ("Zoë pays forty €.", "")


def test_a_broken_letter_breaks_no_other() -> None:
    """A file of UTF-8 that was cut, or has an older letter in it, keeps all its other letters."""
    text = "Zoë zahlt täglich für größere Räume.\n"
    read = read_bytes(Path("a.txt"), text.encode() + "é\n".encode("latin-1"))
    assert read.text == f"{text}\ufffd"
    assert read.note == "a.txt is broken in 1 place, shown as \ufffd."
    cut = read_bytes(Path("a.txt"), f"{text}é".encode()[:-1])
    assert cut.text == f"{text}\ufffd"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("“Zoë” – 40 €", "cp1252"),
        ("Über-Öl für Ärzte: süß", "cp1252"),
        ("DÉJÀ VU À ÉTÉ", "cp1252"),
        ("ÄÖÜ äöü", "latin-1"),
        ("Ça coûte très cher à Noël.", "latin-1"),
        ("¿Dónde está el niño? Mañana, señor Núñez.", "cp1252"),
        ("Não há informações, à tarde não.", "cp1252"),
        ("Perché no? Città più bella, così è.", "cp1252"),
        ("Kære Søren, mødet på onsdag. Åsa Öberg", "cp1252"),
        ("Góðan daginn, ég sendi reikninginn. Þakka þér.", "cp1252"),
        ("Zoë, Åsa, François, Núñez and Søren", "cp1252"),
        ("The «café»: 40 £ at 20 °C ± 1, © 2026 Acme®", "cp1252"),
        ("Price\t40 £\nTotal\t80 £", "cp1252"),
        ("Einschränkung ist «verschmerzbar»", "cp1252"),
        ("Footnotes¹ stand² here³, 5 m² each", "cp1252"),
    ],
)
def test_western_letters_are_taken_for_no_others(text: str, encoding: str) -> None:
    """Accents among ASCII letters are Latin-1, as they always were."""
    read = read_bytes(Path("a.txt"), text.encode(encoding))
    assert read.text == text
    assert "was read as Latin-1" in read.note


@pytest.mark.parametrize("data", [b"RIFF\x00\x00\x10\x00WAVE\x01\x00\x02\x00", b"a\x00b\x00"])
def test_what_has_empty_bytes_is_not_always_unicode(data: bytes) -> None:
    """Bytes that are controls in any reading are no text; nor are two letters enough to tell."""
    with pytest.raises(BadInputError, match="whatever its name says"):
        read_bytes(Path("a.txt"), data)
