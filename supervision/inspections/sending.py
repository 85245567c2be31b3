"""Name who goes to a visit, and recuse who must not (回避); each under a lock and with its trail."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from psycopg import Connection

from db import inspections, inspectors
from domain.errors import IllegalTransition, RuleViolation
from domain.ids import MarketId
from domain.inspection import InspectorRecord, Visit, VisitAction, VisitEvent
from supervision.inspections.going import called, free, lacking, objection, subject_of
from supervision.inspections.visit_states import ATTENDED
from supervision.inspections.visiting import locked

_LONGEST: Final = 2000


@dataclass(frozen=True, kw_only=True, slots=True)
class Staffing:
    """Who goes to a visit now, how many each department still has to name, and who may be named."""

    sent: tuple[InspectorRecord, ...]
    lacking: dict[str, int]
    free: tuple[InspectorRecord, ...]


def staffing(conn: Connection, visit: Visit, each: int) -> Staffing:
    """Return who goes to a visit and who else may; `each` inspectors of every department go."""
    staff, subject = inspectors.listed(conn), subject_of(visit)
    sent = tuple(one for one in staff if one.user_id in visit.inspector_ids)
    conflicts = inspectors.conflicts(conn, only_now=True)
    return Staffing(
        sent=sent,
        lacking=lacking(subject, sent, each) if visit.state in ATTENDED else {},
        free=tuple(free(staff, subject, conflicts, but=visit.inspector_ids)),
    )


def send(
    conn: Connection,
    inspection_id: int,
    user_ids: Sequence[int],
    *,
    by: str,
    market_id: MarketId | None,
    each: int,
    at: datetime,
) -> None:
    """Name who goes to a visit that lacks somebody: a key inspection, one for which too few were free, a recusal.

    Raise RuleViolation for who is no inspector, retired, of another department or in conflict, and where more or fewer
    are named than lack; IllegalTransition where nobody lacks. Nobody is sent then.
    """
    visit = locked(conn, inspection_id, market_id)
    now = staffing(conn, visit, each)
    if not now.lacking:
        raise IllegalTransition(f"visit {inspection_id} is {visit.state} and has its inspectors", problem="late")
    chosen = list(dict.fromkeys(user_ids))
    due = sum(now.lacking.values())
    if len(chosen) != due:
        raise RuleViolation(
            f"{len(chosen)} inspectors are named; expected {due}",
            problem="wrong_number_named",
            facts={"named": len(chosen), "due": due},
        )
    known = {one.user_id: one for one in inspectors.listed(conn)}
    conflicts, subject = inspectors.conflicts(conn, only_now=True), subject_of(visit)
    for user_id in chosen:
        if user_id not in known:
            raise RuleViolation(f"inspector is {user_id}; expected one of the inspectors", problem="no_inspector")
        if user_id in visit.inspector_ids:
            raise RuleViolation(
                f"inspector is {called(known[user_id])}, who goes already; expected another one",
                problem="goes_already",
                facts={"who": called(known[user_id])},
            )
        because = objection(known[user_id], subject, conflicts)
        if because:
            raise RuleViolation(
                f"inspector is {user_id}: {because}", problem="must_not_go", facts={"who": called(known[user_id])}
            )
    if Counter(known[one].department for one in chosen) != Counter(now.lacking):
        wanted = ", ".join(f"{count} of {code}" for code, count in now.lacking.items())
        raise RuleViolation(
            f"the inspectors named are not of the departments that lack them; expected {wanted}",
            problem="wrong_departments",
        )
    inspections.send(conn, inspection_id, chosen)
    _trail(conn, visit, VisitAction.SEND, ", ".join(called(known[one]) for one in chosen), by, at)


def recuse(
    conn: Connection,
    inspection_id: int,
    user_id: int,
    *,
    because: str,
    by: str,
    market_id: MarketId | None,
    at: datetime,
) -> None:
    """Take somebody off a visit that is not over, with the reason; another one can be named then.

    What he or she answered before stays. Raise RuleViolation for who does not go or without a reason,
    IllegalTransition where the visit is over.
    """
    visit = locked(conn, inspection_id, market_id)
    if visit.state not in ATTENDED:
        raise IllegalTransition(
            f"visit {inspection_id} is {visit.state}; nobody is recused from it any more", problem="late"
        )
    if not 0 < len(because.strip()) <= _LONGEST:
        raise RuleViolation(f"say why somebody does not go: 1 to {_LONGEST} signs", problem="no_reason")
    gone = next((one for one in inspectors.listed(conn) if one.user_id == user_id), None)
    if gone is None or user_id not in visit.inspector_ids:
        raise RuleViolation(f"inspector is {user_id}; expected one who goes to this visit", problem="does_not_go")
    inspections.recuse(conn, inspection_id, user_id)
    _trail(conn, visit, VisitAction.RECUSE, f"{called(gone)}: {because.strip()}", by, at)


def _trail(conn: Connection, visit: Visit, action: VisitAction, note: str, actor: str, at: datetime) -> None:
    event = VisitEvent(at=at, actor=actor, action=action, from_state=visit.state, to_state=visit.state, note=note)
    inspections.append_event(conn, visit.inspection_id, event)
