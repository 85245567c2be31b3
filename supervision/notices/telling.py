"""The one place where something becomes worth telling. An alert that opens or gets worse gets there by itself.

Whoever has something else to tell of (a deadline, an assignment) calls `tell` inside the transaction in which it
happens: either both are committed or neither is, and clerks hand it on from there.
"""

from psycopg import Connection

from db import happenings
from domain.notice import NewHappening


def tell(conn: Connection, new: NewHappening) -> bool:
    """Have people and other systems told of something; say whether it is news.

    It is not where something with the same `once` was told before: name it by what must be told once, as
    ``f"deadline_near:{alert_id}:{due_at.isoformat()}"``, and any number of sweeps may see it at the same time.
    """
    return happenings.tell(conn, new) is not None
