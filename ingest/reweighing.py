"""A sale is weighed again on the fair scale (公平秤): kept as evidence, and a lead where it is short weight."""

from datetime import datetime

from psycopg import Connection

from db import reweighings
from db.reweighings import NewReweighing, SoldLoad
from domain.alert import AlertKind
from domain.errors import NotFound, RuleViolation
from domain.ids import MarketId, ScaleId
from ingest.raising import raise_lead
from pricing.findings.figures import noted
from pricing.findings.policy import FindingsPolicy
from pricing.findings.short_weight import Reweighed, tolerance_for
from pricing.leads import Occurrence, gather

_PERMILLE = 1000


def reweigh(
    conn: Connection,
    market_id: MarketId,
    scale_id: ScaleId,
    seq: int,
    *,
    actual_g: int,
    fair_scale: str,
    by: str,
    now: datetime,
    policy: FindingsPolicy,
) -> Reweighed:
    """Enter what a fair scale showed of the newest sale with this number; the same entry again changes nothing.

    Raise NotFound where there is no such sale, RuleViolation where it cannot be held to a weight: goods sold by the
    piece have none that was settled.
    """
    with conn.transaction():
        sold = reweighings.newest(conn, market_id, scale_id, seq)
        if sold is None:
            raise NotFound(f"scale {scale_id} of market {market_id} has no sale with number {seq}")
        if sold.per_kg_fen is None or sold.settled_g <= 0:
            raise RuleViolation(f"number {seq} was sold by the piece; only what was settled by weight is weighed again")
        tolerance = tolerance_for(
            policy.short_weight, settled_g=sold.settled_g, per_kg_fen=sold.per_kg_fen, category=sold.category
        )
        found = Reweighed(settled_g=sold.settled_g, actual_g=actual_g, tolerance=tolerance)
        new = NewReweighing(
            actual_g=actual_g,
            tolerance_g=tolerance.short_g,
            is_statutory=tolerance.is_statutory,
            is_short=found.is_short,
            fair_scale=fair_scale,
            entered_by=by,
            entered_at=now,
        )
        if reweighings.insert_once(conn, sold, new) and found.is_short and policy.speaks(AlertKind.SHORT_WEIGHT):
            raise_lead(conn, gather([_occurrence(sold, found)])[0], now)
    return found


def _occurrence(sold: SoldLoad, found: Reweighed) -> Occurrence:
    figures = {
        "settled_g": found.settled_g,
        "actual_g": found.actual_g,
        "short_g": found.short_g,
        "tolerance_g": found.tolerance.short_g or 0,
        "statutory": int(found.tolerance.is_statutory),
    }
    return Occurrence(
        key=sold.key,
        kind=AlertKind.SHORT_WEIGHT,
        vendor_id=sold.vendor_id,
        stall_id=sold.stall_id,
        species=sold.species,
        business_day=sold.business_day,
        excess_permille=-(-found.short_g * _PERMILLE // found.settled_g),
        note=noted(figures),
    )
