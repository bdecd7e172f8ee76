import pytest

from scripts import session


def test_the_session_of_the_readme_is_what_the_program_says() -> None:
    """Played again, the lines of the README get the same answers, but for ids, times and counts."""
    recorded = session.recorded(session.README.read_text(encoding="utf-8"))
    assert session.comparable(session.play(recorded)) == session.comparable(recorded)


@pytest.mark.parametrize(
    ("said", "other"),
    [
        ("card C7B3BRUBB · note", "card CPGOYCLVN · note"),
        ("you, 19:24 · G29", "you, 08:05 · G31"),
        ("on Fri 27 Nov 2026 09:00", "on Fri 04 Dec 2026 09:00"),
        (
            "44 events verified, head 60c5436ee35f9cf5.",
            "45 events verified, head 00c5436ee35f9cf4.",
        ),
        ("(G47U8e0463) took 1 ms", "(G9Uabcdef) took 12 ms"),
    ],
)
def test_what_differs_from_run_to_run_is_left_out(said: str, other: str) -> None:
    """Ids, times, hashes and counts do not count."""
    assert session.comparable(said) == session.comparable(other)


@pytest.mark.parametrize(
    ("said", "other"),
    [
        ("Accepted by you", "Rejected by you"),
        ("$0.00", "$0.01"),
        ("notes.md: milk", "notes.md: tea"),
    ],
)
def test_what_matters_is_compared(said: str, other: str) -> None:
    """Words and amounts count."""
    assert session.comparable(said) != session.comparable(other)
