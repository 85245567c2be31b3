"""A slice of stored weighings, read and judged by what is in force now: what comes out differently. Writes nothing."""

from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from psycopg import Connection

from db import caps, registry, rejudging
from db.rejudging import Request
from domain.ids import MarketId
from ingest.holding import RegistryKeeper, holding_of, scales_of
from ingest.judging import Judged, goods_of, judge_batch, sold_of
from ingest.seeing import SEEN_AGAIN, see
from ingest.stored_columns import Stored, stored_columns
from pricing.leads import Occurrence
from pricing.policy import RulesPolicy
from pricing.price_book import BookKeeper, caps_for

#: What judged: the numbers of the price book and of the registry, which move with every change.
Revisions = tuple[int, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a slice begins: a request, and how far that has come."""

    asked: Request
    market_id: MarketId
    by_arrival: bool
    reached: datetime | None

    @property
    def key(self) -> tuple[object, ...]:
        """What is the same of two places that are one."""
        return self.asked.rejudgement_id, self.market_id, self.by_arrival, self.reached


@dataclass(frozen=True, kw_only=True, slots=True)
class JudgedWeighings:
    """Some weighings as they are judged now: the rows that differ from what is stored, and what the rules see."""

    stored: Stored
    judged: Judged
    differing: NDArray[np.int64]
    seen: tuple[Occurrence, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class JudgedSlice:
    """A slice as it is judged now. `end`: where the next one begins; None: the market's turn is over."""

    place: Place
    end: datetime | None
    revisions: Revisions
    found: JudgedWeighings | None

    @property
    def next(self) -> Place | None:
        """The place after it, in the same turn."""
        if self.end is None:
            return None
        place = self.place
        return Place(asked=place.asked, market_id=place.market_id, by_arrival=place.by_arrival, reached=self.end)

    def __len__(self) -> int:
        return 0 if self.found is None else len(self.found.stored.columns)


@dataclass(slots=True)
class SliceJudge:
    """Judges slices of `size` by one policy. Keeps price book and registry from one to the next; for one thread."""

    policy: RulesPolicy
    size: int
    _books: BookKeeper = field(default_factory=BookKeeper)
    _keeper: RegistryKeeper = field(default_factory=RegistryKeeper)

    def judge(self, conn: Connection, place: Place) -> JudgedSlice:
        """Read the weighings at a place and judge them. To be called in a transaction that sees one state."""
        stored, end = rejudging.slice_of(
            conn, place.asked, place.market_id, by_arrival=place.by_arrival, reached=place.reached, size=self.size
        )
        found = None
        if stored is not None:
            found = self._judge(conn, stored_columns(place.market_id, stored), by_arrival=place.by_arrival)
        return JudgedSlice(place=place, end=end, revisions=revisions(conn), found=found)

    def _judge(self, conn: Connection, stored: Stored, *, by_arrival: bool) -> JudgedWeighings:
        columns, moments = stored.columns, stored.moments(by_arrival=by_arrival)
        spans = self._keeper.spans(conn, scales_of(columns))
        holding = holding_of(columns, moments.judged_us, spans)
        book = self._books.current(conn)
        goods = goods_of(columns, book)
        sold = sold_of(columns, goods, holding, moments, book)
        under = caps_for(conn, sold, book, self.policy.purchases)
        judged = judge_batch(columns, goods, holding, moments, sold, under, self.policy.judging, stored.voids)
        rows = np.arange(len(columns))
        noticed = see(judged, under, self._keeper.facts, self.policy.findings, rows)
        again = (one for one in noticed if one.kind in SEEN_AGAIN)
        return JudgedWeighings(
            stored=stored,
            judged=judged,
            differing=stored.differing(judged.rows),
            seen=(*judged.occurrences(rows), *again),
        )


def revisions(conn: Connection) -> Revisions:
    """Return the numbers of what judges, as the caller's transaction sees them."""
    return caps.revision(conn), registry.revision(conn)
