"""Which moment each weighing of a batch is judged by, and what the batch says of its senders' clocks. Pure.

By columns what `pricing.clocks.judged_at` says of one weighing.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

import numpy as np

from db.journals import JournalKey, JournalState
from domain.clock import ClockReading
from ingest.columns import Columns, Source
from ingest.instants import microseconds
from pricing.clocks import drift_of, is_beyond, measured
from pricing.policy import Clock
from pricing.rules_of_columns import Flags, Whole

_US: Final = timedelta(microseconds=1)
_US_IN_AN_MS: Final = 1000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Moments(NamedTuple):
    """The moment (microseconds since 1970, UTC) that judges each weighing, and whether that is its arrival.

    `is_off`: whether its sender's clock is further off than one may be, and `ahead_s` by how much (negative: behind).
    """

    judged_us: Whole
    at_arrival: Flags
    is_off: Flags
    ahead_s: Whole

    def only(self, row: int) -> datetime:
        """Return the moment that judges one weighing."""
        return _EPOCH + timedelta(microseconds=int(self.judged_us[row]))


def read_clocks(
    sources: Sequence[Source], known: Mapping[JournalKey, JournalState], policy: Clock
) -> dict[JournalKey, ClockReading]:
    """Return what is known of the clocks of those journals whose messages say when they were sent."""
    best: dict[JournalKey, tuple[int, datetime]] = {}
    for source in sources:
        if source.sent_at is not None:
            ahead_ms = (source.sent_at - source.received_at) // _US // _US_IN_AN_MS
            seen = best.get(source.journal)
            if seen is None:
                best[source.journal] = ahead_ms, source.received_at
            else:
                best[source.journal] = max(seen[0], ahead_ms), max(seen[1], source.received_at)
    return {
        key: measured(known[key].clock, ahead_ms=ahead_ms, at=at, policy=policy) for key, (ahead_ms, at) in best.items()
    }


def moments_of(
    columns: Columns,
    known: Mapping[JournalKey, JournalState],
    readings: Mapping[JournalKey, ClockReading],
    policy: Clock,
) -> Moments:
    """Return which moment judges each weighing, `readings` being what the batch itself adds to what is known."""
    drifts = {key: drift_of(readings.get(key, state.clock)) for key, state in known.items()}
    of_source = [drifts[source.journal] for source in columns.sources]
    is_off = np.array([drift is not None and is_beyond(drift, policy) for drift in of_source], np.bool_)[columns.source]
    drift_us = np.array([0 if drift is None else drift // _US for drift in of_source], np.int64)[columns.source]
    received_us = microseconds([source.received_at for source in columns.sources])[columns.source]
    ahead_us = columns.weighed_us - received_us
    is_ahead = ahead_us > policy.drift_limit // _US
    at_arrival = ~columns.clock_synced | is_ahead | is_off
    return Moments(
        judged_us=np.where(at_arrival, received_us, columns.weighed_us),
        at_arrival=at_arrival,
        is_off=is_off | is_ahead,
        ahead_s=np.where(is_ahead, np.maximum(ahead_us, drift_us), drift_us) // (_US_IN_AN_MS * 1000),
    )
