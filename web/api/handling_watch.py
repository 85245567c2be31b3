"""How alerts are handled, by market and person."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query

from domain.ids import MarketId
from supervision.alerts.watch import Mark, PersonWatched
from web.api.models import Model
from web.handling_watch import handling_watched
from web.signed_in import SeesHandling
from web.state import Db, Now, Running

router = APIRouter(prefix="/handling", tags=["alerts"])


class PersonHandling(Model):
    """How a person handled a market's alerts. Shares in percent; null where there is nothing to take a share of."""

    actor: str
    confirmed: int
    dismissed: int
    dismissed_percent: int | None
    closed: int
    without_evidence: int
    without_evidence_percent: int | None
    answered: int
    median_answer_s: float | None
    marks: list[Mark]


class MarketHandling(Model):
    """How a market's alerts were handled; `missed` counts missed deadlines by kind."""

    market_id: str
    name: str
    opened: int
    missed: dict[str, int]
    missed_percent: int | None
    marks: list[Mark]
    people: list[PersonHandling]


class Handling(Model):
    """A span of days, both of them within it; a mark is a reason to look, never a finding."""

    first: date
    last: date
    markets: list[MarketHandling]


@router.get("")
def read_handling(
    running: Running,
    conn: Db,
    now: Now,
    viewer: SeesHandling,
    first: Annotated[date | None, Query(description="none: 30 days before the last")] = None,
    last: Annotated[date | None, Query(description="none: today")] = None,
    market: Annotated[str | None, Query(max_length=64)] = None,
) -> Handling:
    """Who confirmed and dismissed how much, how soon, and with what evidence."""
    asked = viewer.narrow(None if market is None else MarketId(market))
    policy = running.config.supervision_policy.watch
    found = handling_watched(conn, asked, first=first, last=last, policy=policy, now=now)
    return Handling(
        first=found.first,
        last=found.last,
        markets=[
            MarketHandling(
                market_id=one.market_id,
                name=one.name,
                opened=one.opened,
                missed=dict(one.missed),
                missed_percent=one.missed_percent,
                marks=list(one.marks),
                people=[_person(person) for person in one.people],
            )
            for one in found.markets
        ],
    )


def _person(of: PersonWatched) -> PersonHandling:
    handled = of.handled
    return PersonHandling(
        actor=handled.actor,
        confirmed=handled.confirmed,
        dismissed=handled.dismissed,
        dismissed_percent=of.dismissed_percent,
        closed=handled.closed,
        without_evidence=handled.without_evidence,
        without_evidence_percent=of.without_evidence_percent,
        answered=handled.answered,
        median_answer_s=handled.median_answer_s,
        marks=list(of.marks),
    )
