"""Cases and the publicity list, for pages and API alike: seen in one's own market, handled in one's own name."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from psycopg import Connection

from credit import cases as credit_cases
from credit.rules.book import rules_now
from db import alerts, case_findings, cases, publicity
from db.cases import BundleLine, Download
from domain.alert import Alert
from domain.case import Case, CaseAction, CaseDecision, CaseFinding, CaseStep
from domain.errors import NotFound
from domain.publicity import PublicityEntry, RepairRequest
from supervision.cases import freezing, handling, opening
from supervision.cases.handling import Move
from supervision.cases.legal_bases import LegalBases, LegalBasis
from supervision.cases.states import BESIDE, actions_from, own_decision, revoked_of
from supervision.inspections import asking
from supervision.items import keeping
from web.access import Permission, Viewer
from web.config import WebConfig

#: What has a form of its own.
_APART: Final = frozenset({CaseAction.DECIDE})


@dataclass(frozen=True, kw_only=True, slots=True)
class FindingLine:
    """A finding of a case, and the question it answers, as the visit asked it."""

    finding: CaseFinding
    text: str
    text_en: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseView:
    """A case and everything that is known about it. What only regulators see is empty for others.

    `is_own`: whoever looks had a part in what it rests on, and does not decide alone.
    `revoked`: which of the decisions were, counted from 0.
    """

    case: Case
    alerts: tuple[Alert, ...]
    findings: tuple[FindingLine, ...]
    steps: tuple[CaseStep, ...]
    decisions: tuple[CaseDecision, ...]
    bases: tuple[LegalBasis, ...]
    bundles: tuple[BundleLine, ...]
    downloads: tuple[Download, ...]
    actions: tuple[CaseAction, ...]
    may_decide: bool
    is_own: bool
    revoked: frozenset[int] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class EntryView:
    """An entry of the list with the requests for its repair."""

    entry: PublicityEntry
    repairs: tuple[RepairRequest, ...]
    is_on: bool


def case_for(conn: Connection, viewer: Viewer, case_id: int) -> Case:
    """Return a case that the viewer may see. Raise NotFound."""
    case = cases.by_id(conn, case_id)
    if case is None or not viewer.sees(case.market_id):
        raise NotFound(f"there is no case {case_id} that you may see")
    return case


def view_for(conn: Connection, viewer: Viewer, case_id: int, config: WebConfig) -> CaseView:
    """Return a case with its record. Raise NotFound."""
    case = case_for(conn, viewer, case_id)
    found = [alerts.by_id(conn, one) for one in cases.alerts_of(conn, case_id)]
    members = tuple(one for one in found if one is not None)
    handles = viewer.may(Permission.HANDLE_CASES)
    findings = tuple(case_findings.of_case(conn, case_id))
    steps = tuple(cases.steps_of(conn, case_id))
    revoked = revoked_of(steps)
    decisions = tuple(cases.decisions_of(conn, case_id))
    possible = actions_from(case.state, is_revoked=len(decisions) - 1 in revoked)
    return CaseView(
        case=case,
        alerts=members,
        steps=steps,
        revoked=revoked,
        decisions=decisions,
        findings=_in_words(conn, findings),
        bases=bases_for(conn, members, findings, config.legal_bases),
        bundles=tuple(cases.bundles_of(conn, case_id)) if handles else (),
        downloads=tuple(cases.downloads_of(conn, case_id)) if handles else (),
        actions=tuple(one for one in (*possible, *BESIDE) if one not in _APART) if handles else (),
        may_decide=handles and CaseAction.DECIDE in possible,
        is_own=own_decision({viewer.username}, cases.confirmers(conn, case_id)),
    )


def bases_for(
    conn: Connection, members: Collection[Alert], findings: Collection[CaseFinding], bases: LegalBases
) -> tuple[LegalBasis, ...]:
    """Return the rows that may concern a case: by its alerts and items; where it has no alert to go by, all of them."""
    codes = {one.item_code for one in findings}
    of_items = {kind for code in sorted(codes) for kind in keeping.find(conn, code).item.alert_kinds}
    found = bases.of_kinds(frozenset({one.kind for one in members} | of_items))
    return found if found or members else bases.basis


def _in_words(conn: Connection, findings: Collection[CaseFinding]) -> tuple[FindingLine, ...]:
    lists = asking.checklists(conn, {one.inspection_id for one in findings})
    asked = {
        (visit, one.item_code, one.question.code): one.question
        for visit, found in lists.items()
        for one in found.questions
    }
    lines = []
    for one in findings:
        question = asked.get((one.inspection_id, one.item_code, one.question_code))
        text, text_en = (question.text, question.text_en) if question else (one.question_code, one.question_code)
        lines.append(FindingLine(finding=one, text=text, text_en=text_en))
    return tuple(lines)


def act(conn: Connection, viewer: Viewer, case_id: int, move: Move, *, config: WebConfig, now: datetime) -> None:
    """Take a step in the viewer's name, in one transaction."""
    case_for(conn, viewer, case_id)
    with conn.transaction():
        if move.action is CaseAction.REVOKE:
            credit_cases.revoke(
                conn,
                case_id,
                move.note,
                by=viewer.actor,
                now=now,
                policies=config.policies,
                revision=move.revision,
            )
        else:
            handling.act(conn, case_id, move, by=viewer.actor, now=now)


