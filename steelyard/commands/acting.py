"""Who acts on the command line: a person whose role allows it, or whoever is logged in on this machine."""

from typing import TYPE_CHECKING

from domain.errors import NotAllowed
from steelyard.login import login

if TYPE_CHECKING:
    from psycopg import Connection

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
