"""What was counted of a market's days, kept for a while: counting a day of trade takes longer than a page may.

A count that is a little old is shown as it is while it is counted anew beside; one that is too old is waited for. Every
page says when what it shows was counted.
"""

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from psycopg import Connection
from psycopg_pool import ConnectionPool

from db.day_trends import PriceCount, histogram
from db.pool import translate_absence
from domain.errors import Unavailable
from domain.ids import MarketId

_MOST_KEPT: Final = 64
_LOG = logging.getLogger("steelyard.web")

Count = Callable[[Connection, MarketId, datetime, datetime], Sequence[PriceCount]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Patience:
    """Up to `fresh` a count is as good as new; up to `usable` it is shown, and counted anew beside."""

    fresh: timedelta
    usable: timedelta


#: A day that still goes on; and one that is over, which late weighings and corrected lists still move.
RUNNING: Final = Patience(fresh=timedelta(seconds=10), usable=timedelta(seconds=90))
OVER: Final = Patience(fresh=timedelta(minutes=2), usable=timedelta(minutes=30))


@dataclass(frozen=True, kw_only=True, slots=True)
class Counted:
    """A day's prices, and when they were counted."""

    prices: Sequence[PriceCount]
    at: datetime


@dataclass(slots=True)
class _Kept:
    lock: threading.Lock = field(default_factory=threading.Lock)
    counted: Counted | None = None
    is_being_counted: bool = False


class DayCounts:
    """Kept by the running service; closed with it. May be asked by any thread."""

    def __init__(
        self,
        pool: ConnectionPool,
        *,
        count: Count = histogram,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._pool, self._count, self._clock = pool, count, clock
        self._kept: OrderedDict[tuple[MarketId, datetime, datetime], _Kept] = OrderedDict()
        self._lock = threading.Lock()
        self._beside = ThreadPoolExecutor(max_workers=1, thread_name_prefix="day-counts")

    def of(self, conn: Connection, market_id: MarketId, since: datetime, until: datetime) -> Counted:
        """Return the prices of a market's day `[since, until)`; Unavailable where they must be counted and cannot."""
        key = (market_id, since, until)
        kept = self._of_key(key)
        now = self._clock()
        patience = RUNNING if now < until else OVER
        known = kept.counted
        if known is not None and now - known.at < patience.fresh:
            return known
        if known is not None and now - known.at < patience.usable:
            self._count_beside(key, kept)
            return known
        with kept.lock:  # whoever asks meanwhile waits for the same count
            if kept.counted is None or self._clock() - kept.counted.at >= patience.fresh:
                kept.counted = self._counted(conn, key)
            return kept.counted

    def close(self) -> None:
        """Count nothing more."""
        self._beside.shutdown(wait=True, cancel_futures=True)

    def _of_key(self, key: tuple[MarketId, datetime, datetime]) -> _Kept:
        with self._lock:
            kept = self._kept.setdefault(key, _Kept())
            self._kept.move_to_end(key)
            while len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
            return kept

    def _count_beside(self, key: tuple[MarketId, datetime, datetime], kept: _Kept) -> None:
        with self._lock:
            if kept.is_being_counted:
                return
            kept.is_being_counted = True
        self._beside.submit(self._recount, key, kept)

    def _recount(self, key: tuple[MarketId, datetime, datetime], kept: _Kept) -> None:
        try:
            with translate_absence(), self._pool.connection() as conn:
                kept.counted = self._counted(conn, key)
        except Unavailable as error:  # the old count stands until it is too old; then whoever asks is told
            _LOG.warning("a day was not counted anew: %s", error)
        finally:
            kept.is_being_counted = False

    def _counted(self, conn: Connection, key: tuple[MarketId, datetime, datetime]) -> Counted:
        at = self._clock()
        return Counted(prices=self._count(conn, *key), at=at)
