"""Judges stored weighings again where what judged them changed: a slice at a time, each one transaction.

The code is ingest's own (`ingest.judging`), so what is judged again comes out as if it arrived now. Only what is
different is written; doing it again changes nothing. A worker that is killed leaves the slice undone, and the next goes
on there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import numpy as np
import structlog
from psycopg import Connection

from db import caps, rejudging, standing
from db.rejudging import Progress, Request, Row
from domain.alert import AlertState, CloseReason, RejudgedBecause
from domain.ids import MarketId
from ingest.holding import RegistryKeeper, holding_of, scales_of
from ingest.judging import JUDGED_KINDS, Judged, goods_of, judge_batch, sold_of
from ingest.raising import raise_leads
from ingest.seeing import SEEN_AGAIN, see
from ingest.stored_columns import Stored, stored_columns
from pricing.caps_of_columns import CapsOf
from pricing.leads import Occurrence, gather
from pricing.policy import RulesPolicy
from pricing.price_book import BookKeeper, caps_for
from pricing.rejudgement import Outcome, compare
from supervision.handling import close_by_itself

log = structlog.get_logger()

SLICE: Final = 20_000
_KINDS: Final = (*JUDGED_KINDS, *SEEN_AGAIN)
_REASONS: Final = {
    RejudgedBecause.LIST: CloseReason.LIST_CHANGED,
    RejudgedBecause.BINDING: CloseReason.BINDING_CHANGED,
    RejudgedBecause.EXEMPTION: CloseReason.EXEMPTION_CHANGED,
    RejudgedBecause.NAMES: CloseReason.NAMES_CHANGED,
    RejudgedBecause.PURCHASE: CloseReason.PURCHASE_CHANGED,
    RejudgedBecause.BY_HAND: CloseReason.JUDGED_AGAIN,
}

#: Overturns a confirmed alert of which nothing stands any more: (connection, alert_id, why, now).
Overturn = Callable[[Connection, int, str, datetime], None]


@dataclass(slots=True)
class Rejudger:
    """Works requests off by one policy. Keeps price book and registry from slice to slice."""

    policy: RulesPolicy
    overturn: Overturn
    size: int = SLICE
    _books: BookKeeper = field(default_factory=BookKeeper)
    _keeper: RegistryKeeper = field(default_factory=RegistryKeeper)

    def step(self, conn: Connection, now: datetime) -> Progress | None:
        """Judge the next slice again, in one transaction; None: there is nothing to do, or another worker is at it.

        Raise Unavailable (through `translate_absence`) where the database goes away; nothing of the slice is kept then.
        """
        with conn.transaction():
            if not rejudging.try_to_rejudge(conn):
                return None
            asked = rejudging.next_request(conn)
            if asked is None:
                return None
            # Nothing that judges changes until this is committed.
            caps.share_what_judges(conn)
            progress = self._slice(conn, asked, now)
            rejudging.note_progress(conn, asked.rejudgement_id, progress)
        if progress.finished_at is not None:
            log.info("judged again", rejudgement_id=asked.rejudgement_id, cause=asked.cause, about=asked.about)
        return progress

    def _slice(self, conn: Connection, asked: Request, now: datetime) -> Progress:
        markets = rejudging.markets_of(conn, asked)
        if asked.started_at is None:
            rejudging.begin(conn, asked, markets, now)
        market_id = asked.at_market or next(iter(markets), None)
        if market_id is None:
            return Progress(at_market=None, finished_at=now)
        rows, end = rejudging.slice_of(
            conn, asked, market_id, by_arrival=asked.by_arrival, reached=asked.reached, size=self.size
        )
        done = self._rejudge(conn, asked, market_id, rows, now) if rows else _NOTHING
        at_market, by_arrival = (market_id, asked.by_arrival) if end is not None else _turn(asked, market_id, markets)
        return Progress(
            at_market=at_market,
            by_arrival=by_arrival,
            reached=end,
            looked_at=len(rows),
            changed=done.changed,
            raised=done.raised,
            withdrawn=done.withdrawn,
            finished_at=now if at_market is None else None,
        )

    def _rejudge(
        self, conn: Connection, asked: Request, market_id: MarketId, rows: Sequence[Row], now: datetime
    ) -> "_Done":
        stored = stored_columns(market_id, rows)
        judged, under = self._judge(conn, stored, by_arrival=asked.by_arrival)
        earliest, latest = min(stored.columns.weighed_at), max(stored.columns.weighed_at)
        changed = _changed(stored, judged)
        if changed:
            rejudging.write(conn, market_id, changed, earliest, latest)
        outcome = self._settle(conn, stored, judged, under, (earliest, latest))
        raise_leads(conn, gather(outcome.raised), now)
        self._take_back(conn, asked, outcome, now)
        return _Done(changed=len(changed), raised=len(outcome.raised), withdrawn=len(outcome.withdrawn))

    def _judge(self, conn: Connection, stored: Stored, *, by_arrival: bool) -> tuple[Judged, CapsOf]:
        columns, moments = stored.columns, stored.moments(by_arrival=by_arrival)
        spans = self._keeper.spans(conn, scales_of(columns))
        holding = holding_of(columns, moments.judged_us, spans)
        book = self._books.current(conn)
        goods = goods_of(columns, book)
        sold = sold_of(columns, goods, holding, moments, book)
        under = caps_for(conn, sold, book, self.policy.purchases)
        judged = judge_batch(columns, goods, holding, moments, sold, under, self.policy.judging, stored.voids)
        return judged, under

    def _settle(
        self, conn: Connection, stored: Stored, judged: Judged, under: CapsOf, span: tuple[datetime, datetime]
    ) -> Outcome:
        """Find what is to be done about the alerts, with those held that are changed by it."""
        market_id = stored.columns.sources[0].journal.market_id
        rows = np.arange(len(stored.columns))
        found = see(judged, under, self._keeper.facts, self.policy.findings, rows)
        again = (one for one in found if one.kind in SEEN_AGAIN)
        seen: list[Occurrence] = [*judged.occurrences(rows), *again]
        said = standing.standing(conn, market_id, *span, _KINDS)
        lines = frozenset(stored.lines) if said else frozenset()
        outcome = compare(said, seen, lines)
        if not outcome.touched:
            return outcome
        # Somebody may have decided on one of them meanwhile.
        standing.lock_alerts(conn, outcome.touched)
        return compare(standing.standing(conn, market_id, *span, _KINDS), seen, lines)

    def _take_back(self, conn: Connection, asked: Request, outcome: Outcome, now: datetime) -> None:
        if not outcome.touched:
            return
        standing.withdraw(conn, asked.rejudgement_id, outcome.withdrawn)
        standing.correct(conn, outcome.corrected)
        standing.recount(conn, outcome.touched, now)
        for alert_id, state in standing.without_occurrences(conn, outcome.touched):
            if state is AlertState.CONFIRMED:
                self.overturn(conn, alert_id, _words(asked), now)
            else:
                close_by_itself(conn, alert_id, _REASONS[asked.cause], now, note=asked.about)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Done:
    changed: int
    raised: int
    withdrawn: int


_NOTHING: Final = _Done(changed=0, raised=0, withdrawn=0)


def _turn(asked: Request, market_id: MarketId, markets: Sequence[MarketId]) -> tuple[MarketId | None, bool]:
    """Return what comes when a market's turn is over: what it judged by arrival, then the next market."""
    if not asked.by_arrival:
        return market_id, True
    return next((one for one in markets if one > market_id), None), False


