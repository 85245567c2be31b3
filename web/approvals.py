"""What pages and API ask of approvals, and who may: a manager sees those about their own market's vendors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from psycopg import Connection

from db import accounts, inspections
from db.approvals import checks, records
from db.approvals.records import StoredApproval
from domain.approval import ApprovalVersion, Check, CheckAction, CheckStep, Feed, Match
from domain.errors import FieldRefused, NotFound
from domain.inspection import Visit, VisitState
from domain.register.personal import masked, masked_changes
from supervision.approvals.checking import assign
from supervision.approvals.receiving import Feeding
from supervision.approvals.states import UNFINISHED
from web.access import PERMISSIONS, Permission, Role, Viewer
from web.config import WebConfig


@dataclass(frozen=True, kw_only=True, slots=True)
class ApprovalView:
    """An approval with everything that was told of it, whom it is about, and its checks with their trails."""

    stored: StoredApproval
    versions: list[ApprovalVersion]
    matches: list[Match]
    checks: list[Check]
    trails: Mapping[int, list[CheckStep]]
    #: The last visit that was made for each check, by its check_id.
    visits: Mapping[int, Visit]

    @property
    def unfinished_or_last(self) -> Check | None:
        """The check to act on."""
        unfinished = (one for one in self.checks if one.state in UNFINISHED)
        return next(unfinished, next(iter(self.checks), None))


def feeding_of(viewer: Viewer, config: WebConfig, feed: Feed, now: datetime) -> Feeding:
    """Return how the viewer hands approvals in."""
    return Feeding(
        policy=config.approvals_policy,
        calendar=config.supervision_policy.working_calendar,
        feed=feed,
        by=viewer.username,
        now=now,
    )


def view_of(conn: Connection, viewer: Viewer, approval_id: int) -> ApprovalView:
    """Return an approval. Raise NotFound for one that the viewer may not see."""
    view = views_of(conn, viewer, [approval_id]).get(approval_id)
    if view is None:
        raise NotFound(f"there is no approval {approval_id} that you may see")
    return view


def views_of(conn: Connection, viewer: Viewer, approval_ids: Sequence[int]) -> dict[int, ApprovalView]:
    """Return approvals by their ids; what the viewer may not see is left out."""
    stored = records.several(conn, approval_ids)
    matches = {
        approval_id: [one for one in found if viewer.sees(one.market_id)]
        for approval_id, found in records.matches_of_each(conn, list(stored)).items()
    }
    ids = [one for one in approval_ids if one in stored and (viewer.scope is None or matches[one])]
    versions, of_each = records.versions_of_each(conn, ids), checks.of_each_approval(conn, ids)
    every = [check for found in of_each.values() for check in found]
    visits, trails = _visits_of(conn, every), checks.steps_of_each(conn, [one.check_id for one in every])
    return {
        one: _view(viewer, stored[one], matches[one], versions[one], of_each[one], visits=visits, trails=trails)
        for one in ids
    }


def as_seen(conn: Connection, viewer: Viewer, found: Sequence[Check]) -> list[Check]:
    """Return checks without visits that were not told of: who knew of one beforehand would be ready for it."""
    visits = {} if viewer.may(Permission.INSPECT) else _visits_of(conn, found)
    return [_as_seen(viewer, one, visits) for one in found]


def _view(
    viewer: Viewer,
    stored: StoredApproval,
    matches: list[Match],
    versions: list[ApprovalVersion],
    of_approval: Sequence[Check],
    *,
    visits: Mapping[int, Visit],
    trails: Mapping[int, list[CheckStep]],
) -> ApprovalView:
    found = [_as_seen(viewer, one, visits) for one in of_approval]
    hidden = {one.check_id for one, seen in zip(of_approval, found, strict=True) if one != seen}
    shown_trails = {one.check_id: trails[one.check_id] for one in found}
    return ApprovalView(
        stored=stored,
        versions=versions,
        matches=matches,
        checks=found,
        trails={one: _without_last_visit(steps) if one in hidden else steps for one, steps in shown_trails.items()},
        visits={
            one.check_id: visit
            for one in found
            if one.inspection_id is not None and (visit := visits.get(one.inspection_id)) is not None
        },
    )


def _visits_of(conn: Connection, found: Sequence[Check]) -> dict[int, Visit]:
    """Return the visits that were made for checks, and those that took them in."""
    visits: dict[int, Visit] = {}
    wanted = {one.inspection_id for one in found if one.inspection_id is not None}
    while wanted:
        more = inspections.several(conn, wanted)
        visits |= more
        wanted = {one.combined_into for one in more.values() if one.combined_into is not None} - visits.keys()
    return visits


def _as_seen(viewer: Viewer, check: Check, visits: Mapping[int, Visit]) -> Check:
    is_secret = check.inspection_id is not None and not viewer.may(Permission.INSPECT) and _is_secret(check, visits)
    return replace(check, inspection_id=None) if is_secret else check


def _is_secret(check: Check, visits: Mapping[int, Visit]) -> bool:
    visit = visits.get(check.inspection_id) if check.inspection_id is not None else None
    while visit is not None and visit.combined_into is not None:
        visit = visits.get(visit.combined_into)
    return visit is None or visit.state is VisitState.DRAWN


def _without_last_visit(steps: list[CheckStep]) -> list[CheckStep]:
    last = max((at for at, step in enumerate(steps) if step.action is CheckAction.INSPECT), default=None)
    return [step for at, step in enumerate(steps) if at != last]


def check_of(conn: Connection, viewer: Viewer, check_id: int) -> Check:
    """Return a check as the viewer sees it. Raise NotFound for one that they may not see."""
    check = checks.by_id(conn, check_id)
    if check is None:
        raise NotFound(f"there is no check {check_id} that you may see")
    view = view_of(conn, viewer, check.approval_id)
    return next(one for one in view.checks if one.check_id == check_id)


def assign_to(conn: Connection, viewer: Viewer, check_id: int, username: str, now: datetime) -> Check:
    """Say who is to do a check. Raise FieldRefused for somebody who may not."""
    user = accounts.user_by_name(conn, username)
    may = user is not None and not user.is_disabled
    if user is None or not may or Permission.HANDLE_APPROVALS not in PERMISSIONS[Role(user.role)]:
        expected = "an account that may do checks and may sign in"
        raise FieldRefused("assigned_to", username, expected, problem="nobody")
    return assign(conn, check_id, username, actor=viewer.username, origin=viewer.origin, now=now)


def shown(stored: StoredApproval) -> dict[str, str]:
    """Return what an approval says as texts, a person's data masked."""
    return masked(stored.approval.texts())


def shown_changes(version: ApprovalVersion) -> dict[str, tuple[str, str]]:
    """Return what a version changed, a person's data masked."""
    return masked_changes(version.changes)
