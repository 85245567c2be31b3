"""Which moment judges the weighings of a batch: by columns what is said of one."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from db.journals import JournalKey, JournalState
from domain.clock import ClockReading
from domain.ids import JournalId, ScaleId
from ingest.columns import Source, columns_of
from ingest.moments import moments_of, read_clocks
from messages.weighings import read_wire
from pricing.clocks import JudgedBy, drift_of, is_beyond, judged_at
from pricing.policy import Clock
from tests.factories import MARKET, NOW, topic, weighing

POLICY = Clock(drift_limit_s=120, measured_over_s=900)
spans = st.integers(-200_000, 200_000).map(lambda ms: timedelta(milliseconds=ms))
readings = st.none() | st.builds(
    ClockReading,
    since=st.just(NOW - timedelta(seconds=500)),
    until=st.just(NOW - timedelta(seconds=5)),
    ahead_ms=st.integers(-200_000, 200_000),
    settled_ms=st.none() | st.integers(-200_000, 200_000),
)
#: Of a message: the journal it is of, when it was sent, and of each weighing how far ahead it is and what it claims.
batches = st.lists(
    st.tuples(st.integers(0, 2), st.none() | spans, st.lists(st.tuples(spans, st.booleans()), min_size=1, max_size=3)),
    min_size=1,
    max_size=8,
)


def key(n: int) -> JournalKey:
    return JournalKey(MARKET, ScaleId("S-1"), JournalId(f"j{n}"))


@given(batch=batches, known_clocks=st.tuples(readings, readings, readings))
def test_a_batch_is_judged_as_each_of_its_weighings_would_be(
    batch: list[tuple[int, timedelta | None, list[tuple[timedelta, bool]]]],
    known_clocks: tuple[ClockReading | None, ...],
) -> None:
    sources = [
        Source(topic=topic(), journal=key(n), received_at=NOW, sent_at=None if sent_ahead is None else NOW + sent_ahead)
        for n, sent_ahead, _ in batch
    ]
    weighed = [one for _, _, weighings in batch for one in weighings]
    bodies = [
        weighing(seq, weighed_at=(NOW + ahead).isoformat(), clock_synced=is_synced)
        for seq, (ahead, is_synced) in enumerate(weighed, start=1)
    ]
    columns = columns_of(sources, [len(one[2]) for one in batch], [read_wire(body) for body in bodies], bodies)
    known = {key(n): JournalState(0, clock, None) for n, clock in enumerate(known_clocks)}
    found = read_clocks(sources, known, POLICY)
    moments = moments_of(columns, known, found, POLICY)
    for row, (ahead, is_synced) in enumerate(weighed):
        journal = columns.source_of(row).journal
        drift = drift_of(found.get(journal, known[journal].clock))
        alone = judged_at(weighed_at=NOW + ahead, received_at=NOW, clock_synced=is_synced, drift=drift, policy=POLICY)
        judged = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(moments.judged_us[row]))
        assert judged == alone.at
        assert bool(moments.at_arrival[row]) == (alone.by is JudgedBy.SERVER)
        is_measured_off = drift is not None and is_beyond(drift, POLICY)
        assert bool(moments.is_off[row]) == (is_measured_off or ahead > POLICY.drift_limit)
