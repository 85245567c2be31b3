"""A played market through the product's own decisions: columns, caps, the rules of weighings and of days. Pure."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from statistics import quantiles
from typing import Final

import numpy as np

from db.journals import JournalKey
from db.registry import Binding
from domain.alert import AlertKind
from domain.ids import JournalId, MarketId, ScaleId, SpeciesCode, StallId, VendorId
from domain.price_cap import CapList, CapStatus, CapUnit, Channel, GradeMeaning, PriceCap
from domain.scale import AccuracyClass, ScaleFacts
from domain.units import Fen
from domain.weighed import Usual, Weighed
from ingest.columns import Source, columns_of
from ingest.holding import Holding, Scale
from ingest.judging import goods_of, judge_batch, sold_of
from ingest.moments import Moments
from ingest.seeing import see
from messages.weighings import encode_weighing, read_wire
from pricing.cap_book import CapBook, MarketScope
from pricing.caps_of_columns import caps_of
from pricing.findings.days import MarketDay, sales_of
from pricing.findings.of_days import findings_of_day
from pricing.policy import RulesPolicy
from simulators.market.assortment import shop_of
from simulators.market.day import Day
from simulators.market.goods import MarketGoods, read_goods
from simulators.market.plan import MarketPlan, market_registry
from simulators.market.played_days import DeviceTrick, Played, PlayedVendor, StallDays
from simulators.market.sizes import PieceSize, read_sizes
from simulators.market.vendors import CARELESS_TRICKS, Trick

MARKET: Final = MarketId("played")
_ZONE: Final = "Asia/Shanghai"
_SECOND: Final = JournalId("second")
_FIRST: Final = datetime.fromisoformat("2026-10-12T00:00:00+08:00")
#: The rest of a purchase is honest: what cheats do on so many percent of their sales, as in the market of bytes.
_CHEATS_PERCENT: Final = 60
_CARELESS_PERCENT: Final = 20
_NEEDS_BASKET: Final = (Trick.BASKET, Trick.TARE_ABUSE)
_FACTS: Final = ScaleFacts(
    division_g=5, max_g=15_000, accuracy_class=AccuracyClass.MEDIUM, verified_until=date(2027, 6, 30)
)

ALL_TRICKS: Final[tuple[Trick | DeviceTrick, ...]] = (
    *(trick for trick in Trick if trick is not Trick.NONE),
    *DeviceTrick,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class VendorDay:
    """What a vendor's day came to: how many sales each trick was played on, and which rules spoke.

    `loads`: (settled weight, true weight, price a kg, trick) of what could be weighed again.
    """

    trick: Trick | DeviceTrick
    day_no: int
    sales: int
    tricks: Mapping[str, int]
    kinds: frozenset[AlertKind]
    loads: tuple[tuple[int, int, int, str], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class PlayedMarket:
    """A market of honest vendors and one cheat of each trick; `honest_days` are played before any trick is."""

    goods: Path
    cap_list: Path
    seed: int
    honest: int
    honest_days: int = 8
    days: int = 3
    day: Day = field(default_factory=Day)

    def vendor_days(self, policy: RulesPolicy) -> list[VendorDay]:
        """Play the market, judge what arrives, and return what was seen on each of `days`, vendor by vendor."""
        return _Playing(self, policy).vendor_days()


class _Playing:
    def __init__(self, market: PlayedMarket, policy: RulesPolicy) -> None:
        self._market, self._policy = market, policy
        goods = read_goods(market.goods, market.cap_list)
        sizes = read_sizes(market.cap_list)
        self._tricks: list[Trick | DeviceTrick] = [*([Trick.NONE] * market.honest), *ALL_TRICKS]
        plan = MarketPlan(
            directory=Path(),
            goods=market.goods,
            cap_list=market.cap_list,
            truth=Path(),
            stalls=len(self._tricks),
            seed=market.seed,
        )
        self._vendors: list[PlayedVendor] = []
        for record, trick in zip(market_registry(plan), self._tricks, strict=True):
            rng = random.Random(f"{market.seed}/{record.stall_id}/played")  # noqa: S311 - a simulation
            bare = isinstance(trick, DeviceTrick)
            has_basket = trick in _NEEDS_BASKET or (not bare and rng.random() < 0.5)  # noqa: PLR2004 - every other one
            self._vendors.append(
                PlayedVendor(
                    shop=shop_of(plan, record, goods),
                    trick=trick,
                    percent=_percent(trick),
                    basket_g=rng.randrange(300, 600, 5) if has_basket else 0,
                )
            )
        self._stalls = [
            StallDays(random.Random(f"{market.seed}/{n}/days"), vendor, sizes)  # noqa: S311 - a simulation
            for n, vendor in enumerate(self._vendors)
        ]
        self._book = _book(goods, sizes)
        self._facts: dict[Scale, ScaleFacts] = {
            (MARKET, _scale(n)): replace(_FACTS, usual_tare_g=vendor.basket_g or None)
            for n, vendor in enumerate(self._vendors)
        }

    def vendor_days(self) -> list[VendorDay]:
        before: list[list[list[Weighed]]] = []
        found: list[VendorDay] = []
        for day_no in range(self._market.honest_days + self._market.days):
            is_honest = day_no < self._market.honest_days
            midnight = _FIRST + timedelta(days=day_no)
            played = [stall.play(midnight, self._market.day, honestly=is_honest) for stall in self._stalls]
            weighed, kinds = self._judged([one.weighings for one in played])
            if not is_honest:
                day = self._market_day(midnight, weighed, before)
                for finding in findings_of_day(day, self._policy.findings):
                    kinds[_number(finding.vendor_id)].add(finding.kind)
                found += [
                    VendorDay(
                        trick=self._tricks[n],
                        day_no=day_no - self._market.honest_days,
                        sales=sum(one.tricks.values()),
                        tricks=one.tricks,
                        kinds=frozenset(kinds[n]),
                        loads=tuple(_loads(one.weighings)),
                    )
                    for n, one in enumerate(played)
                ]
            before.append(weighed)
        return found

    def _judged(self, played: Sequence[Sequence[Played]]) -> tuple[list[list[Weighed]], list[set[AlertKind]]]:
        """Judge a day as ingest does; return each vendor's weighings, and the kinds of alerts raised of them."""
        bodies = [[encode_weighing(one.weighing) for one in of_it] for of_it in played]
        flat = [body for of_it in bodies for body in of_it]
        sources = [
            Source(
                topic="",
                journal=JournalKey(MARKET, _scale(n), JournalId("j")),
                received_at=of_it[-1].weighing.weighed_at if of_it else _FIRST,
            )
            for n, of_it in enumerate(played)
        ]
        columns = columns_of(sources, [len(of_it) for of_it in played], [read_wire(body) for body in flat], flat)
        holding = Holding([Binding(_stall(n), _vendor(n)) for n in range(len(played))], columns.source)
        nothing = np.zeros(len(columns), np.bool_)
        moments = Moments(columns.weighed_us, nothing, nothing, np.zeros(len(columns), np.int64))
        goods = goods_of(columns, self._book)
        sold = sold_of(columns, goods, holding, moments, self._book)
        caps = caps_of(sold, self._book)
        voids = np.flatnonzero(columns.voids_seq.there).tolist()
        judged = judge_batch(columns, goods, holding, moments, sold, caps, self._policy.judging, voids)
        rows = np.arange(len(columns))
        kinds: list[set[AlertKind]] = [set() for _ in played]
        for one in (*judged.occurrences(rows), *see(judged, caps, self._facts, self._policy.findings, rows)):
            kinds[_number(one.vendor_id)].add(one.kind)
        weighed: list[list[Weighed]] = [[] for _ in played]
        by_row = [one for of_it in played for one in of_it]
        doubled = {row for row, one in enumerate(by_row) if one.trick == DeviceTrick.DOUBLED.value}
        for row in rows.tolist():
            n = int(columns.source[row])
            species, grade, _plu, _name = goods.told[int(goods.of[row])]
            weighed[n].append(
                Weighed(
                    key=columns.key(row) if row not in doubled else columns.key(row)._replace(journal_id=_SECOND),
                    vendor_id=_vendor(n),
                    stall_id=_stall(n),
                    species=species,
                    grade=grade,
                    net_g=int(columns.net_g[row]),
                    per_kg_fen=int(columns.per_kg_fen.values[row]),
                    verdict=judged.verdict_of(row),
                    received_at=columns.weighed_at[row],
                    voids_seq=int(columns.voids_seq.values[row]) or None,
                )
            )
        return weighed, kinds

    def _market_day(
        self, midnight: datetime, weighed: Sequence[Sequence[Weighed]], before: Sequence[Sequence[Sequence[Weighed]]]
    ) -> MarketDay:
        days = self._policy.findings.low_use.days
        lately = [*before[-(days - 1) :], weighed]
        own: dict[tuple[VendorId, SpeciesCode, str], list[int]] = {}
        of_market: dict[tuple[SpeciesCode, str], list[int]] = {}
        for one in (one for day in before for of_it in day for one in sales_of(of_it) if one.per_kg_fen):
            own.setdefault((one.vendor_id, *one.goods), []).append(one.per_kg_fen or 0)
            of_market.setdefault(one.goods, []).append(one.per_kg_fen or 0)
        return MarketDay(
            market_id=MARKET,
            day=midnight.date(),
            until=midnight + timedelta(hours=self._market.day.closes_h),
            by_vendor={_vendor(n): of_it for n, of_it in enumerate(weighed)},
            own_usual={key: _usual(prices) for key, prices in own.items()},
            market_usual={key: _usual(prices) for key, prices in of_market.items()},
            counts={_vendor(n): sum(len(day[n]) for day in lately) for n in range(len(weighed))},
            scales={_vendor(n): (_scale(n), _stall(n)) for n in range(len(weighed))},
        )


