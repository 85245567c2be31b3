"""Alerts: listed, read, and acted on."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Query, Response, UploadFile
from psycopg import Connection

from db import alert_photos, alert_steps, alerts, caps
from db.weighings import AlertedWeighing
from domain.alert import Alert, AlertState
from domain.alert_step import AlertAction
from domain.errors import NotFound
from domain.ids import MarketId, VendorId
from supervision.alerts.needs import Asked
from supervision.alerts.states import BESIDE, TRANSITIONS
from supervision.deadlines.clock import Clock
from web.access import Permission, Viewer
from web.alert_clocks import clocks_by_alert
from web.alert_forms import offered
from web.alert_lines import AlertLine, in_their_cases, lines_of, listed
from web.api.alert_models import (
    AlertBreak,
    AlertDetail,
    AlertDue,
    AlertGap,
    AlertPage,
    AlertPhoto,
    AlertSummary,
    AlertTrailStep,
    AlertWeighing,
    StepRequest,
)
from web.api.models import CapListSummary, DeviceEventSeen
from web.api.promises import promise_detail
from web.consequences import consequences_of
from web.evidence import WeighingLine, evidence_of
from web.handling import act, add_photos, alert_for
from web.promises import of_alert
from web.signed_in import ActsOnAlerts, SeesAlerts
from web.state import Db, Now, Running, Service

router = APIRouter(prefix="/alerts", tags=["alerts"])

#: The whole list is not counted: of a million alerts that took longer than everything else of the answer.
_MOST_COUNTED: Final = 10_000


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
    counted = alerts.count_up_to(conn, scope, states, vendor_id, most=_MOST_COUNTED + 1)
    lines = in_their_cases(conn, lines_of(found, running.config.rules_policy, authority=viewer.acts_with))
    return AlertPage(
        total=min(counted, _MOST_COUNTED),
        is_more=counted > _MOST_COUNTED,
        limit=limit,
        offset=offset,
        alerts=[_summary(line) for line in lines],
    )


@router.get("/{alert_id}")
def read_alert(running: Running, conn: Db, now: Now, viewer: SeesAlerts, alert_id: int) -> AlertDetail:
    """One alert with its evidence and its audit trail."""
    return _detail(conn, running, viewer, alert_for(conn, viewer, alert_id), now)


@router.get("/{alert_id}/photos/{photo_id}", response_class=Response)
def read_photo(
    conn: Db, viewer: SeesAlerts, alert_id: int, photo_id: int, small: Annotated[bool, Query()] = False
) -> Response:
    """A photo as JPEG, or its thumbnail."""
    content = alert_photos.content(conn, alert_for(conn, viewer, alert_id).alert_id, photo_id, small=small)
    if content is None:
        raise NotFound(f"alert {alert_id} has no photo {photo_id}")
    return Response(content, media_type="image/jpeg")


@router.post("/{alert_id}/photos")
def add_photo(
    running: Running, conn: Db, now: Now, viewer: ActsOnAlerts, alert_id: int, photo: UploadFile
) -> AlertDetail:
    """Add a photo: JPEG, PNG or WebP. It is encoded anew, without what the camera wrote beside the picture."""
    add_photos(conn, viewer, alert_id, [photo.file.read()], config=running.config, now=now)
    return _detail(conn, running, viewer, alert_for(conn, viewer, alert_id), now)


#: What every step says of itself in the OpenAPI document.
_SAID: Final = {
    AlertAction.ACKNOWLEDGE: "Say that somebody is on it: you, where nobody was.",
    AlertAction.CONFIRM: "Say that it was a breach: the score moves, unless a promise is offered (`offer_promise`).",
    AlertAction.DISMISS: "Say that it was none, and why: `reason`.",
    AlertAction.MERGE: "Handle it with another alert about the same vendor or scale: `into`.",
    AlertAction.ORDER_RECTIFICATION: "Have the vendor put it right until a day: `due_on`, and what in `note`.",
    AlertAction.REPORT_RECTIFIED: "Say that it was put right; a photo added since shows it.",
    AlertAction.SEND_BACK: "Say that it was not put right, why, and until when: `note`, `due_on`.",
    AlertAction.ESCALATE: "Hand it to the regulator, and say why: `note`.",
    AlertAction.RECORD_PENALTY: "Record what an authority decided: `penalty`. Regulators only; not beside a case.",
    AlertAction.APPEAL: "Record the vendor's appeal and its grounds: `note`.",
    AlertAction.UPHOLD: "Decide that the appeal fails, and why: `note`. Regulators only, not who decided before.",
    AlertAction.OVERTURN: "Undo a confirmation, and say why; the score gets back exactly what was taken.",
    AlertAction.CLOSE: "Say that the matter is done.",
    AlertAction.REOPEN: "Take up again what was closed, dismissed or merged, and say why: `note`.",
    AlertAction.ASSIGN: "Say who is on it: `assignee`, a login name; null for nobody.",
    AlertAction.COMMENT: "Write into the audit trail: `note`.",
}


def _route_of(action: AlertAction) -> Callable[..., AlertDetail]:
    def step(
        running: Running,
        conn: Db,
        now: Now,
        viewer: ActsOnAlerts,
        alert_id: int,
        body: StepRequest | None = None,
    ) -> AlertDetail:
        asked = _asked(action, body or StepRequest())
        offers = body is not None and body.offer_promise
        act(conn, viewer, alert_id, asked, config=running.config, now=now, offers_promise=offers)
        return _detail(conn, running, viewer, alert_for(conn, viewer, alert_id), now)

    return step


def _asked(action: AlertAction, body: StepRequest) -> Asked:
    return Asked(
        action=action,
        reason=body.reason,
        note=body.note,
        due_on=body.due_on,
        into=body.into,
        assignee=body.assignee,
        penalty=None if body.penalty is None else body.penalty.decided(),
        revision=body.revision,
    )


def _add_steps() -> None:
    """The table of states is the API: an action it holds is a route."""
    of_persons = {action for _state, action in TRANSITIONS} | set(BESIDE) - {AlertAction.ATTACH}
    for action in AlertAction:
        if action in of_persons:
            router.add_api_route(
                f"/{{alert_id}}/{action}",
                _route_of(action),
                methods=["POST"],
                name=action.value,
                summary=action.replace("_", " ").capitalize(),
                description=_SAID[action],
            )


_add_steps()


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


def _detail(conn: Connection, running: Service, viewer: Viewer, alert: Alert, now: datetime) -> AlertDetail:
    [line] = in_their_cases(conn, lines_of([alert], running.config.rules_policy, authority=viewer.acts_with))
    found = evidence_of(conn, line)
    steps = alert_steps.of_alert(conn, alert.alert_id)
    clocks = clocks_by_alert([line], running.config, now)
    offers = offered(conn, line, steps, viewer=viewer, policy=running.config.supervision_policy, now=now)
    promised = of_alert(conn, alert.alert_id) if viewer.may(Permission.SEE_CREDIT) else None
    credit = consequences_of(conn, alert, config=running.config, now=now) if viewer.may(Permission.SEE_CREDIT) else None
    return AlertDetail.model_validate(
        {
            **_values(line),
            "weighings": [_weighing(one) for one in found.weighings],
            "gaps": [AlertGap.model_validate(one) for one in found.gaps],
            "breaks": [AlertBreak.model_validate(one) for one in found.breaks],
            "device_events": [DeviceEventSeen.model_validate(one) for one in found.device_events],
            "cap_lists": [list_summary(one) for one in found.cap_lists],
            "due": [_due(clock, now) for clock in clocks.get(alert.alert_id, ())],
            "merged": [one.alert_id for one in alerts.handled_with(conn, alert.alert_id)],
            "photos": [AlertPhoto.model_validate(one) for one in alert_photos.of_alert(conn, alert.alert_id)],
            "steps": [AlertTrailStep.model_validate(one) for one in steps],
            "appeal_until": offers.appeal_until,
            "promise": None if promised is None else promise_detail(promised),
            "promise_refused": None if credit is None else credit.promise_refused,
        }
    )


def _due(clock: Clock, now: datetime) -> AlertDue:
    return AlertDue(
        deadline=clock.deadline,
        since=clock.since,
        remind_at=clock.remind_at,
        due_at=clock.due_at,
        counted_left_s=clock.counted_left.total_seconds(),
        standing=clock.standing_at(now),
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
