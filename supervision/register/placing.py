"""Where a scale stands and for whom, from a moment on. Each step one transaction."""

from datetime import datetime

from psycopg import Connection

from db.register import scales, stalls, vendors
from db.register.events import Change
from domain.errors import NotFound, RuleViolation
from domain.ids import MarketId, ScaleId, StallId, VendorId
from domain.register.records import SubjectKind
from supervision.register.moments import When, require_moment
from supervision.register.trail import absent_or_changed, note_stay, require_reason


def bind_scale(
    conn: Connection,
    market_id: MarketId,
    scale_id: ScaleId,
    stall_id: StallId,
    vendor_id: VendorId | None,
    when: When,
    *,
    revision: int | None,
    change: Change,
) -> VendorId:
    """Put a scale on a stall from a moment until its next stay; return whose it is then.

    `vendor_id` None: whoever occupies the stall at that moment. Raise NotFound, ChangedMeanwhile, BeginsInThePast, and
    RuleViolation where nobody occupies the stall and none is named, or where somebody else does.
    """
    require_reason(change)
    require_moment(when, change.at)
    with conn.transaction():
        # The stall before the scale, as whoever gives a stall with its scales to another vendor does.
        if not stalls.hold(conn, market_id, stall_id):
            raise NotFound(f"there is no stall {stall_id} in {market_id}")
        if not scales.move_revision(conn, market_id, scale_id, revision):
            raise absent_or_changed(conn, market_id, SubjectKind.SCALE, scale_id)
        holder = _holder(conn, market_id, stall_id, vendor_id, when.moment)
        before = scales.stay_at(conn, market_id, scale_id, when.moment)
        if before == (stall_id, holder):
            raise RuleViolation(f"scale {scale_id} stands on stall {stall_id} for {holder} then already")
        scales.bind(conn, market_id, scale_id, stall_id, holder, when.moment)
        note_stay(conn, change, market_id, scale_id, before, (stall_id, holder), when.moment)
        return holder


def release_scale(
    conn: Connection, market_id: MarketId, scale_id: ScaleId, when: When, *, revision: int | None, change: Change
) -> None:
    """Take a scale off its stall from a moment on. Raise as `bind_scale`, RuleViolation where it stands nowhere."""
    require_reason(change)
    require_moment(when, change.at)
    with conn.transaction():
        if not scales.move_revision(conn, market_id, scale_id, revision):
            raise absent_or_changed(conn, market_id, SubjectKind.SCALE, scale_id)
        before = scales.release(conn, market_id, scale_id, when.moment)
        if before is None:
            raise RuleViolation(f"scale {scale_id} stands on no stall then")
        note_stay(conn, change, market_id, scale_id, before, None, when.moment)


def exchange_scales(
    conn: Connection, market_id: MarketId, one: ScaleId, other: ScaleId, when: When, *, change: Change
) -> None:
    """Let two scales change places (轮换) from a moment on. Raise as `bind_scale`."""
    require_reason(change)
    require_moment(when, change.at)
    if one == other:
        raise RuleViolation("a scale does not change places with itself")
    with conn.transaction():
        for scale_id in sorted((one, other)):
            if not scales.move_revision(conn, market_id, scale_id, None):
                raise NotFound(f"there is no scale {scale_id} in {market_id}")
        stays = {scale_id: scales.stay_at(conn, market_id, scale_id, when.moment) for scale_id in (one, other)}
        for scale_id, instead in ((one, stays[other]), (other, stays[one])):
            if instead is None:
                raise RuleViolation("both scales stand on a stall then, or they cannot change places")
            scales.bind(conn, market_id, scale_id, *instead, when.moment)
            note_stay(conn, change, market_id, scale_id, stays[scale_id], instead, when.moment)


def _holder(
    conn: Connection, market_id: MarketId, stall_id: StallId, vendor_id: VendorId | None, moment: datetime
) -> VendorId:
    occupant = stalls.occupant_at(conn, market_id, stall_id, moment)
    if vendor_id is None:
        if occupant is None:
            raise RuleViolation(f"nobody occupies stall {stall_id} then: name the vendor, or say first who occupies it")
        return occupant
    if vendors.one(conn, market_id, vendor_id) is None:
        raise NotFound(f"there is no vendor {vendor_id} in {market_id}")
    if occupant not in (None, vendor_id):
        raise RuleViolation(f"stall {stall_id} is occupied by {occupant} then, not by {vendor_id}")
    return vendor_id
