"""What more is registered of scales: what they can weigh, and until when they are verified."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from psycopg import Connection

from db.queries import load
from domain.ids import MarketId, ScaleId
from domain.scale import AccuracyClass, ScaleFacts

_SQL = load("scale_facts")


def of_scales(
    conn: Connection, scales: Sequence[tuple[MarketId, ScaleId]]
) -> dict[tuple[MarketId, ScaleId], ScaleFacts]:
    """Return the facts of those of the scales of which any are registered."""
    parameters = {
        "market_ids": [market_id for market_id, _ in scales],
        "scale_ids": [scale_id for _, scale_id in scales],
    }
    return {(row[0], row[1]): _facts(row[2:]) for row in conn.execute(_SQL["of_scales"], parameters)}


def of_market(conn: Connection, market_id: MarketId) -> dict[ScaleId, ScaleFacts]:
    """Return the facts of every scale of a market."""
    return {row[0]: _facts(row[1:]) for row in conn.execute(_SQL["of_market"], {"market_id": market_id})}


def put(conn: Connection, market_id: MarketId, scale_id: ScaleId, facts: ScaleFacts) -> bool:
    """Register the facts of a scale, in place of what was; return False where there is no such scale."""
    values = {"market_id": market_id, "scale_id": scale_id, **asdict(facts)}
    return conn.execute(_SQL["put"], values).rowcount == 1


def _facts(row: Sequence[Any]) -> ScaleFacts:
    division_g, max_g, accuracy_class, usual_tare_g, verified_until, *codes = row
    production, repair, verification, seal = map(str, codes)
    return ScaleFacts(
        division_g=division_g,
        max_g=max_g,
        accuracy_class=None if accuracy_class is None else AccuracyClass(str(accuracy_class)),
        usual_tare_g=usual_tare_g,
        verified_until=verified_until,
        production_code=production,
        repair_code=repair,
        verification_code=verification,
        seal_no=seal,
    )
