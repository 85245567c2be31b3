"""Cases: moved only under a lock, with every step, decision, bundle and download kept."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row, dict_row

from db.queries import load
from domain.case import Case, CaseAction, CaseCause, CaseDecision, CaseOutcome, CaseState, CaseStep
from domain.ids import MarketId, VendorId
from domain.publicity import PenaltyKind, PublicityField

_SQL = load("cases")


@dataclass(frozen=True, kw_only=True, slots=True)
class BundleLine:
    """A frozen bundle without its bytes. `sha256`: of the whole ZIP, in hexadecimal; `size` in bytes."""

    bundle_id: int
    frozen_at: datetime
    frozen_by: str
    sha256: str
    files: int
    size: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Download:
    """Who took a bundle away."""

    bundle_id: int
    at: datetime
    by: str
    origin: str


def open_case(
    conn: Connection, market_id: MarketId, vendor_id: VendorId, cause: CaseCause, *, by: str, at: datetime
) -> int:
    """Open a case with nothing in it yet; return its case_id."""
    whose = {"market_id": market_id, "vendor_id": vendor_id}
    return _made(conn, "open", {**whose, "cause": cause, "by": by, "at": at})


def by_id(conn: Connection, case_id: int) -> Case | None:
    """Return a case, or None."""
    return next(iter(_cases(conn, "by_id", {"case_id": case_id})), None)


def by_id_locked(conn: Connection, case_id: int) -> Case | None:
    """Return a case, held for the length of the transaction."""
    conn.execute(_SQL["lock"], {"case_id": case_id})
    return by_id(conn, case_id)


def move(conn: Connection, case_id: int, *, state: CaseState, officer: str | None, at: datetime) -> None:
    """Store where a case stands after a step."""
    conn.execute(_SQL["move"], {"case_id": case_id, "state": state, "officer": officer, "at": at})


def undecided_of_vendor(conn: Connection, market_id: MarketId, vendor_id: VendorId) -> int | None:
    """Return the newest case of a vendor that alerts may still join, or None."""
    return _number(conn, "undecided_of_vendor", {"market_id": market_id, "vendor_id": vendor_id})


def add_alert(conn: Connection, case_id: int, alert_id: int, *, by: str, at: datetime) -> None:
    """Add an alert to a case. It is in this one from now on, and stays on record in those it was in."""
    conn.execute(_SQL["add_alert"], {"case_id": case_id, "alert_id": alert_id, "by": by, "at": at})


def case_of_alert(conn: Connection, alert_id: int) -> int | None:
    """Return the case that an alert is in, the one it came to last, or None."""
    return _number(conn, "case_of_alert", {"alert_id": alert_id})


def all_of_alert(conn: Connection, alert_id: int) -> list[int]:
    """Return every case that an alert is in, or was decided in, by number."""
    return [row[0] for row in conn.execute(_SQL["all_of_alert"], {"alert_id": alert_id})]


def cases_of_alerts(conn: Connection, alert_ids: Collection[int]) -> dict[int, tuple[int, CaseState]]:
    """Return the case that each alert is in, and its state; an alert without one is left out."""
    found = conn.execute(_SQL["cases_of_alerts"], {"alert_ids": list(alert_ids)})
    return {row[0]: (row[1], CaseState(row[2])) for row in found}


def decided_by(
    conn: Connection, market_id: MarketId, vendor_id: VendorId, *, authority: str, document_no: str
) -> set[str]:
    """Return who decided together on what a document says; nobody where it is of no case."""
    document = {"market_id": market_id, "vendor_id": vendor_id, "authority": authority, "document_no": document_no}
    return {str(row[0]) for row in conn.execute(_SQL["decided_by"], document)}


def alerts_of(conn: Connection, case_id: int) -> list[int]:
    """Return the alerts of a case by their number."""
    return [row[0] for row in conn.execute(_SQL["alerts_of"], {"case_id": case_id})]


def concerned(conn: Connection, case_id: int) -> list[int]:
    """Return the alerts that a step with the whole case touches: its own, and those that carry its documents."""
    return [row[0] for row in conn.execute(_SQL["concerned"], {"case_id": case_id})]


def confirmers(conn: Connection, case_id: int) -> set[str]:
    """Return who had a part in what a case rests on: who confirmed, who found, who opened it for a reason of theirs."""
    return {row[0] for row in conn.execute(_SQL["confirmers"], {"case_id": case_id})}


def rests_on_more(conn: Connection, case_id: int) -> bool:
    """Say whether a case rests on more than alerts: on findings of visits, or on a reason of its own."""
    row = conn.execute(_SQL["rests_on_more"], {"case_id": case_id}).fetchone()
    return bool(row and row[0])


def append(conn: Connection, case_id: int, step: CaseStep) -> None:
    """Write one step into the trail."""
    conn.execute(_SQL["append"], {"case_id": case_id, **{name: getattr(step, name) for name in CaseStep.__slots__}})


def steps_of(conn: Connection, case_id: int) -> list[CaseStep]:
    """Return what was done with a case, oldest first."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return [
            CaseStep(
                **{
                    **row,
                    "action": CaseAction(row["action"]),
                    "from_state": CaseState(row["from_state"]),
                    "to_state": CaseState(row["to_state"]),
                }
            )
            for row in cursor.execute(_SQL["steps_of"], {"case_id": case_id})
        ]


