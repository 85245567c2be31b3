"""Everything that is held for some reason is read again: asked for once, marked by a worker in slices, and counted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from psycopg import Connection
from psycopg.rows import class_row

from db.quarantine_pages import Where
from db.queries import load
from domain.ids import MarketId

_SQL = load("quarantine_replays")
#: A slice: as many are marked together at most, among so many numbers. Its transaction takes a few hundredths of a
#: second, and who asks for a single message meanwhile waits for no more than a slice.
_SLICE: Final = 50
_SPAN: Final = 50_000


@dataclass(frozen=True, kw_only=True, slots=True)
class ManyReplayed:
    """How far it is. `expected`: how many were meant when it was asked for; `marked`: how many of them were reached.

    Of the marked ones so many were `replayed`, `refused` again, or `settled` by a person before they were read.
    """

    replay_id: int
    asked_at: datetime
    asked_by: str
    reason: str | None
    market_id: str | None
    scale_id: str | None
    since: datetime | None
    until: datetime | None
    expected: int
    marked: int
    replayed: int
    refused: int
    settled: int
    all_marked_at: datetime | None
    stopped_at: datetime | None
    stopped_by: str | None

    @property
    def waiting(self) -> int:
        """How many are still to be read; until all are marked, those that may be."""
        reached = self.marked if self.all_marked_at or self.stopped_at else max(self.marked, self.expected)
        return reached - self.replayed - self.refused - self.settled

    @property
    def is_going_on(self) -> bool:
        """Whether there is still something to do."""
        return self.waiting > 0 or not (self.all_marked_at or self.stopped_at)

    @property
    def may_be_stopped(self) -> bool:
        """Whether there are messages that it has not reached yet."""
        return not (self.all_marked_at or self.stopped_at)

    @property
    def left_out(self) -> int:
        """How many were not reached: dealt with otherwise before, asked for by somebody else, or it was stopped."""
        return 0 if self.may_be_stopped else max(0, self.expected - self.marked)


def newest(conn: Connection) -> int:
    """Return the newest message's number, 0 where there is none: what is meant now ends with it."""
    row = conn.execute(_SQL["newest"]).fetchone()
    return int(row[0]) if row else 0


def meant(conn: Connection, where: Where, up_to: int) -> Mapping[str, int]:
    """Return how many messages up to a number are held and may be read again, by reason, to the last one."""
    statement = "meant_of_ever" if where.since is None and where.until is None else "meant_of_a_span"
    return dict(conn.execute(_SQL[statement], {**where.parameters, "up_to": up_to}).fetchall())


def ask(conn: Connection, where: Where, *, up_to: int, expected: int, actor: str, now: datetime) -> int:
    """Ask that they be read again; return the replay's number. Where the same is going on already, it is that one."""
    parameters = {**where.parameters, "up_to": up_to, "expected": expected, "actor": actor, "now": now}
    row = conn.execute(_SQL["ask"], parameters).fetchone()
    if row is None:
        raise LookupError("the database gave a replay no number")
    return int(row[0])


def stop(conn: Connection, replay_id: int, actor: str, now: datetime) -> bool:
    """Reach no further messages; return False where all are reached already, or somebody stopped it before."""
    parameters = {"replay_id": replay_id, "actor": actor, "now": now}
    return conn.execute(_SQL["stop"], parameters).fetchone() is not None


def one(conn: Connection, replay_id: int) -> ManyReplayed | None:
    """Return how far a replay is, or None where there is none of this number."""
    with conn.cursor(row_factory=class_row(ManyReplayed)) as cursor:
        return cursor.execute(_SQL["one"], {"replay_id": replay_id}).fetchone()


def newest_ones(conn: Connection, market_id: MarketId | None, limit: int) -> list[ManyReplayed]:
    """Return the last replays that were asked for (within a market, where one is given), the newest first."""
    with conn.cursor(row_factory=class_row(ManyReplayed)) as cursor:
        return cursor.execute(_SQL["newest_ones"], {"market_id": market_id, "limit": limit}).fetchall()


def going_on(conn: Connection) -> Sequence[int]:
    """Return the replays that have messages left to mark, in the order in which they were asked for."""
    return [replay_id for (replay_id,) in conn.execute(_SQL["going_on"])]


def mark_slice(conn: Connection, replay_id: int, now: datetime, *, limit: int = _SLICE, span: int = _SPAN) -> None:
    """Mark the next messages of a replay to be read again, one statement; done by one worker at a time."""
    parameters = {"replay_id": replay_id, "now": now, "limit": limit, "span": span}
    conn.execute(_SQL["mark_slice"], parameters)
