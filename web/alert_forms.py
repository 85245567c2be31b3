"""What the form of a step holds, and what a page offers to fill in: read once, for pages and their refusals."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Form
from psycopg import Connection

from db import alert_steps, alerts
from domain.alert import Alert, DismissReason
from domain.alert_step import AlertAction, AlertStep, PenaltyDecision
from domain.errors import FieldRefused
from supervision.alerts.appeals import appeal_until, decision_to_appeal
from supervision.alerts.needs import Asked, Field, Problem, fields_of, latest_due
from supervision.policy import SupervisionPolicy
from web.access import Viewer
from web.alert_lines import AlertLine


@dataclass(frozen=True, kw_only=True, slots=True)
class Typed:
    """A form as it was filled in: text, so that what cannot be read is still there to be corrected."""

    reason: str = ""
    note: str = ""
    due_on: str = ""
    into: str = ""
    assignee: str = ""
    document_no: str = ""
    authority: str = ""
    decided_on: str = ""
    decision: str = ""
    seen: int | None = None
    offer_promise: bool = False
    revision: int | None = None

    def asked(self, action: AlertAction) -> Asked:
        """Return the step that is asked for. Raise FieldRefused for a day or a number that is none."""
        return Asked(
            action=action,
            # An unknown reason is as good as none: the step then asks for one.
            reason=DismissReason(self.reason) if self.reason in set(DismissReason) else None,
            note=self.note,
            due_on=_day(Field.DUE_ON, self.due_on),
            into=_number(Field.INTO, self.into),
            penalty=self._penalty() if action is AlertAction.RECORD_PENALTY else None,
            assignee=self.assignee or None,
            revision=self.revision,
        )

    def _penalty(self) -> PenaltyDecision:
        decided_on = _day("decided_on", self.decided_on)
        if decided_on is None:
            raise FieldRefused("decided_on", "", "the day the document says", problem=Problem.MISSING)
        return PenaltyDecision(
            document_no=self.document_no.strip(),
            authority=self.authority.strip(),
            decided_on=decided_on,
            decision=self.decision.strip(),
        )


_Line = Annotated[str, Form(max_length=200)]
_Words = Annotated[str, Form(max_length=10_000)]


def typed(
    reason: _Line = "",
    note: _Words = "",
    due_on: _Line = "",
    into: _Line = "",
    assignee: _Line = "",
    document_no: _Words = "",
    authority: _Words = "",
    decided_on: _Line = "",
    decision: _Words = "",
    seen: Annotated[int | None, Form()] = None,
    offer_promise: Annotated[bool, Form()] = False,
    revision: Annotated[int | None, Form()] = None,
) -> Typed:
    """Read a form. Longer than it should be is read too: the step says so, and nothing that was typed is lost."""
    return Typed(
        reason=reason,
        note=note,
        due_on=due_on.strip(),
        into=into.strip(),
        assignee=assignee.strip(),
        document_no=document_no,
        authority=authority,
        decided_on=decided_on.strip(),
        decision=decision,
        seen=seen,
        offer_promise=offer_promise,
        revision=revision,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Offered:
    """What the forms of an alert's page offer. `appeal_until` is None where nothing can be appealed any more."""

    fields: Mapping[AlertAction, Mapping[Field, bool]]
    people: Mapping[str, str]
    mergeable: tuple[Alert, ...]
    today: date
    usual_due: date
    latest_due: date
    appeal_until: date | None


def offered(
    conn: Connection,
    line: AlertLine,
    trail: list[AlertStep],
    *,
    viewer: Viewer,
    policy: SupervisionPolicy,
    now: datetime,
) -> Offered:
    """Return what a person may choose from in the forms of an alert's page."""
    alert = line.alert
    today = now.astimezone(ZoneInfo(alert.timezone)).date()
    decision = decision_to_appeal(trail)
    until = None if decision is None else appeal_until(decision, policy, alert.timezone)
    is_mergeable = AlertAction.MERGE in line.actions
    return Offered(
        fields={action: fields_of(alert.state, action) for action in line.actions},
        people={} if viewer.acts_with is None else alert_steps.assignable(conn, alert.market_id),
        mergeable=tuple(alerts.mergeable(conn, alert.alert_id)) if is_mergeable else (),
        today=today,
        usual_due=today + timedelta(days=policy.rectification.usual_days),
        latest_due=latest_due(today, policy.rectification),
        appeal_until=until if until is not None and today <= until else None,
    )


def _day(field: str, text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise FieldRefused(field, repr(text), "a day as 2026-11-27", problem=Problem.NOT_A_DAY) from None


def _number(field: str, text: str) -> int | None:
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > len(str(2**63)) - 1:
        raise FieldRefused(field, repr(text), "the number of an alert", problem=Problem.NO_OTHER_ALERT)
    return int(text)
