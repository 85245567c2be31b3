"""What a benchmark pours into the broker: the weighings of a fleet, as MQTT packets made beforehand."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from domain.ids import MarketId
from simulators.fleet.fleet_scales import make_fleet
from simulators.market.goods import read_goods
from steelyard.bench.publishing import publish_packet
from steelyard.demo.plan import MARKET
from steelyard.resources import data_directory


@dataclass(frozen=True, kw_only=True, slots=True)
class Load:
    """`weighings` of `scales` in turn, `batch` to a message. The same seed sells the same."""

    name: str
    weighings: int
    scales: int
    batch: int
    seed: int = 1

    @property
    def messages(self) -> int:
        """How many messages it makes."""
        return -(-self.weighings // self.batch)


def write_packets(load: Load, path: Path, now: datetime) -> None:
    """Write a load's PUBLISH packets, one after the other; packet ids are put in when they are sent."""
    with path.open("wb") as file:
        for topic, payload in messages(load, MARKET, now):
            file.write(publish_packet(topic, payload))


def messages(load: Load, market_id: MarketId, now: datetime) -> Iterator[tuple[str, bytes]]:
    """Yield topic and payload of each message; the weighings are made within the minute before `now`."""
    goods = read_goods(data_directory() / "goods.csv", data_directory() / "cap_list_sanya_2013-08-26.csv")
    fleet = make_fleet(market_id, load.scales, load.seed, f"{load.name}-{load.seed}", goods, load.batch)
    step = timedelta(minutes=1) / max(1, load.messages)
    moment = now.astimezone(UTC) - timedelta(minutes=1)
    while fleet.made < load.weighings:
        message = fleet.next_message(moment, load.weighings - fleet.made)
        moment += step
        yield message.scale.topic, message.payload
