"""Judges stored weighings again where what judged them changed: a slice at a time, each one transaction.

The code is ingest's own (`ingest.judging`), so what is judged again comes out as if it arrived now. Only what is
different is written; doing it again changes nothing. A worker that is killed leaves the slice undone, and the next goes
on there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import structlog
from psycopg import Connection

from db import alerts, caps, rejudging, standing
from db.rejudging import Progress, Request
from domain.alert import RejudgedBecause
from domain.alert_step import WithdrawReason
from domain.ids import MarketId
from ingest.judging import JUDGED_KINDS
from ingest.raising import counting, raise_leads
from ingest.rejudged_slices import JudgedSlice, JudgedWeighings, Place, SliceJudge, revisions
from ingest.seeing import SEEN_AGAIN
from ingest.slices_ahead import SlicesAhead
from pricing.leads import gather
from pricing.policy import RulesPolicy
from pricing.rejudgement import Outcome, compare
from supervision.alerts.handling import withdraw_by_itself
from supervision.alerts.states import STANDING

log = structlog.get_logger()

SLICE: Final = 20_000
_KINDS: Final = (*JUDGED_KINDS, *SEEN_AGAIN)
_REASONS: Final = {
    RejudgedBecause.LIST: WithdrawReason.LIST_CHANGED,
    RejudgedBecause.BINDING: WithdrawReason.BINDING_CHANGED,
    RejudgedBecause.EXEMPTION: WithdrawReason.EXEMPTION_CHANGED,
    RejudgedBecause.NAMES: WithdrawReason.NAMES_CHANGED,
    RejudgedBecause.PURCHASE: WithdrawReason.PURCHASE_CHANGED,
    RejudgedBecause.BY_HAND: WithdrawReason.JUDGED_AGAIN,
}

#: Overturns a confirmed alert of which nothing stands any more: (connection, alert_id, why, now).
Overturn = Callable[[Connection, int, str, datetime], None]


@dataclass(slots=True)
class Rejudger:
    """Works requests off by one policy."""

    policy: RulesPolicy
    overturn: Overturn
    size: int = SLICE
    judge: SliceJudge = field(init=False)

    def __post_init__(self) -> None:
        self.judge = SliceJudge(self.policy, self.size)

    def step(self, conn: Connection, now: datetime, ahead: SlicesAhead | None = None) -> Progress | None:
        """Judge the next slice again, in one transaction; None: there is nothing to do, or another worker is at it.

        `ahead` judges the slice after it meanwhile. Raise Unavailable (through `translate_absence`) where the database
        goes away; nothing of the slice is kept then.
        """
        with conn.transaction():
            if not rejudging.try_to_rejudge(conn):
                return None
            asked = rejudging.next_request(conn)
            if asked is None:
                return None
            markets = rejudging.markets_of(conn, asked)
            if asked.started_at is None:  # counting takes long: before anybody has to wait
                rejudging.begin(conn, asked, markets, now)
            # Nothing that judges changes until this is committed.
            caps.share_what_judges(conn)
            progress = self._slice(conn, asked, markets, now, ahead)
            rejudging.note_progress(conn, asked.rejudgement_id, progress)
        if progress.finished_at is not None:
            log.info("judged again", rejudgement_id=asked.rejudgement_id, cause=asked.cause, about=asked.about)
        return progress

    def _slice(
        self,
        conn: Connection,
        asked: Request,
        markets: Sequence[MarketId],
        now: datetime,
        ahead: SlicesAhead | None,
    ) -> Progress:
        market_id = asked.at_market or next(iter(markets), None)
        if market_id is None:
            return Progress(at_market=None, finished_at=now)
        place = Place(asked=asked, market_id=market_id, by_arrival=asked.by_arrival, reached=asked.reached)
        judged = self._judged(conn, place, ahead)
        if ahead is not None and judged.next is not None:
            ahead.begin(judged.next)
        done = self._write(conn, asked, market_id, judged.found, now) if judged.found is not None else _NOTHING
        turn = (market_id, asked.by_arrival) if judged.end is not None else _turn(asked, market_id, markets)
        return Progress(
            at_market=turn[0],
            by_arrival=turn[1],
            reached=judged.end,
            looked_at=len(judged),
            changed=done.changed,
            raised=done.raised,
            withdrawn=done.withdrawn,
            finished_at=now if turn[0] is None else None,
        )

    def _judged(self, conn: Connection, place: Place, ahead: SlicesAhead | None) -> JudgedSlice:
        if ahead is None:
            return self.judge.judge(conn, place)
        taken = ahead.take(place, revisions(conn))
        if taken is not None:
            return taken
        ahead.forget()
        return self.judge.judge(conn, place)

    def _write(
        self, conn: Connection, asked: Request, market_id: MarketId, found: JudgedWeighings, now: datetime
    ) -> "_Done":
        if len(found.differing):
            rejudging.write(conn, market_id, found.judged.rows, found.differing, found.stored.span)
        outcome = self._settle(conn, market_id, found)
        raise_leads(conn, gather(outcome.raised), now)
        self._take_back(conn, asked, outcome, now)
        return _Done(changed=len(found.differing), raised=len(outcome.raised), withdrawn=len(outcome.withdrawn))

    def _settle(self, conn: Connection, market_id: MarketId, found: JudgedWeighings) -> Outcome:
        """Find what is to be done about the alerts, with those held that are changed by it."""
        span = found.stored.span
        said = standing.standing(conn, market_id, *span, _KINDS)
        looked_at = found.stored.those_of(one.key for one in said)
        outcome = compare(said, found.seen, looked_at)
        if not outcome.touched:
            return outcome
        # Somebody may have decided on one of them meanwhile. With those that occurrences are added to: in one order.
        alerts.hold_by_itself(conn, {*outcome.touched, *counting(conn, gather(outcome.raised))})
        return compare(standing.standing(conn, market_id, *span, _KINDS), found.seen, looked_at)

    def _take_back(self, conn: Connection, asked: Request, outcome: Outcome, now: datetime) -> None:
        if not outcome.touched:
            return
        standing.withdraw(conn, asked.rejudgement_id, outcome.withdrawn)
        standing.correct(conn, outcome.corrected)
        standing.recount(conn, outcome.touched, now)
        for alert_id, state in standing.without_occurrences(conn, outcome.touched):
            if state in STANDING:
                self.overturn(conn, alert_id, _words(asked), now)
            else:
                withdraw_by_itself(conn, alert_id, _REASONS[asked.cause], now, note=asked.about)


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


def _words(asked: Request) -> str:
    """Say in both languages why a confirmed alert is overturned; it goes into the trail as a note."""
    zh, en = _WHY[asked.cause]
    about = f" ({asked.about})" if asked.about else ""
    return f"依据变更后重新判定{about}: {zh}. Judged again{about}: {en}."


_WHY: Final = {
    RejudgedBecause.LIST: ("调控价清单变更", "the list changed"),
    RejudgedBecause.BINDING: ("秤的归属变更", "whose the scale was changed"),
    RejudgedBecause.EXEMPTION: ("豁免变更", "an exemption changed"),
    RejudgedBecause.NAMES: ("品名对应变更", "what a name means changed"),
    RejudgedBecause.PURCHASE: ("进货凭证变更", "a purchase changed"),
    RejudgedBecause.BY_HAND: ("人工要求", "by hand"),
}
