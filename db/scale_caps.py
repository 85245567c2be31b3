"""Which cap list each market was told to hold, and which each of its scales holds by what its agent said."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from psycopg import Connection
from psycopg.rows import class_row

from db.queries import load
from domain.device_event import EventKey
from domain.ids import MarketId, ScaleId, StallId

_SQL = load("scale_caps")


class HeldCaps(StrEnum):
    """How a scale stands to the list in force."""

    CURRENT = "current"
    OLD = "old"
    SILENT = "silent"


@dataclass(frozen=True, kw_only=True, slots=True)
class AppliedCaps:
    """An agent said that a scale holds a version now."""

    key: EventKey
    version: str
    applied_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class MarketCapVersion:
    """What a market was told last; `version` None: nothing yet. The counts are of the scales that stand on a stall."""

    market_id: MarketId
    name: str
    timezone: str
    version: str | None
    cap_list_id: int | None
    announced_at: datetime | None
    scales: int
    current: int
    old: int
    silent: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ScaleCaps:
    """What a scale holds; `version` None: its agent never said. `outdated_at`: since when another is in force."""

    scale_id: ScaleId
    stall_id: StallId
    vendor_name: str
    version: str | None
    applied_at: datetime | None
    is_current: bool
    outdated_at: datetime | None

    @property
    def state(self) -> HeldCaps:
        """How it stands to the list in force."""
        if self.version is None:
            return HeldCaps.SILENT
        return HeldCaps.CURRENT if self.is_current else HeldCaps.OLD


def note_applied(conn: Connection, said: Sequence[AppliedCaps]) -> None:
    """Keep what agents said they hold, where it is later than what is known."""
    if not said:
        return
    conn.execute(
        _SQL["applied"],
        {
            "market_ids": [one.key.market_id for one in said],
            "scale_ids": [one.key.scale_id for one in said],
            "versions": [one.version for one in said],
            "applied_ats": [one.applied_at for one in said],
            "journal_ids": [one.key.journal_id for one in said],
            "event_nos": [one.key.event_no for one in said],
        },
    )


def note_announced(conn: Connection, market_id: MarketId, version: str, cap_list_id: int | None, now: datetime) -> None:
    """Keep what a market is told, where it is another version than it was told last."""
    parameters = {"market_id": market_id, "version": version, "cap_list_id": cap_list_id, "now": now}
    conn.execute(_SQL["lock_market"], parameters)
    conn.execute(_SQL["announced"], parameters)


def versions_of(conn: Connection, lists: Collection[tuple[MarketId, int]]) -> dict[tuple[MarketId, int], str]:
    """Return under which version each market was told of a list (market_id, cap_list_id), where it was told last."""
    asked = sorted(lists)
    rows = conn.execute(
        _SQL["versions_of"],
        {"market_ids": [market_id for market_id, _ in asked], "cap_list_ids": [number for _, number in asked]},
    )
    return {(market_id, cap_list_id): version for market_id, cap_list_id, version in rows}


def in_force(conn: Connection, market_ids: Collection[MarketId] | None, now: datetime) -> list[MarketCapVersion]:
    """Return for markets (None: for each) what they were told, and how many of their scales hold that."""
    with conn.cursor(row_factory=class_row(MarketCapVersion)) as cursor:
        asked = None if market_ids is None else list(market_ids)
        return cursor.execute(_SQL["in_force"], {"market_ids": asked, "now": now}).fetchall()


def scales(
    conn: Connection, market_id: MarketId, now: datetime, *, state: HeldCaps | None = None, limit: int = 1000
) -> list[ScaleCaps]:
    """Return a market's scales and what they hold: the longest outdated first, then who never said, then the rest."""
    parameters = {"market_id": market_id, "now": now, "state": state, "limit": limit}
    with conn.cursor(row_factory=class_row(ScaleCaps)) as cursor:
        return cursor.execute(_SQL["scales"], parameters).fetchall()
