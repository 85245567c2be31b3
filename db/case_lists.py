"""Cases as a list shows them: with what they are about and what was decided last."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

from db.like import beginning
from db.queries import load
from domain.alert import AlertKind
from domain.case import Case, CaseCause, CaseOutcome, CaseState
from domain.ids import MarketId, VendorId
from domain.publicity import PenaltyKind
from domain.units import Fen

_SQL = load("case_lists")


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseLine(Case):
    """A case in a list. `kinds`: of its alerts; from `outcome` on: of its last decision, None where there is none.

    `is_revoked`: that decision was.
    """

    kinds: tuple[AlertKind, ...]
    alerts: int
    findings: int
    outcome: CaseOutcome | None
    document_no: str | None
    authority: str | None
    decided_on: date | None
    penalty: PenaltyKind | None
    amount_fen: Fen | None
    is_revoked: bool


def listed(
    conn: Connection,
    *,
    market_id: MarketId | None = None,
    vendor_id: VendorId | None = None,
    vendor: str | None = None,
    states: Collection[CaseState] | None = None,
    cause: CaseCause | None = None,
    kind: AlertKind | None = None,
    officer: str | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[CaseLine]:
    """Return cases, the newest first. `vendor`: a number, or how the name begins; `kind`: of an alert in the case."""
    asked = {"market_id": market_id, "vendor_id": vendor_id, "cause": cause, "kind": kind, "officer": officer}
    texts = {"vendor": vendor, "vendor_name": None if vendor is None else beginning(vendor)}
    place = {"states": None if states is None else list(states), "before": before, "limit": limit}
    with conn.cursor(row_factory=dict_row) as cursor:
        return [_line(row) for row in cursor.execute(_SQL["listed"], asked | texts | place)]


def _line(row: dict[str, Any]) -> CaseLine:
    outcome, penalty = row["outcome"], row["penalty"]
    known = {
        "cause": CaseCause(row["cause"]),
        "state": CaseState(row["state"]),
        "kinds": tuple(AlertKind(one) for one in row["kinds"]),
        "outcome": None if outcome is None else CaseOutcome(outcome),
        "penalty": None if penalty is None else PenaltyKind(penalty),
    }
    return CaseLine(**{**row, **known})
