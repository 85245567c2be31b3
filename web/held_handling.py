"""Dealing with held messages, for pages and API alike: seen first, then asked for or settled in the person's name."""

from datetime import datetime

from psycopg import Connection

from db import quarantine_pages, quarantine_replays, quarantine_steps
from db.quarantine_pages import HeldDetail, Where
from db.quarantine_replays import ManyReplayed
from domain.errors import IllegalTransition, NotFound, RuleViolation
from domain.ids import MarketId
from domain.quarantine import CONFLICT, HeldState
from web.access import Viewer


class NotHeld(IllegalTransition):
    """Somebody was faster: it is not held any more, or nothing is left to stop."""


def held_for(conn: Connection, viewer: Viewer, quarantine_id: int) -> HeldDetail:
    """Return a message. Raise NotFound where there is none, and where it is not of a market the person sees.

    What names no market is seen by those only who see every market.
    """
    held = quarantine_pages.one(conn, quarantine_id)
    is_seen = held is not None and (viewer.scope is None or MarketId(held.market_id or "") == viewer.scope)
    if held is None or not is_seen:
        raise NotFound(f"there is no held message {quarantine_id} that you may see")
    return held


def ask_for_replay(conn: Connection, viewer: Viewer, quarantine_id: int, now: datetime) -> None:
    """Ask that a message be read again; an ingest worker does it. Asked for twice it is asked for once.

    Raise NotHeld where it has ended, RuleViolation where it is a conflict.
    """
    held = held_for(conn, viewer, quarantine_id)
    if held.reason == CONFLICT:
        raise RuleViolation("another content came first under this number and is the record; this one is never stored")
    if quarantine_steps.request_replay(conn, quarantine_id, viewer.username, now):
        return
    if held_for(conn, viewer, quarantine_id).state is not HeldState.HELD:
        raise NotHeld(f"message {quarantine_id} is not held any more")


def ask_for_many(conn: Connection, viewer: Viewer, where: Where, up_to: int, now: datetime) -> int:
    """Ask that everything held be read again that is meant, up to the newest message that was looked at.

    `where` is narrowed to what the person sees. Return the replay's number; the same asked for twice is asked for once.
    Raise RuleViolation where nothing of it may be read again.
    """
    expected = sum(quarantine_replays.meant(conn, where, up_to).values())
    if not expected:
        raise RuleViolation("nothing of this is held that may be read again")
    return quarantine_replays.ask(conn, where, up_to=up_to, expected=expected, actor=viewer.username, now=now)


def many_replayed_for(conn: Connection, viewer: Viewer, replay_id: int) -> ManyReplayed:
    """Return how far a replay is. Raise NotFound where there is none, and where it is not of what the person sees."""
    found = quarantine_replays.one(conn, replay_id)
    if found is None or (viewer.scope is not None and found.market_id != viewer.scope):
        raise NotFound(f"there is no replay {replay_id} that you may see")
    return found


def stop_many(conn: Connection, viewer: Viewer, replay_id: int, now: datetime) -> None:
    """Have a replay reach no further messages. Raise NotHeld where it has reached all, or was stopped already."""
    many_replayed_for(conn, viewer, replay_id)
    if not quarantine_replays.stop(conn, replay_id, viewer.username, now):
        raise NotHeld(f"replay {replay_id} has reached its end already")


def settle(conn: Connection, viewer: Viewer, quarantine_id: int, because: str, now: datetime) -> None:
    """Close a message. Raise NotHeld where it has ended, RuleViolation where no reason is given."""
    held_for(conn, viewer, quarantine_id)
    if not because.strip():
        raise RuleViolation("say why nothing more is to be done about it")
    if not quarantine_steps.settle(conn, quarantine_id, because.strip(), viewer.username, now):
        raise NotHeld(f"message {quarantine_id} is not held any more")
