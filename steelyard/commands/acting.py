"""Who acts on the command line: a person whose role allows it, or whoever is logged in on this machine."""

from typing import TYPE_CHECKING

from domain.errors import NotAllowed
from steelyard.login import login

if TYPE_CHECKING:
    from psycopg import Connection

    from supervision.alerts.handling import Actor
    from web.access import Permission


def acting(conn: "Connection", username: str, permission: "Permission") -> str:
    """Return who does it. Raise NotAllowed where the named person's role does not allow `permission`."""
    from db import accounts
    from web.access import PERMISSIONS, Role

    if not username:
        return login()
    user = accounts.user_by_name(conn, username)
    if user is None or user.is_disabled:
        raise NotAllowed(f"--as: nobody may sign in as {username!r}")
    if permission not in PERMISSIONS[Role(user.role)]:
        raise NotAllowed(f"--as: {username!r} is a {user.role}, who may not {permission.replace('_', ' ')}")
    return username


def acting_as(conn: "Connection", username: str, permission: "Permission") -> "Actor":
    """Return who does it, with the authority of their role and the market they see. Raise NotAllowed.

    Whoever is logged in on this machine has a regulator's authority: they have the database.
    """
    from db import accounts
    from supervision.alerts.handling import Actor
    from supervision.alerts.states import Authority
    from web.access import PERMISSIONS, Permission, Role, scope_of

    by = acting(conn, username, permission)
    user = accounts.user_by_name(conn, username) if username else None
    if user is None:
        return Actor(username=by, authority=Authority.REGULATOR, origin="command")
    role = Role(user.role)
    is_regulator = Permission.DECIDE_AS_AUTHORITY in PERMISSIONS[role]
    return Actor(
        username=by,
        authority=Authority.REGULATOR if is_regulator else Authority.MARKET,
        market_id=scope_of(role, user.market_id),
        origin="command",
    )
