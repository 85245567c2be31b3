"""People who sign in, and their sessions."""

from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection, errors
from psycopg.rows import class_row

from db.queries import load
from domain.errors import NotFound
from domain.ids import MarketId

_SQL = load("accounts")


@dataclass(frozen=True, kw_only=True, slots=True)
class User:
    """An account. `market_id` is set for a manager and for nobody else."""

    user_id: int
    username: str
    display_name: str
    password_hash: str
    role: str
    market_id: MarketId | None
    is_disabled: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """A living session and the person behind it."""

    user_id: int
    username: str
    display_name: str
    role: str
    market_id: MarketId | None
    csrf_token: str
    expires_at: datetime


def put_user(
    conn: Connection, *, username: str, display_name: str, password_hash: str, role: str, market_id: MarketId | None
) -> int:
    """Create an account, or give an existing one a new name, password, role and market; return its user_id.

    Raise NotFound where there is no such market; the transaction is over then.
    """
    values = {
        "username": username,
        "display_name": display_name,
        "password_hash": password_hash,
        "role": role,
        "market_id": market_id,
    }
    try:
        row = conn.execute(_SQL["put_user"], values).fetchone()
    except errors.ForeignKeyViolation as error:
        if error.diag.constraint_name != "users_market_exists":
            raise
        raise NotFound(f"there is no market {market_id!r}") from None
    if row is None:
        raise LookupError("INSERT … RETURNING gave no user_id")
    return int(row[0])


def user_by_name(conn: Connection, username: str) -> User | None:
    """Return an account, or None."""
    with conn.cursor(row_factory=class_row(User)) as cursor:
        return cursor.execute(_SQL["user_by_name"], {"username": username}).fetchone()


def set_password_hash(conn: Connection, user_id: int, password_hash: str) -> None:
    """Replace the hash, as when its cost parameters have moved on."""
    conn.execute(_SQL["set_password_hash"], {"user_id": user_id, "password_hash": password_hash})


def open_session(
    conn: Connection, *, token_digest: bytes, user_id: int, csrf_token: str, created_at: datetime, expires_at: datetime
) -> None:
    """Start a session, and forget those that have ended by themselves."""
    conn.execute(_SQL["forget_expired_sessions"], {"now": created_at})
    conn.execute(
        _SQL["open_session"],
        {
            "token_digest": token_digest,
            "user_id": user_id,
            "csrf_token": csrf_token,
            "created_at": created_at,
            "expires_at": expires_at,
        },
    )


def session(conn: Connection, token_digest: bytes, now: datetime) -> Session | None:
    """Return the living session of a token, or None."""
    with conn.cursor(row_factory=class_row(Session)) as cursor:
        return cursor.execute(_SQL["session"], {"token_digest": token_digest, "now": now}).fetchone()


def end_session(conn: Connection, token_digest: bytes) -> None:
    """End a session."""
    conn.execute(_SQL["end_session"], {"token_digest": token_digest})


def note_failed_sign_in(conn: Connection, username: str, at: datetime) -> None:
    """Remember a failed attempt."""
    conn.execute(_SQL["note_failed_sign_in"], {"username": username, "at": at})


def failed_sign_ins_since(conn: Connection, username: str, since: datetime) -> int:
    """Return how many attempts on a name have failed since a moment."""
    row = conn.execute(_SQL["failed_sign_ins_since"], {"username": username, "since": since}).fetchone()
    return int(row[0]) if row else 0


def forget_failed_sign_ins(conn: Connection, username: str, before: datetime) -> None:
    """Forget the failures of a name, and everybody's from before a moment."""
    conn.execute(_SQL["forget_failed_sign_ins"], {"username": username, "before": before})
