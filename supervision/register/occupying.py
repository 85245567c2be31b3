"""Who occupies a stall, from a moment on. Each step one transaction."""

from datetime import datetime

from psycopg import Connection

from db.register import scales, stalls, vendors
from db.register.events import Change
from domain.errors import NotFound, RuleViolation
from domain.ids import MarketId, ScaleId, StallId, VendorId
from domain.register.records import RegisterAction, SubjectKind
from supervision.register.moments import When, require_moment
from supervision.register.trail import Stay, absent_or_changed, note_stall, note_stay, require_reason


def occupy_stall(
    conn: Connection,
    market_id: MarketId,
    stall_id: StallId,
    vendor_id: VendorId,
    when: When,
    *,
    until: datetime | None = None,
    takes_over: bool = False,
    revision: int | None,
    change: Change,
) -> None:
    """Let a vendor occupy a stall for `[moment, until)`; None: until somebody else does.

    `takes_over`: whoever occupies it then leaves, and the scales that stand on it are the new one's. Raise NotFound,
    ChangedMeanwhile, BeginsInThePast, and RuleViolation where somebody else occupies it in that time.
    """
    require_reason(change)
    require_moment(when, change.at)
    if until is not None and until <= when.moment:
        raise RuleViolation(f"it would end at {until.isoformat()}, not after {when.moment.isoformat()}")
    with conn.transaction():
        if not stalls.move_revision(conn, market_id, stall_id, revision):
            raise absent_or_changed(conn, market_id, SubjectKind.STALL, stall_id)
        if vendors.one(conn, market_id, vendor_id) is None:
            raise NotFound(f"there is no vendor {vendor_id} in {market_id}")
        before = stalls.occupant_at(conn, market_id, stall_id, when.moment)
        if before == vendor_id:
            raise RuleViolation(f"{vendor_id} occupies stall {stall_id} then already")
        if takes_over and before is not None:
            _leave(conn, market_id, stall_id, when.moment)
        ends = _free_until(conn, market_id, stall_id, when.moment, until)
        stalls.occupy(
            conn,
            market_id,
            stall_id,
            vendor_id,
            begins=when.moment,
            ends=ends,
            because=change.because,
            by=change.by,
            at=change.at,
        )
        told: dict[str, tuple[str, str]] = {"vendor_id": (before or "", vendor_id)}
        if ends is not None:
            told["until"] = ("", ends.isoformat())
        note_stall(conn, change, market_id, stall_id, RegisterAction.OCCUPIED, told, when.moment)
        if takes_over:
            _hand_scales_over(conn, change, market_id, stall_id, vendor_id, when.moment, ends)


def vacate_stall(
    conn: Connection,
    market_id: MarketId,
    stall_id: StallId,
    when: When,
    *,
    scales_go: bool,
    revision: int | None,
    change: Change,
) -> None:
    """End the occupancy of a stall at a moment. `scales_go`: the scales that stand on it are taken off it then.

    Raise as `occupy_stall`; RuleViolation where nobody occupies it then.
    """
    require_reason(change)
    require_moment(when, change.at)
    with conn.transaction():
        if not stalls.move_revision(conn, market_id, stall_id, revision):
            raise absent_or_changed(conn, market_id, SubjectKind.STALL, stall_id)
        before = _leave(conn, market_id, stall_id, when.moment)
        note_stall(conn, change, market_id, stall_id, RegisterAction.VACATED, {"vendor_id": (before, "")}, when.moment)
        if scales_go:
            for scale_id, stay in _scales_on(conn, market_id, stall_id, when.moment):
                scales.move_revision(conn, market_id, scale_id, None)
                scales.release(conn, market_id, scale_id, when.moment)
                note_stay(conn, change, market_id, scale_id, stay, None, when.moment)


