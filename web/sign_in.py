"""Signing in: the name, the password, and how often one may guess."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg import Connection

from db import accounts
from db.accounts import User
from db.pool import translate_absence
from web.accounts import Checked, check_password
from web.sessions import NewSession, open_session
from web.state import Service

ATTEMPTS = 5
WINDOW = timedelta(minutes=15)
_LONGEST_NAME = 64
_LONGEST_PASSWORD = 512

_LOG = logging.getLogger("steelyard.web")


@dataclass(frozen=True, slots=True)
class Refused:
    """Not let in. `is_locked`: too many attempts on this name, whatever the password was."""

    is_locked: bool = False


def sign_in(running: Service, username: str, password: str, now: datetime) -> NewSession | Refused:
    """Let a person in, or not. No connection is held while the hash is computed."""
    username = username.strip()
    if "\0" in username or not 0 < len(username) <= _LONGEST_NAME or len(password) > _LONGEST_PASSWORD:
        return Refused()
    with translate_absence(), running.pool.connection() as conn:
        is_locked = _take_an_attempt(conn, username, now)
        user = accounts.user_by_name(conn, username)
    if is_locked:
        _LOG.warning("sign-in refused, too many attempts: %r", username)
        return Refused(is_locked=True)
    checked = check_password(password, None if user is None else user.password_hash)
    if user is None or user.is_disabled or not checked.is_right:
        _LOG.warning("sign-in refused: %r", username)
        return Refused()
    with translate_absence(), running.pool.connection() as conn:
        return _let_in(conn, user, checked, now=now, hours=running.config.session_hours)


def _take_an_attempt(conn: Connection, username: str, now: datetime) -> bool:
    """Count the attempt before it is judged, so that guesses sent at once are counted too. True: none was left.

    A refused attempt is not counted: whoever knocks on cannot keep the owner of the name out for ever.
    """
    since = now - WINDOW
    if accounts.failed_sign_ins_since(conn, username, since) >= ATTEMPTS:
        return True
    accounts.note_failed_sign_in(conn, username, now)
    conn.commit()
    return accounts.failed_sign_ins_since(conn, username, since) > ATTEMPTS


def _let_in(conn: Connection, user: User, checked: Checked, *, now: datetime, hours: int) -> NewSession:
    accounts.forget_failed_sign_ins(conn, user.username, now - WINDOW)
    if checked.new_hash is not None:
        accounts.set_password_hash(conn, user.user_id, checked.new_hash)
    session = open_session(conn, user.user_id, now=now, hours=hours)
    _LOG.info("signed in: %r", user.username)
    return session
