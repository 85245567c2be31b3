"""What both clients have in common: links that fill one queue, and sessions of lost members beside them."""

import threading
from collections.abc import Callable
from dataclasses import replace

from ingest.link import Link, Listener, Token, Wire
from ingest.membership import Draining
from ingest.subscriber import Batch, BrokerAddress
from ingest.waiting import Waiting

MakeWire = Callable[[BrokerAddress, int, Listener], Wire]


class LinkedSubscriber:
    """A member of the shared subscription; several, where one connection's window is too small for a worker.

    The network runs in the links' threads; everything else in the caller's.
    """

    def __init__(self, make_wire: MakeWire, address: BrokerAddress, *, receive_maximum: int, links: int) -> None:
        self._make_wire, self._address, self._receive_maximum = make_wire, address, receive_maximum
        self._waiting = Waiting(receive_maximum * links)
        ids = [address.client_id, *(f"{address.client_id}-{n}" for n in range(2, links + 1))]
        self._links = [self._link(name, None) for name in ids]
        self._taken_up: dict[str, Link] = {}
        self._taking_up = threading.Lock()
        self._is_stopped = False

    def start(self) -> None:
        """Connect and subscribe, and go on doing so whenever a connection is lost."""
        for link in self._links:
            link.start()

    def stop(self) -> None:
        """Say goodbye. A clean session ends here; one with an expiry waits for a member that takes it up."""
        with self._taking_up:
            self._is_stopped = True
        for link in (*self._taken_up.values(), *self._links):
            link.stop()

    @property
    def is_connected(self) -> bool:
        """Whether what we publish can leave now."""
        return self._links[0].is_connected

    @property
    def is_subscribed(self) -> bool:
        """Whether every link's subscription was answered: what is published now comes to us, or to another member."""
        return all(link.is_subscribed for link in self._links)

    @property
    def connections(self) -> int:
        """How often the broker has taken in whom we publish as."""
        return self._links[0].connection

    @property
    def waiting(self) -> int:
        """How many messages arrived and were not handed out yet."""
        return self._waiting.messages

    @property
    def client_ids(self) -> list[str]:
        """Who we are to the broker."""
        return [link.client_id for link in self._links]

    def take_up(self, client_id: str) -> None:
        """Take what the broker holds for a member that is lost, and end its session when all of it is safe."""
        with self._taking_up:
            before = self._taken_up.get(client_id)
            if self._is_stopped or (before is not None and before.is_alive()):
                return
            if before is not None:
                before.stop()
            self._taken_up[client_id] = link = self._link(client_id, Draining())
            link.start()

    def poll(self, max_messages: int, timeout_s: float) -> Batch:
        """Return what is there; wait for the first message only."""
        return self._waiting.take(max_messages, timeout_s)

    def acknowledge(self, batch: Batch) -> None:
        """Tell the broker that these are safe: all of a connection at once."""
        by_link: dict[Link, list[Token]] = {}
        for token in batch.tokens:
            by_link.setdefault(token.link, []).append(token)
        for link, tokens in by_link.items():
            link.acknowledge(tokens)

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Send a message to a scale; where there is no connection it may be lost."""
        self._links[0].publish(topic, payload, retain=retain)

    def _link(self, client_id: str, draining: Draining | None) -> Link:
        address = replace(self._address, client_id=client_id)
        return Link(
            lambda listener: self._make_wire(address, self._receive_maximum, listener), address, self._waiting, draining
        )
