"""Complaints, for pages and API alike: seen in one's own market, entered and handled in one's own name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from psycopg import Connection

from credit.ledger import handle_alert
from db import alerts, complaints, tickets
from db.complaints import Figures, Which
from domain.alert import Alert, DismissReason
from domain.alert_step import AlertAction
from domain.complaint import (
    Complaint,
    ComplaintAction,
    ComplaintChannel,
    ComplaintState,
    ComplaintStep,
    Contact,
    Outcome,
)
from domain.errors import FieldRefused, NotFound
from domain.ids import MarketId, StallId
from domain.weighing import WeighingKey
from supervision.alerts.needs import LONGEST_NOTE, Asked, Problem
from supervision.alerts.states import AWAITING
from supervision.complaints.clock import ClockLine, clock_lines
from supervision.complaints.entry import Entry
from supervision.complaints.evidence import Seen, is_clear
from supervision.complaints.filing import Filed, file_complaint
from supervision.complaints.handling import handle_complaint, link_to, show_contact
from supervision.complaints.moves import Move
from supervision.complaints.states import By, actions_from
from supervision.complaints.ticket_sales import sale_of
from web.access import Permission, Viewer
from web.config import WebConfig
from web.consequences import Consequences, consequences_of
from web.ticket_view import TicketView, view_of

_DECIDES: Final = {
    Outcome.UPHELD: (AlertAction.CONFIRM, None),
    Outcome.NOT_UPHELD: (AlertAction.DISMISS, DismissReason.FALSE_POSITIVE),
}
#: Over how many days a market's figures are reckoned unless asked otherwise.
FIGURES_DAYS: Final = 30


@dataclass(frozen=True, kw_only=True, slots=True)
class LinkedSale:
    """A sale that a complaint is about, and the alert that tells of it."""

    view: TicketView
    alert: Alert


@dataclass(frozen=True, kw_only=True, slots=True)
class ComplaintView:
    """A complaint and everything that is known about it. `arrived`: the sale of its ticket, not linked yet."""

    complaint: Complaint
    clocks: tuple[ClockLine, ...]
    sales: tuple[LinkedSale, ...]
    arrived: TicketView | None
    others: tuple[Complaint, ...]
    steps: tuple[ComplaintStep, ...]
    actions: tuple[ComplaintAction, ...]

    @property
    def linked_keys(self) -> frozenset[WeighingKey]:
        """The sales it is linked to."""
        return frozenset(one.view.sale.key for one in self.sales)

    @property
    def open_alerts(self) -> tuple[Alert, ...]:
        """The alerts about its sales that nobody has decided on, each once."""
        undecided = {one.alert.alert_id: one.alert for one in self.sales if one.alert.state in AWAITING}
        return tuple(undecided.values())


def which_of(viewer: Viewer, *, market: str, channel: ComplaintChannel | None, stall: str, before: int | None) -> Which:
    """Return which complaints were asked for. Raise NotFound for a market the person does not see."""
    return Which(
        market_id=viewer.narrow(MarketId(market) if market else None),
        channel=channel,
        stall_id=StallId(stall) if stall else None,
        before=before,
    )


def listed(conn: Connection, which: Which, states: Sequence[ComplaintState] | None, limit: int) -> list[Complaint]:
    """Return complaints in some states, the newest first; None: what awaits a step, what is due first at the top."""
    if states is None:
        return complaints.awaited(conn, which, limit)
    return complaints.listed(conn, which, states, limit)


def complaint_for(conn: Connection, viewer: Viewer, complaint_id: int) -> Complaint:
    """Return a complaint. Raise NotFound where there is none, or it is of a market the person does not see."""
    found = complaints.by_id(conn, complaint_id)
    if found is None or not viewer.sees(found.market_id):
        raise NotFound(f"there is no complaint {complaint_id} that you may see")
    return found


def view_for(conn: Connection, viewer: Viewer, complaint_id: int, *, config: WebConfig, now: datetime) -> ComplaintView:
    """Return what to show of a complaint. Raise NotFound."""
    complaint = complaint_for(conn, viewer, complaint_id)
    sales = _sales_of(conn, complaint, now)
    may_handle = viewer.may(Permission.HANDLE_COMPLAINTS)
    unlinked = None if sales or complaint.ticket is None else sale_of(conn, complaint.ticket)
    return ComplaintView(
        complaint=complaint,
        clocks=clock_lines(complaint, config.complaints_policy.clocks, is_clear=is_clear(map(_seen, sales))),
        sales=tuple(sales),
        arrived=None if unlinked is None or unlinked.verdict is None else view_of(conn, unlinked, now),
        others=tuple(complaints.about_the_same(conn, complaint_id)),
        steps=tuple(complaints.steps_of(conn, complaint_id)),
        actions=tuple(actions_from(complaint.state, By.STAFF)) if may_handle else (),
    )


def consequences_for(
    conn: Connection, viewer: Viewer, view: ComplaintView, *, config: WebConfig, now: datetime
) -> dict[int, Consequences]:
    """Return what an answer would do with each alert that it may decide, by alert_id: nothing for who may not."""
    if ComplaintAction.ANSWER not in view.actions or not viewer.may(Permission.ACT_ON_ALERTS):
        return {}
    means = {one.alert_id: consequences_of(conn, one, config=config, now=now) for one in view.open_alerts}
    return {number: one for number, one in means.items() if one is not None}


def enter(conn: Connection, viewer: Viewer, entry: Entry, *, token: str, config: WebConfig, now: datetime) -> Filed:
    """Type a complaint in. Raise NotFound for a market the person does not see, and what `file_complaint` raises."""
    viewer.narrow(entry.market_id)
    with conn.transaction():
        return file_complaint(
            conn, entry, token=token, by=viewer.username, address=None, now=now, policy=config.complaints_policy
        )


def act(
    conn: Connection,
    viewer: Viewer,
    complaint_id: int,
    move: Move,
    *,
    config: WebConfig,
    now: datetime,
    decide_alerts: bool = False,
    offer_promises: frozenset[int] = frozenset(),
) -> Complaint:
    """Take a step in the person's name; `decide_alerts`: an answer decides the open alerts about its sales with it.

    Upheld, they are confirmed, and the score follows as it does from any confirmed alert, or a promise is offered
    instead with those of `offer_promises`; not upheld, they are dismissed. All of it or nothing. Raises what
    `handle_complaint` and `credit.ledger.handle_alert` raise, FieldRefused for a promise with what is not confirmed.
    """
    confirms = decide_alerts and move.outcome is Outcome.UPHELD
    if offer_promises and not confirms:
        raise _not_confirmed(offer_promises)
    with conn.transaction():
        after = handle_complaint(
            conn,
            complaint_id,
            move,
            actor=viewer.username,
            market_id=viewer.scope,
            now=now,
            policy=config.complaints_policy,
        )
        if decide_alerts and move.outcome in _DECIDES:
            viewer.require(Permission.ACT_ON_ALERTS)
            decided = _decide_alerts(conn, viewer, after, move, offer_promises, config=config, now=now)
            if not offer_promises <= decided:
                raise _not_confirmed(offer_promises - decided)
    return after


def link(conn: Connection, viewer: Viewer, complaint_id: int, key: WeighingKey, now: datetime) -> int:
    """Link a sale in the person's name; return the alert_id of its alert. Raises NotFound, RuleViolation."""
    with conn.transaction():
        return link_to(conn, complaint_id, key, actor=viewer.username, market_id=viewer.scope, now=now)


