"""Who is in the group of ingest workers, whose session is left behind, and when one that was taken up is empty. Pure.

Only sessions that the broker keeps are looked after: one with an expiry. Why it is done at all, and this way, stands in
docs/decisions/0010-a-lost-member.md.
"""

from collections.abc import Collection
from typing import Final
from urllib.parse import quote, unquote

#: A member says so often that it is there, on the connection that its share comes over.
BEAT_S: Final = 1.0
#: One that was not heard for so long, while others were, is lost.
SILENCE_S: Final = 2.5
#: One that came back was only slow: it is waited for twice as long the next time, up to this long, until it has been in
#: time for a while. Else two workers of an overloaded machine put each other out for ever.
LONGEST_SILENCE_S: Final = 40.0
FORGIVEN_AFTER_S: Final = 300.0
#: Followed by which life of the process says so: one that comes back in the same life was not lost, only slow.
HERE: Final = b"here"
#: Said before leaving, so that nobody waits for the silence.
GONE: Final = b"gone"
#: Takes the retained word away: there is no such session any more.
FORGOTTEN: Final = b""

_TOPIC: Final = "steelyard/workers/"
EVERY_MEMBER: Final = _TOPIC + "+"

_ASK_EVERY_S: Final = 0.25
_QUIET_ANSWERS: Final = 2


def member_topic(client_id: str) -> str:
    """Where a member says that it is there; retained. The service's own: no device reads it."""
    return _TOPIC + quote(client_id, safe="")


def member_of(topic: str) -> str:
    """Return whose word a topic of `EVERY_MEMBER` carries."""
    return unquote(topic.removeprefix(_TOPIC))


class Members:
    """Who was heard, and when. A moment is seconds of one clock.

    Silence is reckoned from the last word of anybody: whoever hears nobody, itself neither, knows nothing of others.
    """

    def __init__(self) -> None:
        self._heard_at: dict[str, float] = {}
        self._gone: set[str] = set()
        #: The life each was last heard in, and the one in which it was held for lost.
        self._life: dict[str, bytes] = {}
        self._lost_life: dict[str, bytes] = {}
        #: Of those that were only slow: how long they are waited for, and since when.
        self._patience: dict[str, tuple[float, float]] = {}

    def heard(self, client_id: str, word: bytes, now: float) -> None:
        """Note a word of a member."""
        if word == FORGOTTEN:
            self._heard_at.pop(client_id, None)
            self._gone.discard(client_id)
            return
        self._life[client_id] = word.removeprefix(HERE)
        if self._lost_life.get(client_id) == self._life[client_id]:
            del self._lost_life[client_id]
            self._patience[client_id] = (min(LONGEST_SILENCE_S, 2 * self._silence_of(client_id, now)), now)
        self._heard_at[client_id] = now
        if word == GONE:
            self._gone.add(client_id)
        else:
            self._gone.discard(client_id)

    def deaf_until(self, now: float) -> None:
        """Start anew with those known: what they said meanwhile was not heard, and nothing follows from it."""
        self._heard_at = dict.fromkeys(self._heard_at, now)

    def left_to(self, mine: Collection[str]) -> list[str]:
        """Return the lost members whose session one of `mine` is to take up: the next in the row that is there."""
        latest = max(self._heard_at.values(), default=0.0)
        silent = {one for one, at in self._heard_at.items() if latest - at > self._silence_of(one, latest)}
        for one in silent - self._gone:
            self._lost_life.setdefault(one, self._life[one])
        lost = silent | (self._gone & self._heard_at.keys())
        there = sorted(set(self._heard_at) - lost)
        return [one for one in sorted(lost - set(mine)) if there and _next(one, there) in mine]

    def _silence_of(self, client_id: str, now: float) -> float:
        patience_s, since = self._patience.get(client_id, (SILENCE_S, now))
        return patience_s if now - since < FORGIVEN_AFTER_S else SILENCE_S


def _next(lost: str, there: list[str]) -> str:
    return next((one for one in there if one > lost), there[0])


class Draining:
    """When a session that was taken up holds nothing more.

    Everything that came is acknowledged, and twice running nothing came between a question and its answer: a broker
    sends what it may send after an acknowledgement before it answers the next packet.
    """

    def __init__(self) -> None:
        self.taken = 0
        self._unacknowledged = 0
        self._ask_at = 0.0
        self._is_asked = False
        self._came_meanwhile = False
        self._quiet = 0

    def came(self, messages: int) -> None:
        """Count what came out of it."""
        self.taken += messages
        self._unacknowledged += messages
        self._came_meanwhile = True

    def acknowledged(self, messages: int) -> None:
        """Count what is safe."""
        self._unacknowledged -= messages

    def asks(self, now: float) -> bool:
        """Say whether it is time to ask (again), and take it for asked."""
        if self._is_asked or self._unacknowledged or now < self._ask_at:
            return False
        self._is_asked, self._came_meanwhile, self._ask_at = True, False, now + _ASK_EVERY_S
        return True

    def answered(self) -> None:
        """Take the answer to what was asked."""
        self._is_asked = False
        self._quiet = 0 if self._came_meanwhile or self._unacknowledged else self._quiet + 1

    def was_empty(self) -> None:
        """The broker keeps no such session (any more)."""
        self._quiet = _QUIET_ANSWERS

    @property
    def is_over(self) -> bool:
        """Whether the session may be ended."""
        return self._quiet >= _QUIET_ANSWERS
