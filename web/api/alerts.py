"""Alerts: listed, read, and acted on."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from psycopg import Connection

from db import alerts, caps
from db.weighings import AlertedWeighing
from domain.alert import Alert, AlertAction, AlertState
from domain.ids import MarketId, VendorId
from web.access import Permission, Viewer
from web.alert_lines import AlertLine, lines_of, listed
from web.api.alert_models import (
    AlertBreak,
    AlertDetail,
    AlertGap,
    AlertPage,
    AlertStep,
    AlertSummary,
    AlertWeighing,
    DismissRequest,
    NoteRequest,
)
from web.api.models import CapListSummary, DeviceEventSeen
from web.evidence import WeighingLine, evidence_of
from web.handling import act, alert_for
from web.signed_in import ActsOnAlerts, SeesAlerts
from web.state import Db, Now, Running, Service

router = APIRouter(prefix="/alerts", tags=["alerts"])


@router.get("")
def list_alerts(
    running: Running,
    conn: Db,
    viewer: SeesAlerts,
    state: Annotated[list[AlertState] | None, Query(description="states to list; none given: all")] = None,
    market: Annotated[str | None, Query(max_length=64)] = None,
    vendor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> AlertPage:
    """Alerts: the worst first where only open and acknowledged ones are asked for, else those that changed last."""
    scope = viewer.narrow(None if market is None else MarketId(market))
    states = frozenset(state or AlertState)
    vendor_id = None if vendor is None else VendorId(vendor)
    found = (
        listed(conn, scope, states, gravest=running.config.rules_policy.gravest, limit=limit, offset=offset)
        if vendor_id is None
        else alerts.visible(conn, scope, states, vendor_id=vendor_id, limit=limit, offset=offset)
    )
    total = alerts.count_visible(conn, scope, states, vendor_id)
    lines = lines_of(found, running.config.rules_policy, may_act=viewer.may(Permission.ACT_ON_ALERTS))
    return AlertPage(total=total, limit=limit, offset=offset, alerts=[_summary(line) for line in lines])


@router.get("/{alert_id}")
def read_alert(running: Running, conn: Db, viewer: SeesAlerts, alert_id: int) -> AlertDetail:
    """One alert with its evidence and its audit trail."""
    return _detail(conn, running, viewer, alert_for(conn, viewer, alert_id))


@router.post("/{alert_id}/acknowledge")
def acknowledge(
    running: Running, conn: Db, now: Now, viewer: ActsOnAlerts, alert_id: int, body: NoteRequest | None = None
) -> AlertDetail:
    """Say that somebody is on it."""
    return _act(conn, running, viewer, alert_id, AlertAction.ACKNOWLEDGE, body or NoteRequest(), now)


@router.post("/{alert_id}/confirm")
def confirm(
    running: Running, conn: Db, now: Now, viewer: ActsOnAlerts, alert_id: int, body: NoteRequest | None = None
) -> AlertDetail:
    """Say that it was a breach: this, and only this, moves the vendor's score."""
    return _act(conn, running, viewer, alert_id, AlertAction.CONFIRM, body or NoteRequest(), now)


@router.post("/{alert_id}/dismiss")
def dismiss(
    running: Running, conn: Db, now: Now, viewer: ActsOnAlerts, alert_id: int, body: DismissRequest
) -> AlertDetail:
    """Say that it was none, and why."""
    return _act(conn, running, viewer, alert_id, AlertAction.DISMISS, body, now)


@router.post("/{alert_id}/overturn")
def overturn(
    running: Running, conn: Db, now: Now, viewer: ActsOnAlerts, alert_id: int, body: NoteRequest
) -> AlertDetail:
    """Undo a confirmation; the score gets back exactly what was taken."""
    return _act(conn, running, viewer, alert_id, AlertAction.OVERTURN, body, now)


def _act(
    conn: Connection,
    running: Service,
    viewer: Viewer,
    alert_id: int,
    action: AlertAction,
    body: NoteRequest,
    now: datetime,
) -> AlertDetail:
    reason = body.reason if isinstance(body, DismissRequest) else None
    act(conn, viewer, alert_id, action, config=running.config, now=now, reason=reason, note=body.note)
    return _detail(conn, running, viewer, alert_for(conn, viewer, alert_id))


def _summary(line: AlertLine) -> AlertSummary:
    return AlertSummary.model_validate(_values(line))


def _values(line: AlertLine) -> dict[str, object]:
    return {
        **{name: getattr(line.alert, name) for name in Alert.__slots__},
        "severity": line.severity,
        "cap_unit": line.cap_unit if line.is_about_prices else None,
        "worst_cap_fen": line.alert.worst_cap_fen if line.is_about_prices else None,
        "worst_excess_fen": line.alert.worst_excess_fen if line.is_about_prices else None,
        "worst_excess_permille": line.worst_excess_permille,
        "overcharge_fen": line.overcharge_fen,
        "worst_price_fen": line.worst_price_fen,
        "actions": list(line.actions),
    }


def _detail(conn: Connection, running: Service, viewer: Viewer, alert: Alert) -> AlertDetail:
    may_act = viewer.may(Permission.ACT_ON_ALERTS)
    line = lines_of([alert], running.config.rules_policy, may_act=may_act)[0]
    found = evidence_of(conn, line)
    return AlertDetail.model_validate(
        {
            **_values(line),
            "weighings": [_weighing(one) for one in found.weighings],
            "gaps": [AlertGap.model_validate(one) for one in found.gaps],
            "breaks": [AlertBreak.model_validate(one) for one in found.breaks],
            "device_events": [DeviceEventSeen.model_validate(one) for one in found.device_events],
            "cap_lists": [list_summary(one) for one in found.cap_lists],
            "steps": [AlertStep.model_validate(one) for one in alerts.events_of(conn, alert.alert_id)],
        }
    )


def _weighing(of: WeighingLine) -> AlertWeighing:
    weighing = of.weighing
    return AlertWeighing.model_validate(
        {
            **{name: getattr(weighing, name) for name in AlertedWeighing.__slots__},
            "cap_unit": None if of.cap_fen is None else weighing.cap_unit,
            "cap_fen": of.cap_fen,
            "excess_fen": of.excess_fen,
            "overcharge_fen": of.overcharge_fen,
            "paid_price_fen": of.paid_price_fen,
        }
    )


def list_summary(of: caps.CapListHeading | caps.CapListInForce) -> CapListSummary:
    """Return what the API says of a list."""
    return CapListSummary.model_validate({name: getattr(of, name) for name in caps.CapListHeading.__slots__})
