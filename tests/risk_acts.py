"""A market with months behind it, for tests of risk classes."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from psycopg import Connection

from credit.risk.computing import RiskPolicies, compute
from credit.risk.policy import read_risk_policy
from db import inspectors
from db.risk_classes import NewRun
from domain.alert import AlertKind, AlertState
from domain.ids import MarketId, VendorId
from domain.risk import Classed
from domain.supervision_item import RiskClass
from pricing.policy import read_rules_policy
from tests.factories import CAP, MARKET, place, put_market

POLICY = Path(__file__).parents[1] / "policy"
RISK = read_risk_policy(POLICY / "risk.toml")
POLICIES = RiskPolicies(risk=RISK, rules=read_rules_policy(POLICY / "rules.toml"))
#: The month that is looked at, and a moment of the next one, when it is computed.
MONTH = date(2026, 10, 1)
THEN = datetime(2026, 11, 4, 4, 0, tzinfo=UTC)


def settle(conn: Connection, *, vendors: int = 3, market_id: MarketId = MARKET) -> None:
    """A market whose vendors V-1, V-2… have held their stalls for two years."""
    put_market(conn, scales=0, market_id=market_id)
    for n in range(1, vendors + 1):
        place(conn, n, market_id=market_id, since=datetime(2024, 11, 1, tzinfo=UTC))
    conn.commit()


def weigh(
    conn: Connection,
    vendor: str,
    day: date,
    times: int,
    *,
    price: int = 20_000,
    market_id: MarketId = MARKET,
    journal: str = "j",
    voided: int = 0,
) -> None:
    """Weighings of a kilogram each on a day; of these the first `voided` ones are voided again."""
    at = datetime(day.year, day.month, day.day, 3, tzinfo=UTC)
    verdict = "over" if price > CAP else "within"
    conn.execute(
        "INSERT INTO weighings (market_id, scale_id, journal_id, seq, weighed_at, received_at, business_day, stall_id,"
        " vendor_id, species_code, grade, plu, name, net_g, clock_synced, unit_price_fen, price_unit,"
        " unit_price_fen_per_kg, amount_fen, discount_fen, paid_fen, fee_fen, ticket_no, verdict, paid_verdict,"
        " cap_unit, cap_fen, digest, body)"
        " SELECT %(market)s, %(scale)s, %(journal)s, n, %(at)s + n * interval '1 second', %(at)s, %(day)s, 'A-1',"
        " %(vendor)s, 'F01', '', '1', '东星斑', 1000, true, %(price)s, 'kg', %(price)s, %(price)s, 0, %(price)s, 0, '',"
        " %(verdict)s, %(verdict)s, 'kg', %(cap)s, sha256('x'), 'x' FROM generate_series(1, %(times)s) n",
        {
            "market": market_id,
            "scale": f"S-{vendor[2:]}",
            "journal": f"{journal}-{day}",
            "at": at,
            "day": day,
            "vendor": vendor,
            "price": price,
            "verdict": verdict,
            "cap": CAP,
            "times": times,
        },
    )
    conn.execute(
        "INSERT INTO weighings (market_id, scale_id, journal_id, seq, weighed_at, received_at, business_day, stall_id,"
        " vendor_id, species_code, grade, plu, name, net_g, clock_synced, unit_price_fen, price_unit,"
        " unit_price_fen_per_kg, amount_fen, discount_fen, paid_fen, fee_fen, ticket_no, voids_seq, digest, body)"
        " SELECT market_id, scale_id, journal_id, seq + 1000000, weighed_at + interval '1 hour', received_at,"
        " business_day, stall_id, vendor_id, species_code, grade, plu, name, net_g, clock_synced, unit_price_fen,"
        " price_unit, unit_price_fen_per_kg, amount_fen, 0, paid_fen, 0, '', seq, digest, body FROM weighings"
        " WHERE market_id = %s AND journal_id = %s AND vendor_id = %s AND seq <= %s",
        [market_id, f"{journal}-{day}", vendor, voided],
    )
    conn.commit()


def confirm(
    conn: Connection,
    vendor: str,
    day: date,
    *,
    kind: AlertKind = AlertKind.PRICE_OVER_CAP,
    permille: int = 300,
    state: AlertState = AlertState.CONFIRMED,
    market_id: MarketId = MARKET,
) -> int:
    """An alert of a day that stands, unless `state` says otherwise."""
    at = datetime(day.year, day.month, day.day, 3, tzinfo=UTC)
    is_decided = state not in (AlertState.OPEN, AlertState.ACKNOWLEDGED)
    row = conn.execute(
        "INSERT INTO alerts (market_id, kind, vendor_id, stall_id, scale_id, species_code, business_day, occurrences,"
        " first_at, last_at, opened_at, updated_at, worst_excess_permille, state, decided_at, decided_by,"
        " dismiss_reason, is_counting)"
        " VALUES (%s, %s, %s, 'A-1', %s, 'F01', %s, 1, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING alert_id",
        [
            *(market_id, kind, vendor, f"S-{vendor[2:]}", day, at, at, at, at, permille, state),
            *(at if is_decided else None, "manager" if is_decided else None),
            "false_positive" if state is AlertState.DISMISSED else None,
            not is_decided,
        ],
    ).fetchone()
    conn.commit()
    assert row is not None
    return int(row[0])


def traded(conn: Connection, vendor: str, *, months: int = 7, times: int = 150, price: int = 20_000) -> None:
    """Weighings on the 20th of the last months, the month looked at among them."""
    for back in range(months):
        index = MONTH.year * 12 + MONTH.month - 1 - back
        weigh(conn, vendor, date(index // 12, index % 12 + 1, 29 if back == 0 else 20), times, price=price)


def computed(conn: Connection, *, month: date = MONTH, now: datetime = THEN) -> dict[str, Classed]:
    """Compute a month, which was not computed before; return what each vendor came to."""
    run = run_of(conn, month=month, now=now)
    assert run is not None
    return {one.assessed.vendor_id: one for one in run.classes}


def run_of(conn: Connection, *, month: date = MONTH, now: datetime = THEN) -> NewRun | None:
    run = compute(conn, MARKET, month, policies=POLICIES, now=now)
    conn.commit()
    return run


def by_hand(conn: Connection, vendor: str, risk_class: RiskClass, at: datetime) -> None:
    inspectors.set_class(conn, MARKET, VendorId(vendor), risk_class, reason="处罚", by="regulator", at=at)
    conn.commit()


def holds(conn: Connection, vendor: str, at: datetime) -> RiskClass | None:
    """The class that a draw of that moment uses."""
    return {one.vendor_id: one.risk_class for one in inspectors.subjects(conn, [MARKET], at)}[VendorId(vendor)]


def parts_as_stored(conn: Connection, vendor: str) -> list[dict[str, object]]:
    row = conn.execute("SELECT parts::text FROM risk_classes WHERE vendor_id = %s AND parts IS NOT NULL", [vendor])
    found = row.fetchone()
    assert found is not None
    return list(json.loads(found[0]))


def later(days: int) -> datetime:
    return THEN + timedelta(days=days)
