"""What a worker needs of a client to the broker: hand out deliveries in batches, acknowledge them only when told to.

Port: `poll(max, timeout)` → batch, `acknowledge(batch)`. An unacknowledged message comes again after a reconnection
(MQTT 5, 4.4), so a batch that fails is either tried again by the worker or comes back by itself.
"""

from dataclasses import dataclass
from typing import Any, Final, Protocol

from ingest.reading import Delivery
from messages.topics import ScaleChannel, every_scale, shared

#: The broker drops who was not heard for half as long again.
KEEPALIVE_S: Final = 10
#: Larger ones the broker keeps to itself (MQTT 5, 3.1.2.11.4). Far beyond the contract's limit, so that what breaks
#: it comes to quarantine with the reason; below what a few of could end a worker.
MAX_PACKET_BYTES: Final = 4 * 1024 * 1024
#: What every member of the group subscribes to: each message goes to one of them. A group for each filter: a broker may
#: keep one place in the queue for a group's name.
TOPIC_FILTERS: Final = (
    shared("ingest", every_scale(ScaleChannel.WEIGHINGS)),
    shared("ingest-events", every_scale(ScaleChannel.EVENTS)),
    shared("ingest-checkpoints", every_scale(ScaleChannel.CHECKPOINTS)),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class BrokerAddress:
    """Where the broker is and who we are to it. `session_expiry_s` 0 asks for a clean session.

    The embedded broker gets clean sessions: see docs/decisions/0003-embedded-broker.md.
    """

    host: str
    port: int
    client_id: str
    username: str | None = None
    password: str | None = None
    ca_file: str | None = None
    session_expiry_s: int = 0


@dataclass(frozen=True, slots=True)
class Batch:
    """Deliveries, and what the client that handed them out needs to acknowledge them: nobody else looks at that."""

    deliveries: list[Delivery]
    tokens: list[Any]


class Undecodable(Exception):
    """Bytes that are no MQTT: the connection cannot go on."""


class Subscriber(Protocol):
    """A member of the shared subscription, connected for as long as it is started."""

    def start(self) -> None:
        """Connect and subscribe, and go on doing so whenever the connection is lost."""
        ...

    def stop(self) -> None:
        """Say goodbye. What is not acknowledged waits for a member that takes it up; a clean session forgets it."""
        ...

    @property
    def is_connected(self) -> bool:
        """Whether the broker is there now."""
        ...

    @property
    def is_subscribed(self) -> bool:
        """Whether the broker has answered our subscription: what is published from now on reaches the group."""
        ...

    @property
    def connections(self) -> int:
        """How often the broker has taken us in so far."""
        ...

    @property
    def waiting(self) -> int:
        """How many messages arrived and were not handed out yet."""
        ...

    @property
    def client_ids(self) -> list[str]:
        """Who we are to the broker."""
        ...

    def take_up(self, client_id: str) -> None:
        """Take what the broker holds for a member that is lost, and end its session when all of it is safe."""
        ...

    def poll(self, max_messages: int, timeout_s: float) -> Batch:
        """Return what is there, up to `max_messages`; wait for the first `timeout_s` at most, and for no other."""
        ...

    def acknowledge(self, batch: Batch) -> None:
        """Tell the broker that these are safe. What came over an earlier connection is its affair no more."""
        ...

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Send a message to a scale. It may be lost: a receipt is sent again when the scale asks by resending."""
        ...
