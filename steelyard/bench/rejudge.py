"""How long it takes to judge a market's weighings again: a list is corrected, and every one of them is written."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import psycopg
from psycopg import Connection

from db import bench, registry
from db.cap_lists import NewCapItem, NewCapList
from db.registry import Market, Placement, Species
from domain.ids import MarketId, ScaleId, SpeciesCode, StallId, VendorId
from domain.price_cap import CapStatus, CapUnit, Channel
from domain.units import Fen
from ingest.rejudging import Rejudger
from ingest.slices_ahead import SlicesAhead
from pricing import publishing
from pricing.policy import RulesPolicy
from steelyard.bench.stand import BrokerKind, empty_database, stand

_MARKET: Final = MarketId("bench")
_SPECIES: Final = 20
_SCALES: Final = 500
_A_DAY: Final = 40_000


@dataclass(frozen=True, kw_only=True, slots=True)
class RejudgePlan:
    """`weighings`: a multiple of a day's 40 000."""

    weighings: int = 1_000_000
    now: datetime = datetime(2026, 11, 22, tzinfo=UTC)

    @property
    def days(self) -> int:
        """How many days of trade that is."""
        return self.weighings // _A_DAY


def measure_rejudging(
    plan: RejudgePlan, policy: RulesPolicy, server: str | None, stop: threading.Event
) -> dict[str, Any]:
    """Judge a market's weighings again after its list was corrected, so that each falls under another list.

    As a worker does it: two connections, beside the database. `raised` and `withdrawn` are occurrences of alerts.
    """
    with stand(server, BrokerKind.EMBEDDED, stop) as where, empty_database(where) as url:
        rejudger = Rejudger(policy=policy, overturn=_never)
        with (
            psycopg.connect(url, autocommit=True) as conn,
            psycopg.connect(url) as reading,
            SlicesAhead(reading, rejudger.judge) as ahead,
        ):
            begins = plan.now - timedelta(days=plan.days)
            _furnish(conn, begins)
            bench.fill_weighings(
                conn, _MARKET, first_day=begins - timedelta(hours=2), days=plan.days, a_day=_A_DAY, scales=_SCALES
            )
            bench.analyze(conn)
            _publish(conn, begins - timedelta(days=2), 0, plan.now)
            first = _work_off(conn, ahead, rejudger, plan.now)
            # A yuan lower for some: alerts are raised, corrected and taken back.
            _publish(conn, begins - timedelta(days=2), 200, plan.now)
            corrected = _work_off(conn, ahead, rejudger, plan.now)
        return {
            "weighings": corrected["looked_at"],
            "seconds": corrected["seconds"],
            "weighings_per_s": round(corrected["looked_at"] / corrected["seconds"]),
            "changed": corrected["changed"],
            "raised": corrected["raised"],
            "withdrawn": corrected["withdrawn"],
            "first": first,
            "engine": where.engine,
        }


def _work_off(conn: Connection, ahead: SlicesAhead, rejudger: Rejudger, now: datetime) -> dict[str, Any]:
    started = time.monotonic()
    total = {"looked_at": 0, "changed": 0, "raised": 0, "withdrawn": 0}
    while (progress := rejudger.step(conn, now, ahead)) is not None:
        for name in total:
            total[name] += getattr(progress, name)
    return {**total, "seconds": round(time.monotonic() - started, 2)}


def _furnish(conn: Connection, begins: datetime) -> None:
    registry.put_market(conn, Market(market_id=_MARKET, name="bench", area="bench", channel=Channel.EATERY.value))
    for n in range(1, _SPECIES + 1):
        code = SpeciesCode(f"F{n:02d}")
        registry.put_species(
            conn,
            Species(species_code=code, name_zh=code, pinyin="", name_en=code, scientific="", category="fish", names=()),
        )
    registry.place_new_scales(conn, list(_placements(begins - timedelta(days=3))))


def _placements(since: datetime) -> Iterator[Placement]:
    for n in range(1, _SCALES + 1):
        yield Placement(
            market_id=_MARKET,
            scale_id=ScaleId(f"S-{n}"),
            stall_id=StallId(f"A-{n}"),
            place="",
            vendor_id=VendorId(f"V-{n}"),
            vendor_name=f"V-{n}",
            serial_number="",
            valid_from=since,
        )


def _publish(conn: Connection, since: datetime, lower_fen: int, now: datetime) -> None:
    """Publish the caps of `fill_weighings`, every second of them lower; a second list of one beginning corrects it."""
    new = NewCapList(area="bench", channel=Channel.EATERY, source="bench", effective_from=since, is_demonstration=True)
    items = [
        NewCapItem(
            species=SpeciesCode(f"F{1 + n:02d}"),
            grade="",
            status=CapStatus.CAPPED,
            unit=CapUnit.KG,
            cap_fen=Fen(10_000 + n * 1000 - lower_fen * (n % 2)),
            published_as="bench",
        )
        for n in range(_SPECIES)
    ]
    with conn.transaction():
        cap_list_id = publishing.draft(conn, new, items, by="bench", at=now)
        publishing.publish(conn, cap_list_id, by="bench", at=now)


def _never(_conn: Connection, alert_id: int, _why: str, _now: datetime) -> None:
    raise AssertionError(f"alert {alert_id} is confirmed; nobody confirms any here")
