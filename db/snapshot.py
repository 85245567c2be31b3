"""One moment of the database: what is read in it fits together, whatever others commit meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg import Connection


@contextmanager
def snapshot(conn: Connection) -> Iterator[None]:
    """Open a transaction to read in, that sees one moment, and tells times in UTC whatever the session's zone is.

    Whoever opens it is in no transaction, or psycopg raises ActiveSqlTransaction.
    """
    with conn.transaction():
        conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        conn.execute("SET LOCAL TIME ZONE 'UTC'")
        yield
