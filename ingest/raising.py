"""Leads become alerts: opened, or added to the one that is open."""

from collections.abc import Sequence
from datetime import datetime

from psycopg import Connection

from db import alerts
from db.alerts import AlertOccurrence, NewAlert
from pricing.leads import Lead


def raise_leads(conn: Connection, leads: Sequence[Lead], now: datetime, also: Sequence[NewAlert] = ()) -> int:
    """Raise each lead, and what was raised otherwise (`also`: of other kinds); return how many there were.

    All of them in the order in which everybody takes their locks (db/alerts.py).
    """
    new = sorted([*(_new_alert(lead) for lead in leads), *also], key=lambda one: one.identity)
    return len(alerts.raise_alerts(conn, new, now))


def counting(conn: Connection, leads: Sequence[Lead]) -> list[int]:
    """Return the alerts that are there already and that leads add to."""
    return alerts.counting(conn, [_new_alert(lead).identity for lead in leads])


def raise_lead(conn: Connection, lead: Lead, now: datetime) -> int:
    """Raise one lead; return the alert_id of the alert that tells of it."""
    return alerts.raise_alert(conn, _new_alert(lead), now)


def _new_alert(lead: Lead) -> NewAlert:
    worst = lead.worst
    return NewAlert(
        market_id=worst.key.market_id,
        kind=worst.kind,
        vendor_id=worst.vendor_id,
        stall_id=worst.stall_id,
        scale_id=worst.key.scale_id,
        species_code=worst.species,
        business_day=worst.business_day,
        first_at=lead.occurrences[0].key.weighed_at,
        last_at=lead.occurrences[-1].key.weighed_at,
        worst_excess_fen=worst.excess_fen,
        worst_excess_permille=worst.excess_permille,
        worst_cap_fen=worst.cap_fen,
        worst_cap_unit=worst.cap_unit,
        overcharge_fen=lead.overcharge_fen,
        note=worst.note,
        occurrences=tuple(
            AlertOccurrence(
                key=one.key,
                excess_fen=one.excess_fen,
                overcharge_fen=one.overcharge_fen,
                excess_permille=one.excess_permille,
                cap_fen=one.cap_fen,
                cap_unit=one.cap_unit,
            )
            for one in lead.occurrences
        ),
    )
