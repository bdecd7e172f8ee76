"""A clock that jumps is not believed until it is back, or the owner says so."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.inmemory.clock import START, FakeClock
from adapters.system.clock import SystemClock
from core.log.trusted_clock import BOOTING_S, FUTURE, JUMP, LONG, PLAUSIBLE, TrustedClock, trusted

JUMPS = [timedelta(days=3650), timedelta(days=-1), timedelta(hours=1, seconds=1), -FUTURE * 20]


@pytest.mark.parametrize("by", JUMPS)
def test_a_wrong_reading_is_not_believed(by: timedelta) -> None:
    """Time goes on from the last right reading, and with the clock once it is back."""
    wall = FakeClock()
    clock = TrustedClock(wall)
    wall.advance(60)
    assert clock.now() == START + timedelta(seconds=60)
    wall.jump(by)
    wall.advance(5)
    assert clock.now() == START + timedelta(seconds=65)
    jump = clock.jump
    assert jump is not None
    assert (jump.reading - jump.expected, jump.reading) == (by, wall.now())
    wall.jump(-by)
    assert clock.jump is None
    assert clock.now() == wall.now()


@pytest.mark.parametrize("by", [JUMP, -JUMP, timedelta(seconds=3)])
def test_a_correction_is_no_jump(by: timedelta) -> None:
    """Up to an hour is how clocks are corrected."""
    wall = FakeClock()
    clock = TrustedClock(wall)
    wall.jump(by)
    assert (clock.now(), clock.jump) == (wall.now(), None)


def test_a_suspend_is_no_jump() -> None:
    """Both the clock and the time since the start went on while nothing ran."""
    wall = FakeClock()
    clock = TrustedClock(wall)
    wall.advance(30 * 24 * 3600)
    assert (clock.now(), clock.jump) == (wall.now(), None)


@pytest.mark.parametrize("by", JUMPS)
def test_the_owner_can_say_that_it_is_right(by: timedelta) -> None:
    """From then on the clock counts, also for what is a jump next."""
    wall = FakeClock()
    clock = TrustedClock(wall)
    wall.jump(by)
    clock.trust()
    assert clock.now() == wall.now()
    wall.jump(-by)
    assert clock.jump is not None


@pytest.mark.parametrize("off", [timedelta(0), timedelta(minutes=59), timedelta(days=200)])
def test_a_start_after_a_while_is_believed(off: timedelta) -> None:
    """Nobody knows how long Equerry was off."""
    wall = FakeClock(START + off)
    clock = TrustedClock(wall)
    assert clock.begin(START)
    assert (clock.now(), clock.jump) == (wall.now(), None)


@pytest.mark.parametrize("behind", [timedelta(hours=2), timedelta(days=1), timedelta(days=3000)])
def test_a_start_behind_the_log_counts_from_there(behind: timedelta) -> None:
    """A machine without a battery starts in the past, and the network tells the time later."""
    wall = FakeClock(START - behind)
    clock = TrustedClock(wall)
    assert clock.begin(START)
    wall.advance(10)
    assert clock.now() == START + timedelta(seconds=10)
    assert clock.now() != wall.now()
    wall.jump(behind + timedelta(days=90))
    assert clock.now() == wall.now()


def test_a_start_years_ahead_is_doubted() -> None:
    """Time goes on at the newest event; a clock that is put right is believed."""
    wall = FakeClock(START + LONG + JUMP)
    clock = TrustedClock(wall)
    assert clock.begin(START)
    assert clock.now() == START
    wall.jump(-LONG)
    assert (clock.now(), clock.jump) == (wall.now(), None)


def test_a_log_from_the_future_is_the_one_that_is_wrong() -> None:
    """Events that a wrong reading stamped do not move the clock."""
    wall = FakeClock()
    clock = TrustedClock(wall)
    assert not clock.begin(START + timedelta(days=3650))
    assert clock.jump is None
    assert clock.now() == START


def test_a_restart_does_not_make_a_wrong_reading_right() -> None:
    """What was doubted is doubted still; a clock before that reading has come back."""
    wall = FakeClock(START + timedelta(days=40))
    clock = TrustedClock(wall)
    clock.begin(START, wrong_from=START + timedelta(days=40))
    wall.advance(600)
    assert clock.now() == START + timedelta(minutes=10)
    assert clock.jump is not None
    wall.jump(-timedelta(days=39))
    assert clock.now() == wall.now()


def test_another_clock_confirms_a_jump_ahead() -> None:
    """What was sent before says nothing, nor does a time that differs from both."""
    wall = FakeClock()
    clock = TrustedClock(wall)
    wall.jump(timedelta(hours=8))
    assert clock.jump is not None
    for other in (START, wall.now() - 2 * JUMP, wall.now() + 2 * JUMP):
        clock.confirm(other)
        assert clock.jump is not None
    clock.confirm(wall.now() - timedelta(seconds=3))
    assert clock.now() == wall.now()
    wall.jump(-timedelta(hours=8))
    assert clock.jump is not None
    clock.confirm(wall.now())
    assert clock.jump is not None


@pytest.mark.parametrize("told", [timedelta(hours=8), timedelta(days=40), -timedelta(minutes=50)])
def test_a_machine_that_just_started_is_told_the_time(told: timedelta) -> None:
    """Its clock went on from where it had stopped; minutes later a jump is one again."""
    wall = FakeClock(up=20)
    clock = TrustedClock(wall)
    clock.begin(START)
    wall.advance(30)
    assert clock.now() == wall.now()
    wall.jump(told)
    assert (clock.now(), clock.jump) == (wall.now(), None)
    wall.jump(LONG + JUMP)
    assert clock.jump is not None
    wall.jump(-LONG - JUMP)
    wall.advance(BOOTING_S)
    assert clock.now() == wall.now()
    wall.jump(timedelta(hours=8))
    assert clock.jump is not None


def test_the_first_start_of_all_may_be_before_the_network_told_the_time() -> None:
    """A clock of 1970 is not believed on a log without events; any later one is."""
    wall = FakeClock(datetime(1970, 1, 1, tzinfo=UTC), up=20)
    clock = TrustedClock(wall)
    clock.begin(None)
    wall.advance(600)
    assert clock.now() == PLAUSIBLE + timedelta(minutes=10)
    assert clock.jump is not None
    wall.set(datetime(2039, 1, 1, tzinfo=UTC))
    assert clock.now() == wall.now()


@given(
    st.lists(st.tuples(st.floats(0, 1e6), st.integers(-(10**9), 10**9), st.booleans()), max_size=20)
)
def test_time_passes_as_it_passes(steps: list[tuple[float, int, bool]]) -> None:
    """Whatever the clock says, no reading differs from the time that passed by over an hour."""
    wall = FakeClock(datetime(2100, 1, 1, tzinfo=UTC))
    clock = TrustedClock(wall)
    for seconds, jump, back in steps:
        before = clock.now()
        wall.jump(timedelta(seconds=jump))
        wall.advance(seconds)
        passed = clock.now() - before
        assert abs(passed - timedelta(seconds=seconds)) <= JUMP + timedelta(seconds=1)
        if back:
            wall.jump(timedelta(seconds=-jump))


def test_the_clock_of_the_machine_can_be_told() -> None:
    """Its uptime grows, and goes on in a suspend where the system has such a clock."""
    clock = SystemClock()
    first = clock.uptime()
    assert clock.uptime() >= first > 0
    assert isinstance(trusted(clock), TrustedClock)