def record(conn: Connection, case: Case, decision: CaseDecision, *, by: str, at: datetime) -> bool:
    """Keep a decision; False where a decision with this document about the vendor is kept already."""
    said = {name: getattr(decision, name) for name in CaseDecision.__slots__}
    whose = {"case_id": case.case_id, "market_id": case.market_id, "vendor_id": case.vendor_id}
    return _number(conn, "record", {**said, **whose, "recorded_by": by, "recorded_at": at}) is not None


def decisions_of(conn: Connection, case_id: int) -> list[CaseDecision]:
    """Return what was decided, oldest first: the last one stands, unless the case says that it was revoked."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return [
            CaseDecision(
                **{
                    **row,
                    "outcome": CaseOutcome(row["outcome"]),
                    "kind": PenaltyKind(row["kind"]),
                    "field": PublicityField(row["field"]),
                }
            )
            for row in cursor.execute(_SQL["decisions_of"], {"case_id": case_id})
        ]


def is_regulator(conn: Connection, username: str) -> bool:
    """Say whether an account is there, is not disabled, and may decide as the authority."""
    row = conn.execute(_SQL["is_regulator"], {"username": username}).fetchone()
    return bool(row and row[0])


def regulators(conn: Connection) -> dict[str, str]:
    """Return the display names of those who may decide, by login name."""
    return {row[0]: row[1] for row in conn.execute(_SQL["regulators"])}


def keep_bundle(
    conn: Connection, case_id: int, *, content: bytes, sha256: bytes, files: int, by: str, origin: str, at: datetime
) -> int:
    """Keep a frozen bundle; return its bundle_id."""
    values = {"case_id": case_id, "content": content, "sha256": sha256, "files": files}
    return _made(conn, "keep_bundle", {**values, "by": by, "origin": origin, "at": at})


def bundles_of(conn: Connection, case_id: int) -> list[BundleLine]:
    """Return the bundles of a case, oldest first."""
    with conn.cursor(row_factory=class_row(BundleLine)) as cursor:
        return cursor.execute(_SQL["bundles_of"], {"case_id": case_id}).fetchall()


def take_bundle(conn: Connection, case_id: int, bundle_id: int, *, by: str, origin: str, at: datetime) -> bytes | None:
    """Return a bundle's bytes and write down who took them; None where the case has no such bundle."""
    row = conn.execute(_SQL["bundle"], {"case_id": case_id, "bundle_id": bundle_id}).fetchone()
    if row is None:
        return None
    conn.execute(_SQL["log_download"], {"bundle_id": bundle_id, "at": at, "by": by, "origin": origin})
    return bytes(row[0])


def downloads_of(conn: Connection, case_id: int) -> list[Download]:
    """Return who took bundles of a case away, oldest first."""
    with conn.cursor(row_factory=class_row(Download)) as cursor:
        return cursor.execute(_SQL["downloads_of"], {"case_id": case_id}).fetchall()


def _made(conn: Connection, name: str, parameters: dict[str, Any]) -> int:
    return int(next(conn.execute(_SQL[name], parameters))[0])


def _number(conn: Connection, name: str, parameters: dict[str, Any]) -> int | None:
    row = conn.execute(_SQL[name], parameters).fetchone()
    return None if row is None else int(row[0])


def _cases(conn: Connection, name: str, parameters: dict[str, Any]) -> list[Case]:
    with conn.cursor(row_factory=dict_row) as cursor:
        return [
            Case(**{**row, "cause": CaseCause(row["cause"]), "state": CaseState(row["state"])})
            for row in cursor.execute(_SQL[name], parameters)
        ]
