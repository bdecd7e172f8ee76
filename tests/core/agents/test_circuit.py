from datetime import timedelta

from adapters.inmemory.clock import FakeClock
from core.agents.circuit import FAILURES, PAUSE, Circuit


def opened(clock: FakeClock) -> Circuit:
    """Return a circuit that has just opened."""
    circuit = Circuit(clock)
    for _ in range(FAILURES):
        assert circuit.allows()
        circuit.failed()
    return circuit


def test_it_opens_after_failures_in_a_row_only() -> None:
    """One success in between and the count begins again."""
    circuit = Circuit(FakeClock())
    for _ in range(FAILURES - 1):
        circuit.failed()
    circuit.succeeded()
    for _ in range(FAILURES - 1):
        circuit.failed()
    assert circuit.allows()
    circuit.failed()
    assert circuit.open
    assert not circuit.allows()


def test_after_the_pause_one_call_may_try() -> None:
    """While that one is under way the others still wait; looking does not use the chance up."""
    clock = FakeClock()
    circuit = opened(clock)
    clock.advance(PAUSE.total_seconds())
    assert circuit.open
    assert circuit.allows()
    assert not circuit.allows()


def test_a_success_closes_it_and_a_failure_keeps_it_open() -> None:
    """What becomes of the trial decides."""
    clock = FakeClock()
    circuit = opened(clock)
    clock.advance(PAUSE.total_seconds())
    assert circuit.allows()
    circuit.failed()
    assert not circuit.allows()
    clock.advance(PAUSE.total_seconds())
    assert circuit.allows()
    circuit.succeeded()
    assert circuit.allows()
    assert not circuit.open
    assert circuit.until is None


def test_it_rests_as_long_as_it_is_told() -> None:
    """A server that wants a pause of ten minutes gets it."""
    clock = FakeClock()
    circuit = Circuit(clock)
    circuit.rest(timedelta(minutes=10))
    assert circuit.until == clock.now() + timedelta(minutes=10)
    clock.advance(599)
    assert not circuit.allows()
    clock.advance(1)
    assert circuit.allows()
