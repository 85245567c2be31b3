"""What markets trade, and the references that trade proposes."""

from datetime import date, datetime

from fastapi import APIRouter

from db.registry import Market
from pricing.reference_proposals import Proposal
from pricing.traded import GoodsTrend, Traded
from web.api.models import Body, Model
from web.day_trends import AskedDay, AskedMarket, DayTrends, market_of, proposals_on, take_over, trends_on
from web.signed_in import SeesCaps, TakesReferencesOver
from web.state import Db, Now, Running
from web.texts import Text

router = APIRouter(prefix="/trends", tags=["trends"])


class TradedGoods(Model):
    """A day's sales of goods. Prices are fen per `unit`; quartiles are prices that were really asked."""

    weighings: int
    net_g: int
    paid_fen: int
    over_cap: int
    lower_fen: int | None
    median_fen: int | None
    upper_fen: int | None
    lowest_cap_fen: int | None
    highest_cap_fen: int | None


class GoodsOfDay(Model):
    """Goods on a day (`today`) and on the day before; null: not sold. Thousandths of the cap, and of the day before."""

    species_code: str
    name_zh: str
    name_en: str
    grade: str
    unit: str
    today: TradedGoods | None
    before: TradedGoods | None
    against_cap_permille: int | None
    against_before_permille: int | None


class MarketTrends(Model):
    """What a market traded on a day of its own clock."""

    market_id: str
    market_name: str
    timezone: str
    day: date
    counted_at: datetime
    goods: list[GoodsOfDay]


class ReferenceThere(Model):
    """A wholesale reference as published or taken over; `price_fen` null: out of stock."""

    price_fen: int | None
    price_unit: str
    source: str
    entered_by: str
    entered_at: datetime


class ReferenceProposal(Model):
    """What a day's median price proposes, fen per `unit`.

    `markup_permille` null: no rate is in force, and the median itself is proposed.
    """

    species_code: str
    name_zh: str
    grade: str
    unit: str
    weighings: int
    median_fen: int
    proposed_fen: int
    markup_permille: int | None
    allowance_permille: int | None
    published: ReferenceThere | None


class TakeOverRequest(Body):
    """Which proposal, and at which price it was seen: one that moved meanwhile is refused."""

    species_code: Text
    grade: Text = ""
    unit: Text
    seen_fen: int


@router.get("")
def trends(
    running: Running, conn: Db, now: Now, viewer: SeesCaps, market: AskedMarket = "", day: AskedDay = None
) -> MarketTrends:
    """A market's traded prices of a day (the first visible market, today), goods by goods."""
    found, _ = market_of(conn, viewer, market)
    return _trends(trends_on(conn, running.day_counts, found, day, now))


@router.get("/references")
def proposals(
    running: Running, conn: Db, now: Now, viewer: SeesCaps, market: AskedMarket = "", day: AskedDay = None
) -> list[ReferenceProposal]:
    """What the trade of a day proposes as its wholesale references, beside those that are there."""
    found, _ = market_of(conn, viewer, market)
    return [_proposal(one) for one in proposals_on(conn, trends_on(conn, running.day_counts, found, day, now))]


@router.post("/references")
def take_reference_over(
    running: Running,
    conn: Db,
    now: Now,
    viewer: TakesReferencesOver,
    body: TakeOverRequest,
    market: AskedMarket = "",
    day: AskedDay = None,
) -> list[ReferenceProposal]:
    """Make a proposal the reference of its day, in the name of the person; one that is there already stays."""
    found, _ = market_of(conn, viewer, market)
    shown = trends_on(conn, running.day_counts, found, day, now)
    take_over(conn, viewer, shown, body.species_code, body.grade, body.unit, body.seen_fen, now)
    return [_proposal(one) for one in proposals_on(conn, shown)]


def _trends(shown: DayTrends) -> MarketTrends:
    market: Market = shown.market
    return MarketTrends(
        market_id=market.market_id,
        market_name=market.name,
        timezone=market.timezone,
        day=shown.day,
        counted_at=shown.counted_at,
        goods=[_goods(shown, one) for one in shown.goods],
    )


def _goods(shown: DayTrends, goods: GoodsTrend) -> GoodsOfDay:
    words = shown.words.get(goods.species_code)
    return GoodsOfDay(
        species_code=goods.species_code,
        name_zh=words.name_zh if words else "",
        name_en=words.name_en if words else "",
        grade=goods.grade,
        unit="piece" if goods.by_piece else "kg",
        today=_traded(goods.today),
        before=_traded(goods.before),
        against_cap_permille=goods.against_cap_permille,
        against_before_permille=goods.against_before_permille,
    )


def _traded(traded: Traded | None) -> TradedGoods | None:
    return None if traded is None else TradedGoods.model_validate(traded)


def _proposal(one: Proposal) -> ReferenceProposal:
    return ReferenceProposal(
        species_code=one.species.species_code,
        name_zh=one.species.name_zh,
        grade=one.grade,
        unit=one.price_unit,
        weighings=one.weighings,
        median_fen=one.median_fen,
        proposed_fen=one.proposed_fen,
        markup_permille=None if one.rate is None else one.rate.markup_permille,
        allowance_permille=None if one.rate is None else one.rate.allowance_permille,
        published=None if one.published is None else ReferenceThere.model_validate(one.published),
    )