def add_alert(conn: Connection, viewer: Viewer, case_id: int, alert_id: int, note: str, now: datetime) -> None:
    """Add an alert of the same vendor."""
    case_for(conn, viewer, case_id)
    with conn.transaction():
        opening.join(conn, case_id, alert_id, by=viewer.actor, note=note, at=now)


def decide(
    conn: Connection,
    viewer: Viewer,
    case_id: int,
    decision: CaseDecision,
    *,
    revision: int | None,
    config: WebConfig,
    now: datetime,
) -> None:
    """Record a decision in the viewer's name."""
    case_for(conn, viewer, case_id)
    credit_cases.decide(
        conn,
        case_id,
        decision,
        by=viewer.actor,
        now=now,
        policies=config.policies,
        bases=config.legal_bases,
        revision=revision,
    )


def freeze(conn: Connection, viewer: Viewer, case_id: int, config: WebConfig, now: datetime) -> int:
    """Freeze a bundle; return its bundle_id."""
    case_for(conn, viewer, case_id)
    versions = {
        "rules": config.rules_policy.version,
        "credit": rules_now(conn, config.credit_rules, now).version,
        "supervision": config.supervision_policy.version,
        "legal_bases": config.legal_bases.version,
    }
    conn.commit()  # what let the viewer in is done with: evidence is of one moment, which begins now
    return freezing.freeze(conn, case_id, versions=versions, by=viewer.actor, now=now)


def bundle_for(conn: Connection, viewer: Viewer, case_id: int, bundle_id: int, now: datetime) -> bytes:
    """Return a bundle's bytes; who took it is written down. Raise NotFound."""
    case_for(conn, viewer, case_id)
    content = cases.take_bundle(conn, case_id, bundle_id, by=viewer.username, origin=viewer.origin, at=now)
    if content is None:
        raise NotFound(f"case {case_id} has no bundle {bundle_id}")
    return content


def entries_for(
    conn: Connection, viewer: Viewer, *, is_on: bool | None, before: int | None, now: datetime, limit: int
) -> list[EntryView]:
    """Return entries of the list that the viewer sees, the newest first."""
    found = publicity.listed(conn, market_id=viewer.scope, is_on=is_on, before=before, now=now, limit=limit)
    repairs = publicity.repairs_of(conn, [one.entry_id for one in found])
    return [
        EntryView(entry=one, repairs=tuple(repairs.get(one.entry_id, ())), is_on=is_public(one, now)) for one in found
    ]


def is_public(entry: PublicityEntry, now: datetime) -> bool:
    """Say whether an entry is told in public now."""
    today = now.astimezone(ZoneInfo(entry.timezone)).date()
    return entry.taken_off_at is None and entry.published_from <= today <= entry.published_to