def _changed(stored: Stored, judged: Judged) -> list[tuple[Any, ...]]:
    """Return the rows that come out differently: key, holder, species and judgement, as they are to be."""
    rows = judged.rows
    holders = [rows.holder.rows[place] for place in rows.holder.of.tolist()]
    outcomes = [rows.outcome.rows[place][1:] for place in rows.outcome.of.tolist()]
    codes = [rows.goods.rows[place][0] for place in rows.goods.of.tolist()]
    excess, overcharge = rows.numbers["excess_fen"].tolist(), rows.numbers["overcharge_fen"].tolist()
    found = zip(stored.lines, stored.judged, stored.species, holders, codes, outcomes, excess, overcharge, strict=True)
    return [
        (*line, *holder, code, *outcome, over, charge)
        for line, was, species, holder, code, outcome, over, charge in found
        if (*holder, *outcome, over, charge) != was or code != species
    ]


def _words(asked: Request) -> str:
    """Say in both languages why a confirmed alert is overturned; it goes into the trail as a note."""
    zh, en = _WHY[asked.cause]
    about = f" ({asked.about})" if asked.about else ""
    return f"依据变更后重新判定{about}: {zh}. Judged again{about}: {en}."


_WHY: Final = {
    RejudgedBecause.LIST: ("限价清单变更", "the list changed"),
    RejudgedBecause.BINDING: ("秤的归属变更", "whose the scale was changed"),
    RejudgedBecause.EXEMPTION: ("豁免变更", "an exemption changed"),
    RejudgedBecause.NAMES: ("品名对应变更", "what a name means changed"),
    RejudgedBecause.PURCHASE: ("进货凭证变更", "a purchase changed"),
    RejudgedBecause.BY_HAND: ("人工要求", "by hand"),
}
