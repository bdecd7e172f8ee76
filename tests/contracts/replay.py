"""Folding again gives the same bytes: for random histories, over every store."""

from collections.abc import Sequence
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.inmemory.clock import START, FakeClock
from core.domain.erasable import Erasable
from core.domain.events import NewEvent, Payload
from core.domain.events.goals import GoalFinished, GoalStarted, GoalWaiting
from core.domain.events.memory import FactForgotten, FactLearned
from core.domain.events.messages import MessageQueued, MessageReceived, MessageSending, MessageSent
from core.domain.events.personal import (
    ReminderCancelled,
    ReminderFired,
    ReminderSet,
    TodoAdded,
    TodoDone,
    TodoRemoved,
    TodoReopened,
)
from core.ports.event_log import EventQuery
from core.ports.read_models import Projection
from core.projections import ALL
from tests.contracts.stores import (
    BOARD,
    Intruder,
    Store,
    StoreContract,
    added,
    digest_by_fold,
    done,
)

PROJECTIONS: Sequence[Projection] = (BOARD, *ALL)

names = st.sampled_from(["A", "B", "C"])
texts = st.text(max_size=8).map(Erasable.of)
times = st.integers(0, 1000).map(lambda n: START + timedelta(minutes=n))
rooms = st.sampled_from(["terminal", "other"])

payloads: st.SearchStrategy[Payload] = st.one_of(
    st.builds(TodoAdded, todo=names, title=texts, project=st.none() | names),
    st.builds(TodoDone, todo=names),
    st.builds(TodoReopened, todo=names),
    st.builds(TodoRemoved, todo=names),
    st.builds(
        ReminderSet,
        reminder=names,
        conversation=rooms,
        text=texts,
        at=times,
        timezone=st.just("UTC"),
        repeat=st.none(),
        sources=st.just(()),
    ),
    st.builds(
        ReminderFired, reminder=names, conversation=rooms, at=times, next_at=st.none() | times
    ),
    st.builds(ReminderCancelled, reminder=names),
    st.builds(FactLearned, fact=names, text=texts, by=names, sources=st.just(())),
    st.builds(FactForgotten, fact=names, erased=st.booleans()),
    st.builds(
        MessageReceived,
        message=names,
        channel=st.just("terminal"),
        conversation=rooms,
        sender=names,
        owner=st.booleans(),
        text=texts,
        attachments=st.just(()),
        sent_at=times,
    ),
    st.builds(
        GoalStarted,
        conversation=rooms,
        origin=st.just("message"),
        title=texts,
        messages=st.lists(names, max_size=2, unique=True).map(tuple),
        sources=st.just(()),
    ),
    st.builds(GoalWaiting, conversation=rooms, cards=st.just(()), until=st.none() | times),
    st.builds(GoalFinished, conversation=rooms, outcome=st.just("done"), reply=st.none()),
    st.builds(
        MessageQueued,
        message=names,
        conversation=rooms,
        kind=st.just("reply"),
        text=texts,
        sources=st.just(()),
    ),
    st.builds(MessageSending, message=names, conversation=rooms, attempt=st.integers(1, 3)),
    st.builds(MessageSent, message=names, conversation=rooms, kind=st.just("reply")),
)
events = st.builds(
    NewEvent,
    stream=names,
    payload=payloads,
    goal=st.sampled_from(["G1", "G2"]),
    actor=st.just("equerry"),
    causation=st.none(),
    key=st.none(),
)
histories = st.lists(st.lists(events, min_size=1, max_size=4), max_size=8)


class ReplayContract(StoreContract):
    """Implementations subclass it and give the fixtures `store`, over PROJECTIONS, and `intruder`.

    One store takes all histories one after the other, each a longer prefix of the same log.
    """

    projections = PROJECTIONS

    @settings(max_examples=15, suppress_health_check=list(HealthCheck))
    @given(history=histories)
    async def test_every_prefix_is_the_fold_of_itself(
        self, store: Store, clock: FakeClock, history: list[list[NewEvent]]
    ) -> None:
        """After each append the rows are a fold from nothing; rebuilding changes none."""
        for batch in history:
            await store.append(batch)
            clock.advance(1)
            log = await store.read(EventQuery(), limit=10_000)
            assert await store.digest() == digest_by_fold(PROJECTIONS, log)
        before, after = await store.rebuild()
        assert before == after == await store.digest()

    async def test_rebuilding_mends_rows(self, store: Store, intruder: Intruder) -> None:
        """Rows that were damaged come back from the log, and the digests tell of it."""
        await store.append([added("T1"), added("T2"), done("T1")])
        await intruder.smudge("board", "T1")
        before, after = await store.rebuild()
        assert before != after
        log = await store.read(EventQuery(), limit=10_000)
        assert after == digest_by_fold(PROJECTIONS, log) == await store.digest()
        assert await store.rebuild() == (after, after)
