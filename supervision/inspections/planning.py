"""A plan and its draw: planned, frozen with its hash published, drawn by a seed nobody could choose, or abandoned."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from psycopg import Connection

from db import inspection_plans, inspections, inspectors, items, registry
from db.inspection_plans import NewPlan
from db.inspections import NewTask, NewVisit
from domain.errors import IllegalTransition, NotFound, RuleViolation
from domain.inspection import Plan, PlanState, VisitAction, VisitEvent, VisitState
from supervision.inspections.draw_file import PublishedDraw, published
from supervision.inspections.freezing import frozen_lists
from supervision.inspections.going import Subject, objection
from supervision.inspections.plan_checks import LONGEST_TEXT, problems_of
from supervision.inspections.policy import InspectionPolicy


def plan(conn: Connection, new: NewPlan, *, by: str, at: datetime) -> int:
    """Keep a plan; return its plan_id. Raise RuleViolation naming the field that cannot be."""
    catalogue = items.in_force(conn)
    if catalogue is None:
        raise RuleViolation("no catalogue of supervision items is in force: publish one first", problem="no_catalogue")
    known = {one.code: one for one in items.items_of(conn, catalogue.catalogue_id)}
    markets = {one.market_id for one in registry.markets(conn)}
    for problem in problems_of(new, known, markets, {one.code for one in catalogue.departments}):
        raise problem
    new = replace(new, title=new.title.strip(), items=tuple(dict.fromkeys(new.items)))
    return inspection_plans.insert(conn, new, catalogue.catalogue_id, by=by, at=at)


def freeze(
    conn: Connection,
    plan_id: int,
    *,
    public_source: str,
    public_from: datetime,
    policy: InspectionPolicy,
    by: str,
    at: datetime,
) -> Plan:
    """Fix who may be drawn and who may be sent, and promise a secret; what is left to know is a public value.

    Raise RuleViolation where there is nobody to draw or to send, or the public value could be known already.
    """
    found = _locked(conn, plan_id, PlanState.PLANNED)
    if not public_source.strip() or len(public_source) > LONGEST_TEXT:
        raise RuleViolation(
            "public_source is empty or too long; say where everybody will read the value: 500 signs at most",
            problem="no_source",
        )
    if public_from <= at:
        raise RuleViolation(
            f"public_from is {public_from.isoformat()}; expected a moment that is still to come",
            problem="known_already_when",
        )
    freezing, subjects, people = frozen_lists(conn, found, public_source.strip(), public_from, policy, at)
    inspection_plans.freeze(conn, plan_id, freezing, subjects, people, by=by, at=at)
    return _known(conn, plan_id)


def draw(conn: Connection, plan_id: int, public_value: str, *, by: str, at: datetime) -> Plan:
    """Draw with the public value, and open a visit for every subject drawn.

    Who was drawn and has retired, changed the department or declared a conflict since the lists were frozen does not
    go: such a visit waits for somebody to be named, and its first step says so.

    Raise RuleViolation before the value can be known, IllegalTransition where it was drawn or abandoned already.
    """
    found = _locked(conn, plan_id, PlanState.FROZEN)
    if found.public_from is None or at < found.public_from:
        raise RuleViolation(
            f"the public value is known from {found.public_from} on; nothing is drawn before", problem="drawn_too_early"
        )
    value = " ".join(public_value.split())
    if not value or len(value) > LONGEST_TEXT:
        raise RuleViolation(
            "public_value is empty or too long; expected what the source says: 500 signs at most", problem="no_value"
        )
    told = published(inspection_plans.frozen(conn, plan_id), found.secret or "", value)
    inspection_plans.draw(conn, plan_id, public_value=value, seed=told.seed, by=by, at=at)
    by_key = inspection_plans.subjects_of(conn, plan_id, [one.key for one in told.drawn])
    people = _DrawnPeople(conn, plan_id)
    # Not in the order of the draw: a visit's number would lead to its key, and the key to a weight and so to a class.
    for one in sorted(told.drawn, key=lambda one: (by_key[one.key].market_id, by_key[one.key].vendor_id)):
        subject = by_key[one.key]
        whom = Subject(market_id=subject.market_id, vendor_id=subject.vendor_id, departments={found.department})
        against = people.against(one.badges, whom)
        visit = NewVisit(
            market_id=subject.market_id,
            vendor_id=subject.vendor_id,
            first_day=found.first_day,
            last_day=found.last_day,
            task=NewTask(
                department=found.department,
                catalogue_id=found.catalogue_id,
                items=tuple(found.items),
                plan_id=plan_id,
            ),
            # One who was drawn and must not go leaves the visit to people: nobody is put in silently.
            inspectors=() if against else people.ids(one.badges),
        )
        note = f"plan {plan_id}" + (f"; nobody is sent: {'; '.join(against)}" if against else "")
        opened(conn, visit, note=note, by=by, at=at)
    return _known(conn, plan_id)


def abandon(conn: Connection, plan_id: int, *, because: str, by: str, at: datetime) -> None:
    """Give a plan up before it is drawn; it stays on the public page with the reason. Raise RuleViolation."""
    _locked(conn, plan_id, PlanState.PLANNED, PlanState.FROZEN)
    if not because.strip():
        raise RuleViolation("say why the plan is given up: everybody reads it", problem="no_reason")
    inspection_plans.abandon(conn, plan_id, because=because.strip(), by=by, at=at)


def published_draw(conn: Connection, found: Plan) -> PublishedDraw:
    """Return the file of a draw, made anew from what was kept. Raise IllegalTransition before it was drawn."""
    if found.state is not PlanState.DRAWN or not (found.secret and found.public_value):
        raise IllegalTransition(f"plan {found.plan_id} is {found.state}; its file is published once it is drawn")
    return published(inspection_plans.frozen(conn, found.plan_id), found.secret, found.public_value)


def opened(conn: Connection, visit: NewVisit, *, note: str, by: str, at: datetime) -> int:
    """Keep a visit with the first step of its trail; return its inspection_id."""
    inspection_id = inspections.insert(conn, visit, at)
    event = VisitEvent(
        at=at,
        actor=by,
        action=VisitAction.OPEN,
        from_state=VisitState.DRAWN,
        to_state=VisitState.DRAWN,
        note=note,
    )
    inspections.append_event(conn, inspection_id, event)
    return inspection_id


class _DrawnPeople:
    """Who stands behind the inspectors' keys of a draw, and what is against their going now."""

    def __init__(self, conn: Connection, plan_id: int) -> None:
        self._users = inspection_plans.inspectors_of(conn, plan_id)
        self._records = {one.user_id: one for one in inspectors.listed(conn)}
        self._conflicts = inspectors.conflicts(conn, only_now=True)

    def ids(self, keys: Iterable[str]) -> tuple[int, ...]:
        return tuple(self._users[key] for key in keys)

    def against(self, keys: Iterable[str], subject: Subject) -> list[str]:
        return [text for key in keys if (text := self._against(key, subject))]

    def _against(self, key: str, subject: Subject) -> str:
        if key not in self._users:
            return f"who {key[:12]}… is was not kept when the lists were frozen"
        return objection(self._records[self._users[key]], subject, self._conflicts)


def _known(conn: Connection, plan_id: int) -> Plan:
    found = inspection_plans.one(conn, plan_id)
    if found is None:
        raise NotFound(f"there is no plan {plan_id}")
    return found


def _locked(conn: Connection, plan_id: int, *states: PlanState) -> Plan:
    found = inspection_plans.one_locked(conn, plan_id)
    if found is None:
        raise NotFound(f"there is no plan {plan_id}")
    if found.state not in states:
        raise IllegalTransition(
            f"plan {plan_id} is {found.state}; this is done only while it is {' or '.join(states)}", problem="late"
        )
    return found
