"""Scales that speak the wire contract themselves: journals, chains, messages. Pure, but for the time that is given."""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from domain.ids import JournalId, MarketId, ScaleId, SpeciesCode
from domain.units import Fen, Grams, PriceUnit
from domain.weighing import Weighing
from messages.chain import prev_of
from messages.topics import ScaleChannel, ScaleTopic
from messages.weighings import encode_envelope, encode_weighing
from simulators.amounts import amount_fen
from simulators.market.goods import MarketGoods
from simulators.market.tricks import Lot, Shop, next_lots
from simulators.market.vendors import Trick

_OVER_CAP_PERCENT: Final = 5
_UNLISTED_PERCENT: Final = 8


@dataclass(slots=True)
class FleetScale:
    """One scale's journal: how far it is, and the bytes of its last weighing, which the next one names."""

    scale_id: ScaleId
    journal_id: JournalId
    topic: str
    seq: int = 0
    last: bytes | None = None
    net_g: int = 0
    amount_fen: int = 0


@dataclass(slots=True)
class FleetMessage:
    """What one scale publishes at once: weighings `first_seq` to `last_seq` of its journal."""

    scale: FleetScale
    payload: bytes
    first_seq: int
    last_seq: int
    is_acked: bool = False

    @property
    def count(self) -> int:
        """How many weighings."""
        return self.last_seq - self.first_seq + 1


@dataclass(slots=True)
class Fleet:
    """The scales, and what they sell. The same seed sells the same, though in journals of its own and at other times.

    `batch` is how many weighings a message carries, at most.
    """

    scales: list[FleetScale]
    goods: Sequence[MarketGoods]
    rng: random.Random
    batch: int
    made: int = 0
    _turn: int = 0
    _shop: Shop = field(init=False)

    def __post_init__(self) -> None:
        unit = PriceUnit.HALF_KG
        self._shop = Shop(goods=self.goods, catalogue=self.goods, price_unit=unit, unlisted_percent=_UNLISTED_PERCENT)

    @property
    def next_scale(self) -> FleetScale:
        """The scale whose turn it is."""
        return self.scales[self._turn % len(self.scales)]

    def next_message(self, now: datetime, most: int) -> FleetMessage:
        """Have the scale whose turn it is weigh, `most` times at the most, and return its message."""
        scale = self.next_scale
        self._turn += 1
        first_seq = scale.seq + 1
        bodies = [self._weigh(scale, now) for _ in range(min(self.batch, most))]
        payload = encode_envelope(scale.journal_id, now, bodies)
        return FleetMessage(scale=scale, payload=payload, first_seq=first_seq, last_seq=scale.seq)

    def _weigh(self, scale: FleetScale, now: datetime) -> bytes:
        trick = Trick.OVER_CAP if self.rng.randrange(100) < _OVER_CAP_PERCENT else Trick.NONE
        (lot,) = next_lots(self.rng, trick, self._shop)
        weighing = _weighing(lot, scale, now, self._shop.price_unit)
        scale.seq, scale.last = weighing.seq, encode_weighing(weighing)
        scale.net_g += weighing.net_g
        scale.amount_fen += weighing.amount_fen
        self.made += 1
        return scale.last


def fleet_scale_id(n: int) -> ScaleId:
    """Return the id of a fleet's scale, counted from 1."""
    return ScaleId(f"FLEET-{n:05d}")


def make_fleet(
    market_id: MarketId, count: int, seed: int, run_id: str, goods: Sequence[MarketGoods], batch: int
) -> Fleet:
    """Return a fleet. `run_id` makes its journals new ones: a journal's weighings may never be other ones later."""
    rng = random.Random(f"{seed}/fleet")  # noqa: S311 - a simulation
    scales = []
    for n in range(1, count + 1):
        scale_id = fleet_scale_id(n)
        topic = str(ScaleTopic(market_id, scale_id, ScaleChannel.WEIGHINGS))
        scales.append(FleetScale(scale_id, JournalId(f"{run_id}-{n:05d}"), topic))
    rng.shuffle(scales)
    return Fleet(scales, goods, rng, batch)


def write_fleet_truth(fleet: Fleet, path: Path) -> None:
    """Write a line for each journal that has weighings: how many, what they sum up to, and the head of its chain.

    `head` is what the next weighing would carry in `prev`, so it stands for the bytes of every one before.
    """
    with path.open("w", encoding="utf-8") as file:
        for scale in sorted(fleet.scales, key=lambda one: one.scale_id):
            if scale.seq:
                line = {
                    "scale_id": scale.scale_id,
                    "journal_id": scale.journal_id,
                    "weighings": scale.seq,
                    "net_g": scale.net_g,
                    "amount_fen": scale.amount_fen,
                    "head": prev_of(scale.last),
                }
                file.write(json.dumps(line) + "\n")


def _weighing(lot: Lot, scale: FleetScale, now: datetime, unit: PriceUnit) -> Weighing:
    amount = Fen(amount_fen(lot.true_g, lot.unit_price_fen, unit))
    return Weighing(
        seq=scale.seq + 1,
        prev=prev_of(scale.last),
        weighed_at=now,
        clock_synced=True,
        plu=lot.goods.plu,
        species=SpeciesCode(lot.goods.species),
        grade=lot.goods.grade,
        name=lot.goods.name,
        net_g=Grams(lot.true_g),
        stable=True,
        unit_price_fen=Fen(lot.unit_price_fen),
        price_unit=unit,
        amount_fen=amount,
        paid_fen=amount,
    )
