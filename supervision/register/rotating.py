"""Many stalls change hands at one moment (摊位轮换): all of it or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection

from db.register import scales, stalls
from db.register.events import Change
from domain.errors import NotFound, RuleViolation
from domain.ids import MarketId, ScaleId, StallId, VendorId
from supervision.register.moments import When, require_moment
from supervision.register.occupying import occupy_stall, vacate_stall
from supervision.register.placing import bind_scale
from supervision.register.trail import require_reason


@dataclass(frozen=True, kw_only=True, slots=True)
class StallMove:
    """A vendor leaves a stall (None: it had none) and has another (None: none is left)."""

    vendor_id: VendorId
    before: StallId | None
    after: StallId | None


def rotate_stalls(
    conn: Connection,
    market_id: MarketId,
    moves: Sequence[StallMove],
    when: When,
    *,
    scales_follow: bool,
    change: Change,
) -> None:
    """Let every vendor of `moves` leave one stall and occupy another from a moment on.

    `scales_follow`: each takes its scales along; otherwise they stay on their stalls and are whoever's is there. An end
    that was planned for an occupancy stays its vendor's. Raise NotFound, BeginsInThePast, and RuleViolation where a
    stall is not held by who is to leave it.
    """
    require_reason(change)
    require_moment(when, change.at)
    with conn.transaction():
        named = {one for move in moves for one in (move.before, move.after) if one is not None}
        for stall_id in sorted(named):
            if not stalls.move_revision(conn, market_id, stall_id, None):
                raise NotFound(f"there is no stall {stall_id} in {market_id}")
        standing = {one: _scales_of(conn, market_id, one, when) for one in sorted(named)}
        ends: dict[StallId, datetime | None] = {}
        for move in moves:
            if move.before is not None:
                ends[move.before] = _planned_end(conn, market_id, move.before, move.vendor_id, when)
                goes = move.after is None
                vacate_stall(conn, market_id, move.before, when, scales_go=goes, revision=None, change=change)
        for move in moves:
            if move.after is not None:
                until = None if move.before is None else ends[move.before]
                occupy_stall(
                    conn, market_id, move.after, move.vendor_id, when, until=until, revision=None, change=change
                )
        for move in moves:
            if move.after is None:
                continue
            carried = standing[move.before] if scales_follow and move.before is not None else ()
            stay_here = () if scales_follow else standing[move.after]
            for scale_id in (*carried, *stay_here):
                bind_scale(conn, market_id, scale_id, move.after, move.vendor_id, when, revision=None, change=change)


def _scales_of(conn: Connection, market_id: MarketId, stall_id: StallId, when: When) -> tuple[ScaleId, ...]:
    return tuple(
        one.scale_id
        for one in sorted(scales.stays_of_stall(conn, market_id, stall_id), key=lambda stay: stay.scale_id)
        if (one.begins is None or one.begins <= when.moment) and (one.ends is None or when.moment < one.ends)
    )


def _planned_end(
    conn: Connection, market_id: MarketId, stall_id: StallId, vendor_id: VendorId, when: When
) -> datetime | None:
    holder = stalls.occupant_at(conn, market_id, stall_id, when.moment)
    if holder != vendor_id:
        raise RuleViolation(
            f"stall {stall_id} is held by {holder or 'nobody'} then, and by {vendor_id} when the round was frozen",
            problem="held_by_another",
        )
    standing = stalls.in_the_way(conn, market_id, stall_id, when.moment, None)
    return None if standing is None else standing.ends
