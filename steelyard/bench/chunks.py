"""How long a chunk should be: a year in the table and today's trade on top, for chunks of several lengths and none."""

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import psycopg

from db import bench, registry
from db.migrate import migrate
from db.registry import Market
from domain.errors import BadFile
from domain.ids import MarketId

LENGTHS: Final = (timedelta(hours=6), timedelta(days=1), timedelta(days=7), timedelta(days=30), None)
_BUSY, _QUIET, _SILENT = MarketId("busy"), MarketId("quiet"), MarketId("silent")
_OPENS: Final = timedelta(hours=22)
_ROWS_IN_A_BATCH: Final = 5000
_ROUNDS: Final = 5
_ASKED: Final = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class ChunksPlan:
    """A quiet market for the whole time, so that there are chunks; a busy one lately, so that they are full."""

    days: int = 365
    quiet_a_day: int = 1_000
    busy_days: int = 14
    busy_a_day: int = 40_000
    scales: int = 500
    now: datetime = datetime(2026, 11, 22, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class OfLength:
    """What chunks of a length come to (None: a plain table). `queries`: milliseconds planning and running each."""

    length: timedelta | None
    chunks: int | None
    stored_per_s: float
    queries: Mapping[str, tuple[float, float]] = field(default_factory=dict)


def measure_chunks(plan: ChunksPlan, server_url: str, stop: threading.Event) -> tuple[str, list[OfLength]]:
    """Measure every length; return which database it was, too. Raise BadFile where the server has no TimescaleDB."""
    today = _today(plan, server_url)
    found, engine = [], ""
    for length in LENGTHS:
        if stop.is_set():
            break
        with _Database(server_url, "steelyard_bench_chunks") as url:
            database = migrate(url, plain=length is None)
            if length is not None and database.timescale_version is None:
                raise BadFile("--server", ("has no TimescaleDB: there are no chunks to measure",))
            engine = engine or str(database)
            found.append(_measure(plan, url, length, today))
    return engine, found


class _Database:
    def __init__(self, server_url: str, name: str) -> None:
        self._server_url, self._name = server_url, name

    def __enter__(self) -> str:
        bench.drop_database(self._server_url, self._name)
        bench.create_database(self._server_url, self._name)
        return urlunsplit(urlsplit(self._server_url)._replace(path=f"/{self._name}"))

    def __exit__(self, *_error: object) -> None:
        bench.drop_database(self._server_url, self._name)


def _today(plan: ChunksPlan, server_url: str) -> list[bytes]:
    """Return the busy market's trade of the day after all others, as COPY data."""
    with _Database(server_url, "steelyard_bench_today") as url:
        migrate(url, plain=True)
        with psycopg.connect(url, autocommit=True) as conn:
            bench.fill_weighings(
                conn, MarketId("today"), first_day=plan.now, days=1, a_day=plan.busy_a_day, scales=plan.scales
            )
            return bench.copied_out(conn, _ROWS_IN_A_BATCH)


def _measure(plan: ChunksPlan, url: str, length: timedelta | None, today: Sequence[bytes]) -> OfLength:
    with psycopg.connect(url, autocommit=True) as conn:
        if length is not None:
            bench.chunk_every(conn, length)
        _fill(plan, conn)
        queries = {name: _best(conn, *asked) for name, asked in _hot_queries(plan).items()}
        started = time.monotonic()
        stored = bench.store_pieces(conn, today)
        seconds = time.monotonic() - started
        chunks = bench.chunks(conn) if length is not None else None
    return OfLength(length=length, chunks=chunks, stored_per_s=stored / seconds, queries=queries)


def _fill(plan: ChunksPlan, conn: psycopg.Connection) -> None:
    for market_id in (_BUSY, _QUIET, _SILENT):
        registry.put_market(conn, Market(market_id=market_id, name=market_id, area="sanya", channel="eatery"))
    for market_id, days, a_day in ((_QUIET, plan.days, plan.quiet_a_day), (_BUSY, plan.busy_days, plan.busy_a_day)):
        first_day = plan.now - timedelta(days=days) + _OPENS - timedelta(days=1)
        bench.fill_weighings(conn, market_id, first_day=first_day, days=days, a_day=a_day, scales=plan.scales)
    bench.analyze(conn)


def _best(conn: psycopg.Connection, subject: str, name: str, parameters: Mapping[str, object]) -> tuple[float, float]:
    """The quickest of a few rounds: what disturbs a round is not the database's."""
    rounds = [bench.planned_and_run(conn, subject, name, parameters) for _ in range(_ROUNDS)]
    return min(planned for planned, _ in rounds), min(run for _, run in rounds)


def _hot_queries(plan: ChunksPlan) -> dict[str, tuple[str, str, dict[str, Any]]]:
    yesterday = plan.now - timedelta(days=1)
    scales = range(1, _ASKED + 1)
    seq = plan.busy_days * plan.busy_a_day // plan.scales
    lines = {
        "market_ids": [_BUSY] * _ASKED,
        "scale_ids": [f"S-{n}" for n in scales],
        "journal_ids": [f"journal-of-{n}" for n in scales],
        "seqs": [seq] * _ASKED,
        "first_seqs": [seq] * _ASKED,
        "last_seqs": [seq] * _ASKED,
        "moments": [yesterday] * _ASKED,
    }
    trend = {"market_id": _BUSY, "until": plan.now, "voided_until": plan.now, "species_code": None}
    lately = {"made_from": plan.now - timedelta(days=2), "made_until": plan.now, "made_to": plan.now}
    ever = {"made_from": plan.now - timedelta(days=10_000), "made_until": plan.now}
    day, month = yesterday - timedelta(hours=2), plan.now - timedelta(days=30)
    return {
        "100 redelivered": ("weighings", "stored_digests", lines | lately),
        "100 lines, made lately": ("journal_lines", "stored_lines", lines | lately),
        "100 lines, made ever": ("journal_lines", "stored_lines", lines | ever),
        "100 voided already": ("weighings", "voided_already", lines),
        "newest of a market": ("weighings", "newest", {"market_id": _BUSY, "now": plan.now}),
        "newest of a silent market": ("weighings", "newest", {"market_id": _SILENT, "now": plan.now}),
        "prices by the hour, a day": ("trends", "prices", trend | {"width": timedelta(hours=1), "since": day}),
        "prices by the day, 30 days": ("trends", "prices", trend | {"width": timedelta(days=1), "since": month}),
    }
