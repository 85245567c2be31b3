"""One connection of one client, kept by one thread: made anew when it is lost, read only while there is room.

What speaks MQTT is behind `Wire`; here is what every client does alike. The thread never waits for the worker, so it
goes on answering the broker and saying that it is there however long the database is away.
"""

import random
import select
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from secrets import token_hex
from typing import Final, NamedTuple, Protocol

import structlog

from ingest.membership import BEAT_S, FORGOTTEN, GONE, HERE, Draining, member_topic
from ingest.reading import Delivery
from ingest.subscriber import TOPIC_FILTERS, BrokerAddress, Undecodable
from ingest.waiting import Arrived, Waiting
from ingest.waker import Waker

_FIRST_PAUSE_S: Final = 1.0
_LONGEST_PAUSE_S: Final = 30.0
_LOOK_MS: Final = 250
#: While there is no room: how soon it is looked for again.
_ROOM_LOOK_MS: Final = 20
_GOODBYE_S: Final = 2.0
_READABLE: Final = select.POLLIN | select.POLLHUP | select.POLLERR

#: Which process this is: a worker that is started again is another one (ingest.membership).
_LIFE: Final = token_hex(6).encode()

log = structlog.get_logger()


class Listener(Protocol):
    """Who is told what comes over a wire, by the thread that reads it."""

    def taken_in(self, *, session_present: bool) -> None:
        """The broker took us in."""
        ...

    def arrived(self, messages: Sequence[tuple[str, bytes, int | None]], now: datetime) -> None:
        """Messages came: topic, payload, packet id (None at QoS 0)."""
        ...

    def subscribed(self, refusal: str | None) -> None:
        """A SUBSCRIBE was answered; `refusal`: why something of it is not given. Raise ConnectionRefusedError then."""
        ...

    def unsubscribed(self) -> None:
        """An UNSUBSCRIBE was answered."""
        ...


class Wire(Protocol):
    """An MQTT 5 connection that its owner drives. Only `acknowledge` and `publish` come from other threads."""

    def connect(self) -> None:
        """Connect, and ask to be taken in. Raise OSError."""
        ...

    def close(self) -> None:
        """Drop the connection, and what was to be sent over it."""
        ...

    def fileno(self) -> int:
        """Return what is to be waited for; -1 where there is no connection."""
        ...

    @property
    def wants_write(self) -> bool:
        """Whether something is to be sent."""
        ...

    @property
    def has_unread(self) -> bool:
        """Whether something was read from the socket that nobody looked at (TLS)."""
        ...

    def read(self) -> None:
        """Take some of what is there, and tell the listener. Raise OSError or Undecodable where that is the end."""
        ...

    def write(self) -> None:
        """Send as much as goes. Raise OSError."""
        ...

    def keep_alive(self) -> None:
        """Ping where it is time. Raise OSError where nothing comes from the broker any more."""
        ...

    def acknowledge(self, packet_ids: Iterable[int]) -> None:
        """Have PUBACKs sent."""
        ...

    def publish(self, topic: str, payload: bytes, *, qos: int, retain: bool) -> None:
        """Have a message sent."""
        ...

    def subscribe(self, topic_filters: Sequence[str]) -> None:
        """Have one SUBSCRIBE sent, at QoS 1."""
        ...

    def unsubscribe(self, topic_filters: Sequence[str]) -> None:
        """Have one UNSUBSCRIBE sent, which has one answer."""
        ...

    def say_goodbye(self, *, end_session: bool) -> None:
        """Have a DISCONNECT sent; with `end_session` the broker keeps nothing for us."""
        ...


class Token(NamedTuple):
    """What acknowledges a message: a packet id means something only within its connection."""

    link: "Link"
    packet_id: int | None
    connection: int


