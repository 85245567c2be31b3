"""Let strangers through, or tell them when there is room again."""

from collections.abc import Mapping
from datetime import datetime

from psycopg import Connection

from db import taken_attempts
from supervision.complaints.limits import ByWhat, Counted, Purpose, key_of, require_room
from supervision.complaints.policy import ComplaintsPolicy


def take_a_place(
    conn: Connection, purpose: Purpose, values: Mapping[ByWhat, str], *, now: datetime, policy: ComplaintsPolicy
) -> None:
    """Count one that is let through, within the caller's transaction. Raise TooMany where a limit is reached.

    Of two at once the second is counted after the first. A limit by what is not known here does not apply.
    """
    _look(conn, purpose, values, now=now, policy=policy)
    for by in sorted({one.by for one in policy.limits_of(purpose)} & set(values)):
        taken_attempts.take(conn, purpose, by, key_of(by, values[by]), now)


def require_a_place(
    conn: Connection, purpose: Purpose, values: Mapping[ByWhat, str], *, now: datetime, policy: ComplaintsPolicy
) -> None:
    """Raise TooMany where a limit is reached; count nothing."""
    _look(conn, purpose, values, now=now, policy=policy)


def _look(
    conn: Connection, purpose: Purpose, values: Mapping[ByWhat, str], *, now: datetime, policy: ComplaintsPolicy
) -> None:
    limits = [one for one in policy.limits_of(purpose) if one.by in values]
    keys = {one.by: key_of(one.by, values[one.by]) for one in limits}
    for by, key in sorted(keys.items()):
        taken_attempts.lock(conn, purpose, by, key)
    require_room(
        (
            Counted(
                one,
                keys[one.by],
                taken_attempts.in_the_way(conn, purpose, one.by, keys[one.by], since=now - one.within, most=one.most),
            )
            for one in limits
        ),
        now,
    )
