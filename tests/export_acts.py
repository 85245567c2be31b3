"""Records of credit and penalties, and destinations for them, as the tests of exports say it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
from psycopg import Connection

from credit.exporting import RecordingExports
from credit.rules.reading import read_credit_rules
from db import credit, export_deliveries, publicity
from db.export_destinations import NewDestination
from domain.export import DeliveryState, ExportForm
from domain.publicity import NewPublicityEntry, PenaltyKind, PublicityTerm
from supervision.exports import destinations
from supervision.exports.destinations import By, Registered
from supervision.exports.policy import read_exports_policy
from supervision.notices.policy import Retry
from tests.web_world import HERE, POLICY, VENDOR

SHIPPED = read_exports_policy(POLICY / "exports.toml")


OPEN = msgspec.structs.replace(
    SHIPPED, allow_private=True, timeout_s=1, retry=Retry(attempts=2, first_retry_s=10, longest_retry_s=10)
)


RECORDING = RecordingExports(read_credit_rules(POLICY / "credit.toml"))


BOTH = frozenset(ExportForm)


CREDIT = frozenset({ExportForm.CREDIT_RECORD})


class Clock:
    """The real time, moved."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


def by() -> By:
    return By(username="regulator", origin="10.0.0.1", at=datetime.now(UTC))


def record(conn: Connection) -> None:
    RECORDING.run_once(conn, datetime.now(UTC))


def charge(conn: Connection, points: int = -5) -> None:
    now = datetime.now(UTC)
    credit.append(
        conn,
        market_id=HERE,
        vendor_id=VENDOR,
        occurred_at=now,
        recorded_at=now,
        recorded_by="regulator",
        reason="over_cap",
        points=points,
        rule="over_cap.points.low",
        rules_version="test",
        alert_id=None,
    )


def penalise(conn: Connection) -> int:
    day, later = date(2026, 11, 1), date(2027, 11, 1)
    entry_id = publicity.add(
        conn,
        NewPublicityEntry(
            market_id=HERE,
            vendor_id=VENDOR,
            case_id=None,
            alert_id=None,
            document_no="三市监罚〔2026〕7号",
            authority="三亚市市场监督管理局",
            decided_on=day,
            kind=PenaltyKind.FINE,
            decision="罚款",
            basis="《价格法》第四十条",
            amount_fen=None,
            policy_version="test",
            term=PublicityTerm(published_from=day, published_to=later, repairable_from=later),
        ),
    )
    assert entry_id is not None
    return entry_id


def register(conn: Connection, url: str, **changed: Any) -> Registered:
    values: dict[str, Any] = {"name": "信用平台", "url": url, "forms": CREDIT, **changed}
    return destinations.register(conn, NewDestination(**values), OPEN, by=by())


def lines(conn: Connection, state: DeliveryState | None = None) -> list[Any]:
    return export_deliveries.ledger(conn, destination_id=None, state=state, before=2**62, limit=100)