class Link:
    """A member of the shared subscription. With `draining`, one that takes up a lost member's session and ends it."""

    def __init__(
        self,
        wire: Callable[[Listener], Wire],
        address: BrokerAddress,
        waiting: Waiting,
        draining: Draining | None = None,
    ) -> None:
        self._wire, self._address, self._waiting, self._draining = wire(self), address, waiting, draining
        self.connection = 0
        self.is_connected = False
        #: Before the broker's answer a message may still go to others, or to nobody.
        self.is_subscribed = False
        self._session_present = False
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._beat_at = 0.0
        self._waker = Waker()
        self._thread = threading.Thread(target=self._run, name=address.client_id)

    @property
    def client_id(self) -> str:
        """Who it is to the broker."""
        return self._address.client_id

    def start(self) -> None:
        """Connect, and go on doing so whenever the connection is lost; to take a session up, once."""
        self._waker.open()
        self._thread.start()

    def stop(self) -> None:
        """Say goodbye, and return when that is done."""
        self._stop.set()
        self._waker.wake()
        self._thread.join()
        self._waker.close()

    def is_alive(self) -> bool:
        """Whether it works: one that takes a session up ends with it."""
        return self._thread.is_alive()

    def acknowledge(self, tokens: Sequence[Token]) -> None:
        """Tell the broker that these are safe; what came over an earlier connection is its affair no more."""
        with self._lock:
            ids = [one.packet_id for one in tokens if one.packet_id is not None and one.connection == self.connection]
            if self.is_connected:
                self._wire.acknowledge(ids)
            if self._draining is not None:
                self._draining.acknowledged(len(ids))
        self._waker.wake()

    def publish(self, topic: str, payload: bytes, *, retain: bool) -> None:
        """Send a message to a scale; where there is no connection it may be lost."""
        self._wire.publish(topic, payload, qos=1, retain=retain)
        self._waker.wake()

    def taken_in(self, *, session_present: bool) -> None:
        """See Listener."""
        with self._lock:
            self.connection += 1
            self.is_connected = True
            self._beat_at = 0.0
        if self._draining is None:
            if self._address.session_expiry_s:
                # Before it has a share: who is lost in between would leave one that nobody knows of.
                self._say(HERE + b" " + _LIFE)
            self._session_present = session_present
            self._wire.subscribe(TOPIC_FILTERS)
        elif not session_present:
            self._draining.was_empty()

    def arrived(self, messages: Sequence[tuple[str, bytes, int | None]], now: datetime) -> None:
        """See Listener."""
        if self._draining is not None:
            with self._lock:
                self._draining.came(sum(packet_id is not None for _, _, packet_id in messages))
        connection = self.connection
        self._waiting.put(
            *(
                Arrived(Delivery(topic.replace("\0", "\\x00"), payload, now), Token(self, packet_id, connection))
                for topic, payload, packet_id in messages
            )
        )

    def subscribed(self, refusal: str | None) -> None:
        """See Listener."""
        if refusal is not None:
            log.error("broker refused the subscription", reason=refusal, client_id=self.client_id)
            raise ConnectionRefusedError(f"the broker refused the subscription: {refusal}")
        self.is_subscribed = True
        log.info("subscribed", client_id=self.client_id, session_present=self._session_present)

    def unsubscribed(self) -> None:
        """See Listener."""
        if self._draining is not None:
            with self._lock:
                self._draining.answered()

    def _run(self) -> None:
        pause_s = _FIRST_PAUSE_S
        while not self._stop.is_set():
            try:
                self._wire.connect()
                self._serve()
            except (OSError, Undecodable) as error:
                log.warning("disconnected from the broker", reason=str(error), client_id=self.client_id)
            was_subscribed = self.is_subscribed
            with self._lock:
                self.is_connected = self.is_subscribed = False
                self._wire.close()
            if self._draining is not None:
                taken, is_over = self._draining.taken, self._is_drained
                log.info("took up a session", client_id=self.client_id, messages=taken, is_over=is_over)
                return  # who was put out of it leaves it alone: whose it is came back
            pause_s = _FIRST_PAUSE_S if was_subscribed else min(_LONGEST_PAUSE_S, pause_s * 2)
            # Not all at once after an outage.
            self._stop.wait(pause_s * random.uniform(0.5, 1.0))  # noqa: S311 - no secret hangs on it

    def _serve(self) -> None:
        """Take what comes and send what is to go until the connection is lost, the session empty, or we are to stop."""
        while not (self._stop.is_set() or self._is_drained):
            has_room = self._waiting.has_room
            ready = self._wait(has_room=has_room)
            is_readable = bool(ready & _READABLE) or (has_room and self._wire.has_unread)
            if is_readable:
                self._wire.read()
            self._say_what_is_due(time.monotonic(), has_room=has_room)
            if self._wire.wants_write:
                self._wire.write()
            if has_room and not is_readable:  # an answer to a ping may be among what is not read yet
                self._wire.keep_alive()
        if self.is_connected:
            self._leave()

    def _wait(self, *, has_room: bool) -> int:
        """Wait until something can be read or sent, or we are woken; return what the connection is ready for."""
        fileno, poll = self._wire.fileno(), select.poll()
        if fileno < 0:
            raise ConnectionResetError("the broker closed the connection")
        poll.register(self._waker.fileno(), select.POLLIN)
        poll.register(fileno, (select.POLLIN if has_room else 0) | (select.POLLOUT if self._wire.wants_write else 0))
        is_unread = has_room and self._wire.has_unread
        ready = dict(poll.poll(0 if is_unread else _LOOK_MS if has_room else _ROOM_LOOK_MS))
        if self._waker.fileno() in ready:
            self._waker.clear()
        return ready.get(fileno, 0)

    def _say_what_is_due(self, now: float, *, has_room: bool) -> None:
        if not self.is_connected:
            return
        # Where nothing is read, no ping is answered: the broker must hear something all the same.
        if now >= self._beat_at and (self._address.session_expiry_s or not has_room):
            self._beat_at = now + BEAT_S
            self._say(HERE + b" " + _LIFE)
        if self._draining is not None:
            with self._lock:
                is_asking = self._draining.asks(now)
            if is_asking:
                self._wire.unsubscribe(TOPIC_FILTERS)

    @property
    def _is_drained(self) -> bool:
        return self._draining is not None and self._draining.is_over

    def _leave(self) -> None:
        """Say goodbye: a session that is empty ends here, any other waits with the broker for whoever takes it up."""
        if self._address.session_expiry_s:
            self._say(FORGOTTEN if self._is_drained else GONE)
        self._wire.say_goodbye(end_session=self._is_drained)
        deadline = time.monotonic() + _GOODBYE_S
        while self._wire.fileno() >= 0 and self._wire.wants_write and time.monotonic() < deadline:
            self._wait(has_room=False)
            self._wire.write()

    def _say(self, word: bytes) -> None:
        # A clean session leaves nothing behind that anybody would have to look after.
        self._wire.publish(member_topic(self.client_id), word, qos=0, retain=self._address.session_expiry_s > 0)