def exchange_stalls(
    conn: Connection,
    market_id: MarketId,
    one: StallId,
    other: StallId,
    when: When,
    *,
    scales_follow: bool,
    change: Change,
) -> None:
    """Let two vendors change stalls (摊位轮换) from a moment on.

    `scales_follow`: each takes its scales along; otherwise they stay on their stalls and are the other's then. An end
    that was planned for an occupancy stays its vendor's.
    """
    require_reason(change)
    require_moment(when, change.at)
    if one == other:
        raise RuleViolation("a stall is not exchanged with itself")
    with conn.transaction():
        for stall_id in sorted((one, other)):
            if not stalls.move_revision(conn, market_id, stall_id, None):
                raise NotFound(f"there is no stall {stall_id} in {market_id}")
        standing = {stall_id: _scales_on(conn, market_id, stall_id, when.moment) for stall_id in (one, other)}
        planned = {stall_id: _planned_end(conn, market_id, stall_id, when.moment) for stall_id in (one, other)}
        left = {stall_id: _leave(conn, market_id, stall_id, when.moment) for stall_id in (one, other)}
        if left[one] == left[other]:
            raise RuleViolation(f"{left[one]} occupies both stalls: there is nothing to exchange")
        for stall_id, instead in ((one, other), (other, one)):
            free = _free_until(conn, market_id, stall_id, when.moment, None)
            ends = min((end for end in (free, planned[instead]) if end is not None), default=None)
            stalls.occupy(
                conn,
                market_id,
                stall_id,
                left[instead],
                begins=when.moment,
                ends=ends,
                because=change.because,
                by=change.by,
                at=change.at,
            )
            told = {"vendor_id": (left[stall_id], left[instead])}
            note_stall(conn, change, market_id, stall_id, RegisterAction.OCCUPIED, told, when.moment)
            for scale_id, stay in standing[stall_id]:
                after = (instead, stay[1]) if scales_follow else (stall_id, left[instead])
                scales.move_revision(conn, market_id, scale_id, None)
                scales.bind(conn, market_id, scale_id, *after, when.moment)
                note_stay(conn, change, market_id, scale_id, stay, after, when.moment)


def _leave(conn: Connection, market_id: MarketId, stall_id: StallId, moment: datetime) -> VendorId:
    before = stalls.vacate(conn, market_id, stall_id, moment)
    if before is None:
        raise RuleViolation(f"nobody occupies stall {stall_id} then, or since that very moment")
    return before


def _planned_end(conn: Connection, market_id: MarketId, stall_id: StallId, moment: datetime) -> datetime | None:
    standing = stalls.in_the_way(conn, market_id, stall_id, moment, None)
    return None if standing is None else standing.ends


def _free_until(
    conn: Connection, market_id: MarketId, stall_id: StallId, begins: datetime, until: datetime | None
) -> datetime | None:
    """Return when an occupancy ends that lasts as long as it can. Raise RuleViolation where somebody is in the way."""
    blocking = stalls.in_the_way(conn, market_id, stall_id, begins, until)
    if blocking is None:
        return until
    if until is None and blocking.begins is not None and blocking.begins > begins:
        return blocking.begins
    since = "ever" if blocking.begins is None else f"since {blocking.begins.isoformat()}"
    ends = "" if blocking.ends is None else f" until {blocking.ends.isoformat()}"
    raise RuleViolation(f"stall {stall_id} is occupied by {blocking.vendor_name} ({blocking.vendor_id}) {since}{ends}")


def _scales_on(
    conn: Connection, market_id: MarketId, stall_id: StallId, moment: datetime
) -> list[tuple[ScaleId, Stay]]:
    stays = scales.stays_of_stall(conn, market_id, stall_id)
    return [
        (one.scale_id, (one.stall_id, one.vendor_id))
        for one in sorted(stays, key=lambda stay: stay.scale_id)
        if (one.begins is None or one.begins <= moment) and (one.ends is None or moment < one.ends)
    ]


def _hand_scales_over(
    conn: Connection,
    change: Change,
    market_id: MarketId,
    stall_id: StallId,
    vendor_id: VendorId,
    moment: datetime,
    ends: datetime | None,
) -> None:
    """Let the scales of a stall be its new occupant's, no longer than that one occupies it: who comes after answers."""
    for scale_id, stay in _scales_on(conn, market_id, stall_id, moment):
        if stay[1] != vendor_id:
            scales.move_revision(conn, market_id, scale_id, None)
            scales.bind(conn, market_id, scale_id, stall_id, vendor_id, moment, ends=ends)
            note_stay(conn, change, market_id, scale_id, stay, (stall_id, vendor_id), moment)
