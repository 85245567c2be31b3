"""A confirmed round becomes the register's: who moves leaves and occupies, from a moment on, in one transaction."""

from datetime import datetime

from psycopg import Connection

from credit.rotation.planning import known
from db import rotation_rounds
from db.register.events import Change
from domain.errors import IllegalTransition
from domain.ids import StallId
from domain.register.records import Source
from domain.rotation import RoundState
from supervision.register.moments import When
from supervision.register.rotating import StallMove, rotate_stalls


def put_in_force(
    conn: Connection, round_id: int, moment: datetime, *, scales_follow: bool, by: str, now: datetime, source: Source
) -> int:
    """Change the register as a confirmed round says, from `moment` on; return how many moved.

    Raise IllegalTransition where it is not confirmed, RuleViolation where somebody holds another stall than when it
    was frozen: nothing is changed then.
    """
    with conn.transaction():
        rotation_rounds.one_locked(conn, round_id)
        found = known(conn, round_id)
        if found.state is not RoundState.CONFIRMED or found.confirmed_version is None:
            raise IllegalTransition(
                f"round {round_id} is {found.state}; the register follows a confirmed one", problem="late"
            )
        moves = [
            StallMove(
                vendor_id=one.vendor_id,
                before=None if one.held is None else StallId(one.held),
                after=None if one.stall_id is None else StallId(one.stall_id),
            )
            for one in rotation_rounds.places(conn, round_id, found.confirmed_version)
            if one.held != one.stall_id
        ]
        because = f"rotation {round_id}: {found.title}"
        change = Change(by=by, at=now, because=because, source=source)
        rotate_stalls(conn, found.market_id, moves, When(moment=moment), scales_follow=scales_follow, change=change)
        rotation_rounds.apply(conn, round_id, by=by, at=now)
        return len(moves)
