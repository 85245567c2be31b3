"""Act on visits: opened from an alert, combined, moved through their life; each under a lock and with its trail."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from psycopg import Connection

from db import alerts, inspection_lists, inspections, inspectors
from db.inspections import NewTask, NewVisit
from domain.errors import IllegalTransition, NotFound, RuleViolation
from domain.ids import MarketId, VendorId
from domain.inspection import Visit, VisitAction, VisitEvent, VisitState
from supervision.approvals.visited import take_result
from supervision.inspections.asking import checklists, fix
from supervision.inspections.checklist import Checklist
from supervision.inspections.combining import Combinable, Combined, combine
from supervision.inspections.following import require_no_revisit, tell_visit_before
from supervision.inspections.going import called, objection, subject_of
from supervision.inspections.planning import opened
from supervision.inspections.policy import InspectionPolicy
from supervision.inspections.visit_states import (
    OF_THE_PRODUCT,
    WAITING,
    days_of_rectification,
    next_state,
    require_explanation,
)
from supervision.items.keeping import item_for

#: Within how many days somebody goes where an alert asks for it.
KEY_WINDOW: Final = timedelta(days=7)
_LONGEST_NOTE: Final = 2000


@dataclass(frozen=True, kw_only=True, slots=True)
class Saving:
    """What combining comes to: visits and questions without it, and with it."""

    visits_before: int
    visits_after: int
    questions_before: int
    questions_after: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Suggested:
    """Visits that can become one, and what that saves."""

    combined: Combined
    visits: tuple[Visit, ...]
    saving: Saving


@dataclass(frozen=True, kw_only=True, slots=True)
class Suggestions:
    """A page of them. `next`: after which vendor the next one begins; None: there is none."""

    found: tuple[Suggested, ...]
    next: tuple[MarketId, VendorId] | None


def open_for_alert(conn: Connection, alert_id: int, *, by: str, at: datetime, note: str = "") -> int:
    """Open a key inspection because of an alert, of the item its kind belongs to; return the inspection_id.

    Asked again, it is the same one. Raise NotFound for an alert that is not there, RuleViolation for one without a
    vendor, or whose kind belongs to no item of the catalogue in force.
    """
    alert = alerts.by_id_locked(conn, alert_id)
    if alert is None:
        raise NotFound(f"there is no alert {alert_id}")
    known = inspections.of_alert(conn, alert_id)
    if known is not None:
        return known
    if alert.vendor_id is None:
        raise RuleViolation(
            "no vendor was bound to this scale then: there is nobody to visit", problem="nobody_to_visit"
        )
    found = item_for(conn, alert.kind)
    if found is None:
        raise RuleViolation(
            f"no supervision item has alerts of the kind {alert.kind}: there is nothing to check",
            problem="nothing_to_check",
        )
    today = at.astimezone(ZoneInfo(alert.timezone)).date()
    visit = NewVisit(
        market_id=alert.market_id,
        vendor_id=alert.vendor_id,
        first_day=today,
        last_day=today + KEY_WINDOW,
        task=NewTask(
            department=found.item.department,
            catalogue_id=found.catalogue.catalogue_id,
            items=(found.item.code,),
            alert_id=alert_id,
        ),
        inspectors=(),
    )
    return opened(conn, visit, note=f"alert {alert_id}. {note}".strip(), by=by, at=at)


def act(
    conn: Connection,
    inspection_id: int,
    action: VisitAction,
    *,
    actor: str,
    market_id: MarketId | None,
    policy: InspectionPolicy,
    now: datetime,
    note: str = "",
    rectify_by: date | None = None,
) -> Visit:
    """Take one step with a visit, within the caller's transaction; `market_id` is the actor's own (None: every one).

    What it comes to is the result of the check after an approval that it was made for; a revisit closes the visit
    before it.

    The second of two people who act at once waits, and then meets the state the first one left. Raises NotFound,
    IllegalTransition, RuleViolation.
    """
    visit = locked(conn, inspection_id, market_id)
    to_state = next_state(visit.state, action)
    require_no_revisit(conn, inspection_id, action)
    require_explanation(action, note)
    if len(note) > _LONGEST_NOTE:
        raise RuleViolation(f"the note has {len(note)} signs; expected {_LONGEST_NOTE} at most", problem="too_long")
    if action is VisitAction.BEGIN:
        _require_staffed(conn, visit, policy.inspectors)
        fix(conn, inspection_id, now)
        _note_day(conn, visit, now)
    days = days_of_rectification(action, rectify_by, _today(visit, now), policy, present=visit.rectify_by)
    until, again = days or (None, None)
    inspections.move(conn, inspection_id, to_state, at=now, rectify_by=until, revisit_by=again)
    said = note.strip() if until is None else f"{note.strip()} [{until} → {again}]"
    _trail(conn, visit, action, to_state, actor, now, said)
    take_result(conn, inspection_id, action, note, by=actor, at=now)
    tell_visit_before(conn, inspection_id, action, by=actor, at=now)
    return seen(conn, inspection_id, market_id)


def set_day(
    conn: Connection, inspection_id: int, day: date | None, *, market_id: MarketId | None, now: datetime
) -> None:
    """Set the day of a visit that has not begun. Raise RuleViolation for a day out of its window."""
    visit = locked(conn, inspection_id, market_id)
    if visit.state not in WAITING:
        raise IllegalTransition(
            f"visit {inspection_id} is {visit.state}; its day is set before it begins", problem="late"
        )
    if day is not None and not visit.first_day <= day <= visit.last_day:
        raise RuleViolation(
            f"planned_on is {day}; expected a day from {visit.first_day} to {visit.last_day}",
            problem="not_a_day_within",
            facts={"day": day, "first": visit.first_day, "last": visit.last_day},
        )
    inspections.plan_day(conn, inspection_id, day, now)


def suggestions(
    conn: Connection,
    market_id: MarketId | None = None,
    *,
    after: tuple[MarketId, VendorId] | None = None,
    limit: int = 50,
) -> Suggestions:
    """Return which visits that have not begun can become one, with what that saves: of `limit` vendors after one."""
    found = inspection_lists.waiting_together(conn, market_id, after=after, limit=limit + 1)
    subjects = list(dict.fromkeys((one.market_id, one.vendor_id) for one in found))
    shown = set(subjects[:limit])
    waiting = {one.inspection_id: one for one in found if (one.market_id, one.vendor_id) in shown}
    groups = combine(list(map(_combinable, waiting.values())))
    asked = checklists(conn, [one for group in groups for one in (group.kept, *group.others)])
    return Suggestions(
        found=tuple(_suggested(group, waiting, asked) for group in groups),
        next=subjects[limit - 1] if len(subjects) > limit else None,
    )


def combine_visits(conn: Connection, inspection_ids: Sequence[int], *, by: str, at: datetime) -> Saving:
    """Make visits to one subject one visit, within the days they share; return what that saves.

    Raise NotFound, IllegalTransition where one of them has begun or is part of another, RuleViolation where they are
    not of one subject, share no day, or only some were told of.
    """
    wanted = sorted(set(inspection_ids))
    inspections.lock(conn, wanted)
    visits = {one: seen(conn, one, None) for one in wanted}
    for one in visits.values():
        if one.state not in WAITING:
            raise IllegalTransition(f"visit {one.inspection_id} is {one.state}; only visits that wait are combined")
    if len({one.state for one in visits.values()}) > 1:
        raise RuleViolation(
            "one of these visits was told of and another one was not: tell of it first, or leave them as they are",
            problem="one_was_told",
        )
    groups = combine(list(map(_combinable, visits.values())))
    if len(groups) != 1 or len(groups[0].others) + 1 != len(wanted):
        raise RuleViolation(
            "these visits are not all to one subject, or share no day: they cannot be one", problem="cannot_be_one"
        )
    group = groups[0]
    saving = _suggested(group, visits, checklists(conn, wanted)).saving
    inspections.combine(conn, group.kept, group.others, first_day=group.first_day, last_day=group.last_day, at=at)
    for other in group.others:
        note = f"part of visit {group.kept}"
        state = OF_THE_PRODUCT[visits[other].state, VisitAction.COMBINE]
        _trail(conn, visits[other], VisitAction.COMBINE, state, by, at, note)
    kept = visits[group.kept]
    taken = ", ".join(map(str, group.others))
    note = f"takes in {taken}: {saving.questions_before} → {saving.questions_after} questions"
    _trail(conn, kept, VisitAction.COMBINE, kept.state, by, at, note)
    return saving


def seen(conn: Connection, inspection_id: int, market_id: MarketId | None) -> Visit:
    """Return a visit that somebody of this market (None: of every one) may see.

    A visit that was drawn and not told of is seen by regulators only: who knew of it beforehand would be ready for it.
    """
    visit = inspections.one(conn, inspection_id)
    is_hidden = visit is not None and market_id is not None and visit.state is VisitState.DRAWN
    if visit is None or market_id not in {None, visit.market_id} or is_hidden:
        raise NotFound(f"there is no visit {inspection_id} that you may see")
    return visit


def locked(conn: Connection, inspection_id: int, market_id: MarketId | None) -> Visit:
    """Return a visit that nobody else changes until the transaction ends. Raise NotFound."""
    inspections.lock(conn, [inspection_id])
    return seen(conn, inspection_id, market_id)


def _combinable(one: Visit) -> Combinable:
    return Combinable(
        inspection_id=one.inspection_id,
        # A visit that was told of and one that was not never become one: it would hide the first or betray the second.
        subject=(one.market_id, one.vendor_id, one.state),
        first_day=one.first_day,
        last_day=one.last_day,
    )


def _suggested(group: Combined, known: Mapping[int, Visit], asked: Mapping[int, Checklist]) -> Suggested:
    ids = (group.kept, *group.others)
    lists = [asked[one] for one in ids]
    saving = Saving(
        visits_before=len(ids),
        visits_after=1,
        questions_before=sum(one.after for one in lists),
        questions_after=len({each.question.text for one in lists for each in one.questions}),
    )
    return Suggested(combined=group, visits=tuple(known[one] for one in ids), saving=saving)


def _require_staffed(conn: Connection, visit: Visit, each: int) -> None:
    """Refuse to begin without inspectors, or with one whom a conflict declared since keeps away."""
    if not visit.inspectors:
        raise RuleViolation("nobody is sent to this visit yet: name the inspectors first", problem="nobody_sent")
    if len(visit.inspectors) < each:
        raise RuleViolation(
            f"{len(visit.inspectors)} inspectors go to this visit; expected {each}: name another one",
            problem="wrong_number_sent",
            facts={"sent": len(visit.inspectors), "expected": each},
        )
    conflicts = inspectors.conflicts(conn, only_now=True)
    for one in inspectors.listed(conn):
        because = objection(one, subject_of(visit), conflicts) if one.user_id in visit.inspector_ids else ""
        if because:
            raise RuleViolation(
                f"{because}: recuse and name another inspector first",
                problem="recuse_first",
                facts={"who": called(one)},
            )


def _note_day(conn: Connection, visit: Visit, now: datetime) -> None:
    """Keep the day a visit begins as its day, where none was set and it lies in the window."""
    today = _today(visit, now)
    if visit.planned_on is None and visit.first_day <= today <= visit.last_day:
        inspections.plan_day(conn, visit.inspection_id, today, now)


def _today(visit: Visit, now: datetime) -> date:
    return now.astimezone(ZoneInfo(visit.timezone)).date()


def _trail(
    conn: Connection, visit: Visit, action: VisitAction, to_state: VisitState, actor: str, at: datetime, note: str
) -> None:
    event = VisitEvent(at=at, actor=actor, action=action, from_state=visit.state, to_state=to_state, note=note)
    inspections.append_event(conn, visit.inspection_id, event)
