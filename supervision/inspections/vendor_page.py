"""The vendor's own page (企业码): opened by a code, it shows visits and takes what the vendor says of them."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from psycopg import Connection

from db import inspection_answers, inspection_lists, inspections, vendor_codes
from db.vendor_codes import CodeHolder
from domain.errors import NotFound, RuleViolation
from domain.ids import MarketId, VendorId
from domain.inspection import Answer, Feedback, Task, Visit, VisitAction, VisitState
from supervision.inspections import asking, visiting
from supervision.inspections.answers import standing_answers
from supervision.inspections.checklist import Checklist
from supervision.inspections.policy import InspectionPolicy
from supervision.inspections.visit_states import WITH_A_DAY

_HOUR: Final = timedelta(hours=1)
_LONGEST: Final = 2000
_MOST_SHOWN: Final = 50
#: What the vendor is not told of: a visit that nobody was told of, and one that became part of another.
_HIDDEN: Final = frozenset({VisitState.DRAWN, VisitState.COMBINED})
#: A visit that took place can be appraised.
APPRAISED_IN: Final = frozenset(VisitState) - _HIDDEN - {VisitState.NOTIFIED, VisitState.CANCELLED}


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownVisit:
    """A visit as its subject sees it; `orders`: what is to be put right, in the inspectors' words.

    Nothing of the draw: a key would lead to a weight, and so to a risk class, which only regulators see.
    """

    visit: Visit
    tasks: tuple[Task, ...]
    checklist: Checklist
    answers: dict[tuple[str, str], Answer]
    feedback: tuple[Feedback, ...]
    orders: tuple[str, ...]


def issue(conn: Connection, market_id: MarketId, vendor_id: VendorId, *, by: str, at: datetime) -> str:
    """Return a new code of a vendor; the one before opens nothing any more. Only its digest is kept."""
    code = secrets.token_urlsafe(24)
    vendor_codes.issue(conn, market_id, vendor_id, digest(code), by=by, at=at)
    return code


def digest(code: str) -> bytes:
    """Return what is kept of a code."""
    return hashlib.sha256(code.encode()).digest()


def holder(conn: Connection, code: str) -> CodeHolder:
    """Return whose a code is. Raise NotFound for one that opens nothing."""
    found = vendor_codes.whose(conn, digest(code))
    if found is None:
        raise NotFound("this code opens nothing, or not any more; ask the market for a new one")
    return found


def shown(conn: Connection, vendor: CodeHolder) -> list[ShownVisit]:
    """Return the visits of a vendor that it was told of, the newest first."""
    states = frozenset(VisitState) - _HIDDEN
    found = inspection_lists.of_vendor(conn, vendor.market_id, vendor.vendor_id, states, _MOST_SHOWN)
    ids = [one.inspection_id for one in found]
    asked, tasks = asking.checklists(conn, ids), inspections.tasks_of_each(conn, ids)
    said: dict[int, list[Feedback]] = {number: [] for number in ids}
    for one in vendor_codes.feedback_of(conn, ids):
        said[one.inspection_id].append(one)
    return [
        _shown(conn, visit, asked[number], tasks[number], said[number])
        for number, visit in zip(ids, found, strict=True)
    ]


def report(
    conn: Connection, vendor: CodeHolder, inspection_id: int, words: str, *, policy: InspectionPolicy, now: datetime
) -> None:
    """Say for the vendor that something was put right. Raise NotFound, IllegalTransition, RuleViolation."""
    own(conn, vendor, inspection_id)
    visiting.act(
        conn,
        inspection_id,
        VisitAction.REPORT,
        actor=f"vendor {vendor.vendor_id}",
        market_id=vendor.market_id,
        policy=policy,
        now=now,
        note=words,
    )


def appraise(
    conn: Connection,
    vendor: CodeHolder,
    inspection_id: int,
    stars: int | None,
    words: str,
    *,
    policy: InspectionPolicy,
    now: datetime,
) -> None:
    """Keep what a vendor says of a visit. Raise RuleViolation for nothing, too much, or too often."""
    visit = own(conn, vendor, inspection_id)
    if visit.state not in APPRAISED_IN:
        raise RuleViolation(
            "this visit did not take place yet; say what you think of it afterwards", problem="not_visited_yet"
        )
    if stars is not None and stars not in range(1, 6):
        raise RuleViolation(f"stars are {stars}; expected 1 to 5", problem="not_stars")
    if stars is None and not words.strip():
        raise RuleViolation("neither stars nor words were given; expected one of them at least", problem="nothing_said")
    if len(words) > _LONGEST:
        raise RuleViolation(f"words have {len(words)} signs; expected {_LONGEST} at most", problem="too_long")
    said = vendor_codes.feedback_since(conn, vendor.market_id, vendor.vendor_id, now - _HOUR)
    if said >= policy.feedback_per_hour:
        raise RuleViolation(
            f"{said} were sent within an hour, which is as many as are taken; send it later", problem="said_too_often"
        )
    feedback = Feedback(inspection_id=inspection_id, stars=stars, words=words.strip(), given_at=now)
    vendor_codes.append_feedback(conn, feedback)


def own(conn: Connection, vendor: CodeHolder, inspection_id: int) -> Visit:
    """Return a visit of this vendor that it was told of. Raise NotFound."""
    visit = visiting.seen(conn, inspection_id, vendor.market_id)
    if visit.vendor_id != vendor.vendor_id or visit.state in _HIDDEN:
        raise NotFound(f"there is no visit {inspection_id} that you may see")
    return visit


def _shown(
    conn: Connection, visit: Visit, asked: Checklist, tasks: Sequence[Task], said: Sequence[Feedback]
) -> ShownVisit:
    return ShownVisit(
        visit=visit,
        tasks=tuple(tasks),
        checklist=asked,
        answers=standing_answers(inspection_answers.of_inspection(conn, visit.inspection_id)),
        feedback=tuple(said),
        orders=tuple(one.note for one in inspections.events_of(conn, visit.inspection_id) if one.action in WITH_A_DAY),
    )
