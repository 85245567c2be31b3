"""Who asks for which report, and by which rules it is made."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from psycopg import Connection

from credit.reports.finality import final_until
from credit.reports.kinds import AboutWhom, Variant
from credit.reports.periods import before
from credit.reports.scores import ScoreDay
from credit.reports.shape_of_parts import Period, RulesUsed, TierUsed
from credit.rules.book import rulebook
from credit.rules.shape import CreditRules
from credit.rules.versions import CALENDAR, Rulebook
from db import registry
from db.registry import Market
from db.report_figures import Scope
from domain.errors import NotFound
from domain.ids import MarketId, VendorId
from supervision.alerts.states import STANDING
from supervision.policy import SupervisionPolicy


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A report that is asked for. Without a market it is of the city, without a vendor of a market."""

    period: Period
    variant: Variant
    market_id: MarketId | None = None
    vendor_id: VendorId | None = None

    @property
    def kind(self) -> AboutWhom:
        """Whom it is about."""
        if self.vendor_id is not None:
            return AboutWhom.VENDOR
        return AboutWhom.CITY if self.market_id is None else AboutWhom.MARKET


@dataclass(frozen=True, kw_only=True, slots=True)
class Basis:
    """What reports are made by: the rules that are shipped, and the calendar that days of appeal are counted by."""

    shipped: CreditRules
    supervision: SupervisionPolicy


@dataclass(frozen=True, kw_only=True, slots=True)
class Making:
    """A report in the making: what is asked, of which markets, at which moment, by which rules."""

    asked: Asked
    code: str
    known_at: datetime
    markets: dict[MarketId, Market]
    book: Rulebook
    scope: Scope
    appeal_days: int

    @property
    def before(self) -> Period:
        """The period that it is compared with."""
        return before(self.asked.period)

    @property
    def at(self) -> ScoreDay:
        """The day its scores stand at."""
        return ScoreDay(day=self.asked.period.last, rules=self.book.at(self.asked.period.last))

    @property
    def compared(self) -> ScoreDay:
        """The day they are compared with."""
        return ScoreDay(day=self.before.last, rules=self.book.at(self.before.last))

    @property
    def looks_back_to(self) -> date:
        """The first day that its figures go back to."""
        return min(self.before.first, self.at.since, self.compared.since)

    def rules_used(self) -> RulesUsed:
        """Return the rules as the report names them."""
        rules = self.at.rules
        return RulesUsed(
            version=rules.version,
            version_before=self.compared.rules.version,
            in_force_from=rules.in_force_from,
            base=rules.base,
            floor=rules.floor,
            ceiling=rules.ceiling,
            cycle=rules.cycle,
            appeal_days=self.appeal_days,
        )

    def tiers(self, now: dict[str, int], then: dict[str, int]) -> tuple[TierUsed, ...]:
        """Return the tiers with how many vendors are in each, now and then."""
        return tuple(
            TierUsed(
                name=tier.name,
                from_points=tier.from_points,
                zh=tier.zh,
                en=tier.en,
                vendors=now.get(tier.name, 0),
                vendors_before=then.get(tier.name, 0),
            )
            for tier in self.at.rules.tier
        )


def making(conn: Connection, asked: Asked, basis: Basis, *, code: str, known_at: datetime) -> Making:
    """Look up what a report is made of. Raise NotFound where there is no such market."""
    markets = {one.market_id: one for one in registry.markets(conn)}
    if asked.market_id is not None:
        if asked.market_id not in markets:
            raise NotFound(f"there is no market {asked.market_id}")
        markets = {asked.market_id: markets[asked.market_id]}
    return Making(
        asked=asked,
        code=code,
        known_at=known_at,
        markets=markets,
        book=rulebook(conn, basis.shipped),
        scope=scope_of(asked.market_id, asked.vendor_id, basis.supervision, known_at, calendar_of(markets, asked)),
        appeal_days=basis.supervision.appeal.working_days,
    )


def calendar_of(markets: dict[MarketId, Market], asked: Asked) -> ZoneInfo:
    """Return by which calendar the days of a report are: its market's; a city's by the city's."""
    return CALENDAR if asked.market_id is None else ZoneInfo(markets[asked.market_id].timezone)


def scope_of(
    market_id: MarketId | None,
    vendor_id: VendorId | None,
    policy: SupervisionPolicy,
    known_at: datetime,
    zone: ZoneInfo,
) -> Scope:
    """Return whom to look at as known at a moment, and until when decisions are final by then."""
    today = known_at.astimezone(zone).date()
    return Scope(
        market_id=market_id,
        vendor_id=vendor_id,
        known_at=known_at,
        final_until=final_until(today, policy.working_calendar, policy.appeal.working_days),
        standing=frozenset(STANDING),
    )