def contact_for(conn: Connection, viewer: Viewer, complaint_id: int, now: datetime) -> Contact | None:
    """Return how the complainant can be reached, on record. Raise NotFound."""
    with conn.transaction():
        return show_contact(conn, complaint_id, actor=viewer.username, market_id=viewer.scope, now=now)


def figures_for(
    conn: Connection, viewer: Viewer, market: str, days: int, *, config: WebConfig, now: datetime
) -> list[Figures]:
    """Return how fast markets answered what came in the last days. Raise NotFound."""
    where = viewer.narrow(MarketId(market) if market else None)
    close = timedelta(seconds=config.complaints_policy.clocks.close_s)
    return complaints.figures(conn, where, now - timedelta(days=days), now, close=close, now=now)


def _sales_of(conn: Connection, complaint: Complaint, now: datetime) -> list[LinkedSale]:
    found = []
    for one in complaints.links_of(conn, complaint):
        sale, alert = tickets.sale(conn, one.key), alerts.by_id(conn, one.alert_id)
        if sale is not None and alert is not None:
            found.append(LinkedSale(view=view_of(conn, sale, now), alert=alert))
    return found


def _seen(linked: LinkedSale) -> Seen:
    sale = linked.view.sale
    return Seen(
        verdicts=frozenset(filter(None, (sale.verdict, sale.paid_verdict))),
        is_voided=sale.voided_at is not None,
        is_short=linked.view.short is not None,
    )


def _decide_alerts(
    conn: Connection,
    viewer: Viewer,
    complaint: Complaint,
    move: Move,
    offer_promises: frozenset[int],
    *,
    config: WebConfig,
    now: datetime,
) -> frozenset[int]:
    """Decide what nobody has decided yet; return which alerts that were."""
    if move.outcome is None:
        return frozenset()
    action, reason = _DECIDES[move.outcome]
    # All of them before the first one's vendor, and one vendor after the other in their order (db/alerts.py).
    linked = alerts.hold_together(conn, {one.alert_id for one in complaints.links_of(conn, complaint)})
    held = [alert for number in linked if (alert := alerts.by_id(conn, number)) is not None and alert.state in AWAITING]
    vendors = list(dict.fromkeys((one.market_id, one.vendor_id) for one in held))
    # A vendor's promises first, as one would on the pages: a deduction of the same answer would make the breach no
    # first one.
    for alert in sorted(
        held, key=lambda one: (vendors.index((one.market_id, one.vendor_id)), one.alert_id not in offer_promises)
    ):
        alert_id = alert.alert_id
        # The whole answer stands at the complaint; a note of the alert has an end.
        note = f"complaint {complaint.complaint_id}: {move.note.strip()}"[:LONGEST_NOTE]
        asked = Asked(action=action, reason=reason, note=note)
        offers = alert_id in offer_promises
        handle_alert(conn, alert_id, asked, by=viewer.actor, now=now, policies=config.policies, offers_promise=offers)
    return frozenset(one.alert_id for one in held)


def _not_confirmed(alert_ids: frozenset[int]) -> FieldRefused:
    found = ", ".join(map(str, sorted(alert_ids)))
    expected = "only open alerts of an answer that it is right, which decides them with it"
    return FieldRefused("offer_promises", found, expected, problem=Problem.NOT_TAKEN)
