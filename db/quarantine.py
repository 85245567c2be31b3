"""What could not be accepted, kept with the reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from psycopg import Connection

from db.queries import load

_SQL = load("quarantine")
#: A topic may be 64 KiB (MQTT 5, 1.5.4); nobody reads so much of one.
_SHOWN_TOPIC_LENGTH = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldMessage:
    """A payload, or one weighing of a payload, to keep. Ids are known only as far as it could be read."""

    topic: str
    payload: bytes
    reason: str
    explanation: str
    received_at: datetime
    market_id: str | None = None
    scale_id: str | None = None
    journal_id: str | None = None
    seq: int | None = None

    @property
    def identity(self) -> bytes:
        """What makes it the same when it comes again: where it came, whose journal, and every byte."""
        return sha256("\0".join((self.topic, self.journal_id or "", "")).encode() + self.payload).digest()


def hold(conn: Connection, held: HeldMessage) -> bool:
    """Keep a message; return whether it is held for the first time."""
    values: dict[str, object] = {name: getattr(held, name) for name in HeldMessage.__slots__}
    shown = {"topic": held.topic[:_SHOWN_TOPIC_LENGTH], "identity": held.identity}
    row = conn.execute(_SQL["hold"], values | shown).fetchone()
    return bool(row and row[0])


def hold_all(conn: Connection, messages: Sequence[HeldMessage]) -> list[bool]:
    """Keep messages in one statement; return of each whether it is held for the first time.

    A flood of them must not cost others their time: a statement for each is a dozen times as slow.
    """
    places: dict[bytes, list[int]] = {}
    for place, held in enumerate(messages):
        places.setdefault(held.identity, []).append(place)
    # In the order of their identity: two workers never wait for each other in a circle.
    identities = sorted(places)
    firsts = [messages[places[identity][0]] for identity in identities]
    parameters = {
        "identities": identities,
        "topics": [held.topic[:_SHOWN_TOPIC_LENGTH] for held in firsts],
        **{f"{name}s": [getattr(held, name) for held in firsts] for name in HeldMessage.__slots__ if name != "topic"},
        "last_received_ats": [messages[places[identity][-1]].received_at for identity in identities],
        "times": [len(places[identity]) for identity in identities],
    }
    is_new = [False] * len(messages)
    for identity, times in conn.execute(_SQL["hold_all"], parameters):
        is_new[places[identity][0]] = times == len(places[identity])
    return is_new


def count_since(conn: Connection, since: datetime) -> int:
    """Return how many held messages were received since a moment."""
    row = conn.execute(_SQL["count_since"], {"since": since}).fetchone()
    return int(row[0]) if row else 0
