"""Registering and correcting vendors, stalls and scales: each step one transaction with its line in the trail."""

from datetime import date

from psycopg import Connection

from db.register import events, scales, stalls, vendors
from db.register.events import Change
from domain.errors import NotFound, RuleViolation
from domain.ids import MarketId, ScaleId, StallId, VendorId
from domain.register.records import (
    RegisterAction,
    ScaleIdentity,
    StallFacts,
    SubjectKind,
    VendorIdentity,
    Verification,
    as_texts,
    differences,
)
from supervision.register.trail import meanwhile, require_reason

Differences = dict[str, tuple[str, str]]


def register_vendor(
    conn: Connection, market_id: MarketId, vendor_id: VendorId, identity: VendorIdentity, change: Change
) -> None:
    """Register a vendor. Raise RuleViolation where its id or its code is taken."""
    with conn.transaction():
        if not vendors.insert(conn, market_id, vendor_id, identity):
            raise RuleViolation(f"vendor {vendor_id} is registered in {market_id} already")
        _note(conn, change, market_id, SubjectKind.VENDOR, vendor_id, differences(None, identity))


def correct_vendor(
    conn: Connection,
    market_id: MarketId,
    vendor_id: VendorId,
    identity: VendorIdentity,
    *,
    revision: int,
    change: Change,
) -> Differences:
    """Put an identity in place of the one of `revision`; return what changed. The same changes nothing.

    Raise NotFound, ChangedMeanwhile, and RuleViolation without a reason.
    """
    with conn.transaction():
        known = vendors.one(conn, market_id, vendor_id)
        if known is None:
            raise NotFound(f"there is no vendor {vendor_id} in {market_id}")
        changes = differences(known.identity, identity)
        if changes or known.revision != revision:
            require_reason(change)
            if not vendors.change(conn, market_id, vendor_id, identity, revision=revision):
                raise meanwhile(conn, market_id, SubjectKind.VENDOR, vendor_id)
            _note(conn, change, market_id, SubjectKind.VENDOR, vendor_id, changes, RegisterAction.CORRECTED)
        return changes


def register_stall(conn: Connection, market_id: MarketId, stall_id: StallId, facts: StallFacts, change: Change) -> None:
    """Register a stall. Raise RuleViolation where its id is taken."""
    with conn.transaction():
        if not stalls.insert(conn, market_id, stall_id, facts):
            raise RuleViolation(f"stall {stall_id} is registered in {market_id} already")
        _note(conn, change, market_id, SubjectKind.STALL, stall_id, differences(None, facts))


def correct_stall(
    conn: Connection, market_id: MarketId, stall_id: StallId, facts: StallFacts, *, revision: int, change: Change
) -> Differences:
    """Put facts in place of those of `revision`; as `correct_vendor`."""
    with conn.transaction():
        known = stalls.one(conn, market_id, stall_id)
        if known is None:
            raise NotFound(f"there is no stall {stall_id} in {market_id}")
        changes = differences(known.facts, facts)
        if changes or known.revision != revision:
            require_reason(change)
            if not stalls.change(conn, market_id, stall_id, facts, revision=revision):
                raise meanwhile(conn, market_id, SubjectKind.STALL, stall_id)
            _note(conn, change, market_id, SubjectKind.STALL, stall_id, changes, RegisterAction.CORRECTED)
        return changes


def register_scale(
    conn: Connection, market_id: MarketId, scale_id: ScaleId, identity: ScaleIdentity, change: Change
) -> None:
    """Register a scale. Raise RuleViolation where its id is taken."""
    with conn.transaction():
        if not scales.insert(conn, market_id, scale_id, identity):
            raise RuleViolation(f"scale {scale_id} is registered in {market_id} already")
        _note(conn, change, market_id, SubjectKind.SCALE, scale_id, differences(None, identity))


def correct_scale(
    conn: Connection, market_id: MarketId, scale_id: ScaleId, identity: ScaleIdentity, *, revision: int, change: Change
) -> Differences:
    """Put an identity in place of the one of `revision`; as `correct_vendor`."""
    with conn.transaction():
        known = scales.one(conn, market_id, scale_id)
        if known is None:
            raise NotFound(f"there is no scale {scale_id} in {market_id}")
        changes = differences(known.identity, identity)
        if changes or known.revision != revision:
            require_reason(change)
            if not scales.change(conn, market_id, scale_id, identity, revision=revision):
                raise meanwhile(conn, market_id, SubjectKind.SCALE, scale_id)
            _note(conn, change, market_id, SubjectKind.SCALE, scale_id, changes, RegisterAction.CORRECTED)
        return changes


def verify_scale(
    conn: Connection,
    market_id: MarketId,
    scale_id: ScaleId,
    verification: Verification,
    *,
    today: date,
    revision: int | None,
    change: Change,
) -> None:
    """Keep a verification; the newest one is in force, one entered late is history.

    Raise NotFound, ChangedMeanwhile, and RuleViolation for a day to come or a certificate that is there already.
    """
    if verification.verified_on > today:
        raise RuleViolation(f"verified_on is {verification.verified_on}; expected a day until today, {today}")
    with conn.transaction():
        known = scales.one(conn, market_id, scale_id)
        if known is None:
            raise NotFound(f"there is no scale {scale_id} in {market_id}")
        is_newest = known.verified_on is None or verification.verified_on >= known.verified_on
        kept = scales.verify(
            conn,
            market_id,
            scale_id,
            verification,
            revision=revision,
            is_newest=is_newest,
            by=change.by,
            at=change.at,
        )
        if kept is None:
            raise RuleViolation(f"certificate {verification.certificate_no} of scale {scale_id} is registered already")
        if not kept:
            raise meanwhile(conn, market_id, SubjectKind.SCALE, scale_id)
        told = {name: ("", text) for name, text in as_texts(verification).items() if text}
        _note(conn, change, market_id, SubjectKind.SCALE, scale_id, told, RegisterAction.VERIFIED)


def _note(
    conn: Connection,
    change: Change,
    market_id: MarketId,
    subject: SubjectKind,
    subject_id: str,
    changes: Differences,
    action: RegisterAction = RegisterAction.REGISTERED,
) -> None:
    events.append(conn, change, market_id, subject, subject_id, action, changes)
