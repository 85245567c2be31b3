"""What a round is made from, as it stands at one moment: stalls, who takes part with which score and needs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection

from credit.rotation.model import Claim, Rotation, Stall
from credit.rotation.policy import RotationRules
from credit.rules.shape import CreditRules
from credit.scoring import Score
from credit.standings import standings
from db import rotation_needs
from db.rotation_needs import MarketStall
from db.rotation_rounds import FrozenClaim
from domain.ids import VendorId
from domain.rotation import Round, StallNeeds

_YES = "yes"


@dataclass(frozen=True, kw_only=True, slots=True)
class Gathered:
    """What is frozen, and whose each claim is."""

    rotation: Rotation
    claims: tuple[FrozenClaim, ...]


def gather(conn: Connection, of: Round, *, rules: RotationRules, credit_rules: CreditRules, now: datetime) -> Gathered:
    """Gather a round. Whoever holds a stall takes part, once for each; and who holds none and has registered needs."""
    stalls = [_stall(one) for one in rotation_needs.stalls(conn, of.market_id, of.takes_effect_on)]
    known = {one.stall_id: one for one in stalls}
    lines = {one.vendor.vendor_id: one for one in standings(conn, of.market_id, rules=credit_rules, now=now)}
    needs = {one.vendor_id: one for one in rotation_needs.needs(conn, of.market_id)}
    held = rotation_needs.holders(conn, of.market_id, now)
    seats = [*sorted(held.items()), *((None, one) for one in sorted(needs.keys() - set(held.values())))]
    claims, frozen, numbers = [], [], dict[VendorId, list[int]]()
    for number, (stall_id, vendor_id) in enumerate(seats, start=1):
        line = lines[vendor_id]
        stands = ranked(line.score, credit_rules)
        claims.append(_claim(number, stands, known.get(stall_id or ""), needs.get(vendor_id)))
        frozen.append(
            FrozenClaim(
                number=number,
                vendor_id=vendor_id,
                score=line.score.score,
                tier=line.score.tier.name,
                held=stall_id,
            )
        )
        numbers.setdefault(vendor_id, []).append(number)
    apart = tuple(
        (one, other)
        for pair in rotation_needs.apart(conn, of.market_id)
        for one in numbers.get(pair.one, ())
        for other in numbers.get(pair.other, ())
    )
    rotation = Rotation(rules=rules, stalls=tuple(stalls), claims=tuple(claims), apart=apart)
    return Gathered(rotation=rotation, claims=tuple(frozen))


def _stall(one: MarketStall) -> Stall:
    return Stall(
        stall_id=one.stall_id,
        position_class=one.position_class,
        zone=one.goods_zone,
        area_dm2=one.area_dm2,
        floor=one.floor,
        has_tank=one.tank == _YES,
        neighbours=tuple(part.strip() for part in one.neighbours.split(",") if part.strip()),
    )


def ranked(score: Score, rules: CreditRules) -> int:
    """Return what a score counts for in the order: behind every other, while a veto item stands."""
    return rules.floor - 1 if score.vetoes else score.score


def _claim(number: int, stands: int, held: Stall | None, needs: StallNeeds | None) -> Claim:
    """Who says nothing needs what they have: its goods zone, and its tank where there is one."""
    told: Mapping[str, object] = (
        {
            "zone": "" if held is None else held.zone,
            "needs_tank": held is not None and held.has_tank,
        }
        if needs is None
        else {
            "zone": needs.goods_zone,
            "needs_tank": needs.needs_tank,
            "least_area_dm2": needs.least_area_dm2,
            "ground_floor": needs.ground_floor,
            "hardship": needs.hardship,
        }
    )
    return Claim(
        number=number,
        score=stands,
        held=None if held is None else held.stall_id,
        **told,  # type: ignore[arg-type]
    )
