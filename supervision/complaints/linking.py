"""A complaint and the sales it is about: each opens an alert, or joins the one that is open about it."""

from datetime import datetime

from psycopg import Connection

from db import alerts, complaints
from db.alerts import AlertOccurrence, NewAlert
from db.tickets import Sale
from domain.alert import AlertKind
from domain.complaint import Complaint, ComplaintAction, ComplaintStep
from domain.errors import RuleViolation
from domain.weighing import WeighingKey
from supervision.alerts.states import AWAITING


def link_sale(conn: Connection, complaint: Complaint, sale: Sale, *, by: str, now: datetime) -> int:
    """Link a sale to a complaint that its caller holds; return the alert_id of the alert that tells of it.

    Linked already, nothing changes. Raise RuleViolation for a sale of another market, and a record that is no sale.
    """
    if sale.market_id != complaint.market_id:
        raise RuleViolation(f"the sale is of market {sale.market_id}, the complaint of {complaint.market_id}")
    if sale.verdict is None:
        raise RuleViolation(f"number {sale.seq} takes another sale back; it is no sale itself")
    known = {one.key: one.alert_id for one in complaints.links_of(conn, complaint)}
    if sale.key in known:
        return known[sale.key]
    alert_id = _open_alert_about(conn, sale.key) or _raise(conn, complaint, sale, now)
    complaints.link(conn, complaint.complaint_id, sale.key, alert_id, by=by, now=now)
    if sale.stall_id is not None:
        complaints.place(conn, complaint.complaint_id, sale.stall_id)
    complaints.append_step(
        conn,
        complaint.complaint_id,
        ComplaintStep(
            at=now,
            actor=by,
            action=ComplaintAction.LINK,
            from_state=complaint.state,
            to_state=complaint.state,
            note=f"{sale.scale_id} {sale.journal_id} {sale.seq}; alert {alert_id}",
        ),
    )
    return alert_id


def _open_alert_about(conn: Connection, key: WeighingKey) -> int | None:
    """The alert that another complaint about this sale opened, while nobody has decided on it: the sale counts once."""
    for alert_id in complaints.alerts_about(conn, key):
        alert = alerts.by_id(conn, alert_id)
        if alert is not None and alert.state in AWAITING:
            return alert_id
    return None


def _raise(conn: Connection, complaint: Complaint, sale: Sale, now: datetime) -> int:
    new = NewAlert(
        market_id=sale.market_id,
        kind=AlertKind.COMPLAINT,
        vendor_id=sale.vendor_id,
        stall_id=sale.stall_id,
        scale_id=sale.scale_id,
        species_code=sale.species_code,
        business_day=sale.business_day,
        first_at=sale.weighed_at,
        last_at=sale.weighed_at,
        worst_excess_fen=0,
        worst_excess_permille=0,
        worst_cap_fen=None,
        worst_cap_unit=None,
        overcharge_fen=0,
        note=f"complaint={complaint.complaint_id}",
        occurrences=(AlertOccurrence(key=sale.key, excess_fen=0, overcharge_fen=0),),
    )
    return alerts.raise_alert(conn, new, now)
