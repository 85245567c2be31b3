"""What could not be accepted, kept with the reason."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

import msgspec
from psycopg import Connection

from db.queries import load

_SQL = load("quarantine")
#: A topic may be 64 KiB (MQTT 5, 1.5.4); nobody reads so much of one.
_SHOWN_TOPIC_LENGTH = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldMessage:
    """A payload, or one weighing of a payload, to keep. Ids are known only as far as it could be read.

    `identity` is what makes it the same when it comes again: where it came, whose journal, and every byte.
    """

    topic: str
    payload: bytes
    reason: str
    explanation: str
    received_at: datetime
    market_id: str | None = None
    scale_id: str | None = None
    journal_id: str | None = None
    seq: int | None = None

    identity: bytes = field(init=False, repr=False)

    def __post_init__(self) -> None:
        origin = f"{self.topic}\0{self.journal_id or ''}\0".encode()
        object.__setattr__(self, "identity", sha256(origin + self.payload).digest())


def hold(conn: Connection, held: HeldMessage) -> bool:
    """Keep a message; return whether it is held for the first time."""
    values: dict[str, object] = {name: getattr(held, name) for name in HeldMessage.__slots__}
    row = conn.execute(_SQL["hold"], values | {"topic": held.topic[:_SHOWN_TOPIC_LENGTH]}).fetchone()
    return bool(row and row[0])


def hold_all(conn: Connection, messages: Sequence[HeldMessage]) -> list[bool]:
    """Keep messages in one statement; return of each whether it is held for the first time.

    A flood of them must not cost others their time: a statement for each is a dozen times as slow, and an array for
    each column, which psycopg lays out value by value, twice as slow as a text for each.
    """
    places: dict[bytes, list[int]] = {}
    for place, held in enumerate(messages):
        places.setdefault(held.identity, []).append(place)
    # In the order of their identity: two workers never wait for each other in a circle.
    identities = sorted(places)
    firsts = [messages[places[identity][0]] for identity in identities]
    lasts = [messages[places[identity][-1]] for identity in identities]
    parameters = {
        "identities": b"".join(identities),
        "payloads": b"".join([held.payload for held in firsts]),
        "sizes": _words(str(len(held.payload)) for held in firsts),
        "topics": _json(held.topic[:_SHOWN_TOPIC_LENGTH] for held in firsts),
        "explanations": _json(held.explanation for held in firsts),
        "reasons": _words(held.reason for held in firsts),
        "market_ids": _words(held.market_id for held in firsts),
        "scale_ids": _words(held.scale_id for held in firsts),
        "journal_ids": _words(held.journal_id for held in firsts),
        "seqs": _words(None if held.seq is None else str(held.seq) for held in firsts),
        "received_ats": _moments([held.received_at for held in firsts]),
        "last_received_ats": _moments([held.received_at for held in lasts]),
        "times": _words(str(len(places[identity])) for identity in identities),
    }
    is_new = [False] * len(messages)
    for identity, times in conn.execute(_SQL["hold_all"], parameters):
        is_new[places[identity][0]] = times == len(places[identity])
    return is_new


def _words(values: Iterable[str | None]) -> str:
    """Write ids, reasons and numbers, none of which holds a blank or is empty, one after the other; None is nothing."""
    return " ".join([value or "" for value in values])


def _json(texts: Iterable[str]) -> str:
    return msgspec.json.encode(list(texts)).decode()


def _moments(moments: Sequence[datetime]) -> str:
    """What arrived together has its moment together."""
    written = {moment: moment.isoformat() for moment in set(moments)}
    return _words(written[moment] for moment in moments)


def count_since(conn: Connection, since: datetime) -> int:
    """Return how many held messages were received since a moment."""
    row = conn.execute(_SQL["count_since"], {"since": since}).fetchone()
    return int(row[0]) if row else 0
