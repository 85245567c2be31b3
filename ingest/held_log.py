"""What the log says of held messages: a line for each, as long as they are few.

A flood would cost more in the log than in the database. Each message is in quarantine all the same, with its reason,
and counted by the metrics. Time is of a monotonic clock, in seconds.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Final

import structlog

from db.quarantine import HeldMessage
from ingest.reading import OUR_BUG

#: Lines in a second; what comes beyond them is counted, and told in one line when the second is over.
MOST_LINES: Final = 20
_INTERVAL_S: Final = 1.0
#: What is held for a fault of our own: it is told before anything else.
_OURS: Final = (OUR_BUG, "not_storable")
_SHOWN_TOPIC: Final = 200

log = structlog.get_logger()


class HeldLog:
    """Tells of messages that are committed to quarantine for the first time."""

    def __init__(self, most_lines: int = MOST_LINES) -> None:
        self._most_lines = most_lines
        self._begun_at = float("-inf")
        self._told = 0
        self._others: Counter[str] = Counter()

    def tell(self, held: Sequence[HeldMessage], now_s: float) -> None:
        """Tell of some, with a line each where the second has room for it."""
        self.tell_others(now_s)
        if now_s - self._begun_at >= _INTERVAL_S:
            self._begun_at, self._told = now_s, 0
        room = self._most_lines - self._told
        if len(held) > room:
            held = sorted(held, key=lambda one: one.reason not in _OURS)
            self._others.update(one.reason for one in held[room:])
        for one in held[:room]:
            tell_of(one)
        self._told += min(room, len(held))

    def tell_others(self, now_s: float) -> None:
        """Tell how many had no line, once the second they came in is over. Called again and again."""
        if self._others and now_s - self._begun_at >= _INTERVAL_S:
            log.warning("more held in quarantine", messages=self._others.total(), reasons=dict(self._others))
            self._others.clear()


def tell_of(held: HeldMessage) -> None:
    """One line a message that is held; `held_id` is how it is named in quarantine (`encode(identity, 'hex')`)."""
    tell = log.error if held.reason in _OURS else log.info
    tell(
        "held in quarantine",
        held_id=held.identity.hex(),
        topic=held.topic[:_SHOWN_TOPIC],
        journal_id=held.journal_id,
        seq=held.seq,
        reason=held.reason,
        why=held.explanation,
    )
