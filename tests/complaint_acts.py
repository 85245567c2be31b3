"""Selling, complaining and stepping as the service does: for tests of complaints."""

import hashlib
import secrets
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from psycopg import Connection

from domain.complaint import (
    ComplaintAction,
    ComplaintChannel,
    ComplaintReason,
    Ticket,
)
from domain.ids import JournalId, ScaleId
from domain.weighing import WeighingKey
from messages.ticket_codes import ticket_code
from supervision.complaints.entry import Entry
from supervision.complaints.filing import Filed, file_complaint
from supervision.complaints.handling import handle_complaint
from supervision.complaints.moves import Move
from supervision.complaints.policy import ComplaintsPolicy, read_complaints_policy
from tests.stored import store_rows
from tests.web_world import HERE, POLICY, VENDOR

RULES = read_complaints_policy(POLICY / "complaints.toml")
NOW = datetime.now(UTC).replace(microsecond=412_000)
MOBILE = "138 0013 8000"


def sell(conn: Connection, seq: int, *, at: datetime = NOW, paid_fen: int = 8640, **fields: Any) -> Ticket:
    """Store a sale of the vendor's scale as ingest does; return its ticket."""
    body = f"the bytes of {seq} {at} {paid_fen}".encode()
    digest = hashlib.sha256(body).digest()
    key = WeighingKey(HERE, ScaleId(f"{HERE}-s01"), JournalId("j"), seq, at)
    row = {
        **key._asdict(),
        "received_at": at,
        "business_day": at.date(),
        "stall_id": "A-01",
        "vendor_id": VENDOR,
        "species_code": "F01",
        "grade": "",
        "plu": "",
        "name": "东星斑",
        "net_g": 100,
        "stable": True,
        "clock_synced": True,
        "unit_price_fen": 86_400,
        "price_unit": "kg",
        "unit_price_fen_per_kg": 86_400,
        "amount_fen": paid_fen,
        "paid_fen": paid_fen,
        "verdict": "over",
        "paid_verdict": "over",
        "cap_list_id": 1,
        "cap_unit": "kg",
        "cap_fen": 63_000,
        "excess_fen": 23_400,
        "overcharge_fen": 2340,
        "digest": digest,
        "body": body,
        **fields,
    }
    store_rows(conn, [row])
    return Ticket(
        market_id=HERE, scale_id=key.scale_id, journal_id=key.journal_id, seq=seq, code=ticket_code(at, digest)
    )


def entry(**fields: Any) -> Entry:
    said = Entry(
        market_id=HERE,
        channel=ComplaintChannel.TICKET,
        reason=ComplaintReason.OVER_CAP,
        words="贵了",
        contact=MOBILE,
    )
    return replace(said, **fields)


def token() -> str:
    return secrets.token_urlsafe(24)


def file(
    conn: Connection,
    said: Entry,
    *,
    by: str | None = None,
    address: str | None = "203.0.113.7/32",
    now: datetime = NOW,
    policy: ComplaintsPolicy = RULES,
    with_token: str = "",
) -> Filed:
    return file_complaint(conn, said, token=with_token or token(), by=by, address=address, now=now, policy=policy)


def step(conn: Connection, filed: Filed, action: ComplaintAction, *, actor: str = "manager", **said: Any) -> str:
    move = Move(action=action, **said)
    now = NOW + timedelta(minutes=5)
    return handle_complaint(
        conn, filed.complaint_id, move, actor=actor, market_id=HERE, now=now, policy=RULES
    ).state.value