def _percent(trick: Trick | DeviceTrick) -> int:
    if trick is Trick.GAIN:
        return 100
    return _CARELESS_PERCENT if trick in CARELESS_TRICKS else _CHEATS_PERCENT


def _usual(prices: Sequence[int]) -> Usual:
    if len(prices) == 1:
        return Usual(1, prices[0], prices[0], prices[0])
    lower, median, upper = quantiles(prices, n=4, method="inclusive")
    return Usual(len(prices), round(median), round(lower), round(upper))


def _loads(played: Sequence[Played]) -> list[tuple[int, int, int, str]]:
    sales = [one for one in played if one.weighing.voids_seq is None]
    return [(one.weighing.net_g, one.true_g, one.weighing.unit_price_fen_per_kg or 0, one.trick) for one in sales]


def _book(goods: Sequence[MarketGoods], sizes: Mapping[tuple[str, str], PieceSize]) -> CapBook:
    items = []
    for one in goods:
        if one.cap_fen_per_500g is None:
            continue
        size = sizes.get((one.name, one.grade))
        meaning = GradeMeaning(
            least_piece_g=None if size is None else size.least_g, most_piece_g=None if size is None else size.most_g
        )
        items.append(
            PriceCap(
                cap_list_id=1,
                species=SpeciesCode(one.species),
                grade=one.grade,
                status=CapStatus.CAPPED,
                unit=CapUnit.KG,
                cap_fen=Fen(2 * one.cap_fen_per_500g),
                meaning=meaning,
            )
        )
    cap_list = CapList(
        cap_list_id=1,
        area="played",
        channel=Channel.STALL,
        effective_from=_FIRST - timedelta(days=1),
        effective_to=None,
        items=tuple(items),
    )
    return CapBook(
        revision=1,
        lists={("played", Channel.STALL): [cap_list]},
        markets={MARKET: MarketScope(area="played", channel=Channel.STALL, timezone=_ZONE)},
        species=frozenset(SpeciesCode(one.species) for one in goods),
        species_by_name={},
    )


def _vendor(n: int) -> VendorId:
    return VendorId(f"V-{n}")


def _stall(n: int) -> StallId:
    return StallId(f"A-{n}")


def _scale(n: int) -> ScaleId:
    return ScaleId(f"S-{n}")


def _number(vendor_id: VendorId | None) -> int:
    return int(str(vendor_id).removeprefix("V-"))
