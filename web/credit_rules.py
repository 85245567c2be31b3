"""The versions of the rules of credit, for pages and API alike."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from psycopg import Connection

from credit.rules import enacting
from credit.rules.book import rulebook
from credit.rules.comparing import Difference, differences
from credit.rules.reading import parse_credit_rules
from credit.rules.shape import CreditRules
from credit.rules.simulating import Change, Simulation
from credit.rules.simulation import simulation_of
from credit.rules.versions import CALENDAR
from db import credit_rules, registry
from db.credit_rules import RulesVersion
from domain.errors import NotFound
from domain.ids import MarketId
from web.access import Viewer
from web.config import WebConfig

#: A change is tried on so many days before today, unless others are asked for.
_DAYS_TRIED = 90


@dataclass(frozen=True, kw_only=True, slots=True)
class VersionShown:
    """A version with its rules, and what it says otherwise than those in force when it would begin."""

    kept: RulesVersion
    rules: CreditRules
    against: CreditRules
    differences: tuple[Difference, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class MarketTried:
    """A market of a simulation on its last day. `moved`: how many of its vendors would have had another tier."""

    name: str
    before: Mapping[str, int]
    after: Mapping[str, int]
    moved: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Tried:
    """A simulation as a page shows it: its last day by market, the most moved first, and who changes tier."""

    first: date
    last: date
    vendors: int
    markets: tuple[MarketTried, ...]
    changes: tuple[Change, ...]


def version_for(conn: Connection, name: str, config: WebConfig) -> VersionShown:
    """Return a version. Raise NotFound where there is none."""
    kept = credit_rules.version(conn, name)
    if kept is None:
        raise NotFound(f"there is no version {name} of the credit rules")
    rules = parse_credit_rules(name, kept.content)
    against = rulebook(conn, config.credit_rules).at(rules.in_force_from - timedelta(days=1))
    return VersionShown(kept=kept, rules=rules, against=against, differences=tuple(differences(against, rules)))


def propose(conn: Connection, viewer: Viewer, content: str, note: str, config: WebConfig, now: datetime) -> CreditRules:
    """Keep a file as a proposal. Raises what `enacting.propose` raises."""
    return enacting.propose(
        conn,
        content,
        note=note,
        by=viewer.username,
        now=now,
        founding=config.credit_file,
        appeal_days=config.supervision_policy.appeal.working_days,
    )


def try_out(
    conn: Connection,
    viewer: Viewer,
    rules: CreditRules,
    config: WebConfig,
    now: datetime,
    *,
    first: date | None,
    last: date | None,
) -> tuple[Simulation, Tried]:
    """Simulate rules on what happened in the markets that a person sees, by default in the last three months."""
    ends = last or now.astimezone(CALENDAR).date()
    begins = first or ends - timedelta(days=_DAYS_TRIED)
    found = simulation_of(
        conn, rules, shipped=config.credit_rules, first=min(begins, ends), last=ends, market_id=viewer.scope
    )
    names = {one.market_id: one.name for one in registry.markets(conn)}
    of_last = tuple(one for one in found.changes if one.day == ends)
    moved = Counter(one.market_id for one in of_last)
    in_order = sorted(found.markets, key=lambda market_id: (-moved[market_id], market_id))
    markets = tuple(_market(names, market_id, found, ends, moved[market_id]) for market_id in in_order)
    tried = Tried(first=min(begins, ends), last=ends, vendors=found.vendors, markets=markets, changes=of_last)
    return found, tried


def _market(
    names: Mapping[MarketId, str], market_id: MarketId, found: Simulation, day: date, moved: int
) -> MarketTried:
    of_market = found.markets[market_id]
    return MarketTried(
        name=names.get(market_id, market_id), before=of_market.before[day], after=of_market.after[day], moved=moved
    )
