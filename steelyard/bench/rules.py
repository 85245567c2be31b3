"""How often each rule speaks of honest vendors, and how many of the cheats it finds. Nothing is random but the seed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from domain.alert import AlertKind
from pricing.findings.short_weight import Reweighed, tolerance_for
from pricing.policy import RulesPolicy
from simulators.market.day import Day
from simulators.market.played_days import DeviceTrick
from simulators.market.vendors import Trick
from steelyard.bench.played_market import PlayedMarket, VendorDay

#: Which rules are to find which trick. A calibration that cheats shows only on the fair scale.
FOUND_BY: Final[Mapping[Trick | DeviceTrick, tuple[AlertKind, ...]]] = {
    Trick.SLIP: (AlertKind.PRICE_OVER_CAP,),
    Trick.REPEAT: (AlertKind.REPEATED_WEIGHING,),
    Trick.OVER_CAP: (AlertKind.PRICE_OVER_CAP,),
    Trick.SCALED_PRICE: (AlertKind.PRICE_SCALED,),
    Trick.GRADE_UPGRADE: (AlertKind.GRADE_UPGRADE,),
    Trick.OTHER_CODE: (AlertKind.OTHER_OVERUSE,),
    Trick.UNIT_CONFUSION: (AlertKind.UNIT_CONFUSION,),
    Trick.BASKET: (AlertKind.TARE_ABUSE,),
    Trick.TARE_ABUSE: (AlertKind.TARE_ABUSE,),
    Trick.THROWN: (AlertKind.LOW_USE,),
    Trick.SPLIT: (AlertKind.SPLIT_WEIGHING,),
    Trick.OFF_SCALE: (AlertKind.LOW_USE,),
    Trick.VOIDED: (AlertKind.FREQUENT_VOIDS,),
    Trick.RAISED: (AlertKind.PRICE_OVER_CAP,),
    DeviceTrick.PADDED: (AlertKind.AMOUNT_MISMATCH,),
    DeviceTrick.MOVING: (AlertKind.UNSTABLE_WEIGHT,),
    DeviceTrick.PRELOADED: (AlertKind.ZERO_ABNORMAL,),
    DeviceTrick.SPIKE: (AlertKind.PRICE_SPIKE,),
    DeviceTrick.WRONG_KEY: (AlertKind.SPECIES_SUSPECT,),
    DeviceTrick.CRUMBS: (AlertKind.BELOW_MINIMUM,),
    DeviceTrick.SWITCHED_OFF: (AlertKind.SCALE_SILENT,),
    DeviceTrick.DOUBLED: (AlertKind.SCALE_DOUBLED,),
}
#: Rules of which no trick is the only target.
ALSO: Final[Mapping[AlertKind, Trick]] = {AlertKind.PRICE_OFF_USUAL: Trick.UNIT_CONFUSION}
#: What a fair scale finds, load by load.
REWEIGHED: Final = (Trick.GAIN, Trick.BASKET, Trick.TARE_ABUSE)


@dataclass(frozen=True, kw_only=True, slots=True)
class RulesPlan:
    """`markets` of `honest` honest vendors and a cheat of each trick, of `days` each; `festival` as a Day has it."""

    goods: Path
    cap_list: Path
    markets: int = 10
    honest: int = 110
    days: int = 3
    seed: int = 1
    festival: float = 1.0


def measure_rules(plan: RulesPlan, policy: RulesPolicy, tell: Callable[[int], None] = lambda _: None) -> dict[str, Any]:
    """Play the markets and return, rule by rule, false alarms on honest vendor-days and the recall of each trick.

    A trick counts on days on which it was played; what takes several days to show counts on the last of them.
    """
    seen: list[VendorDay] = []
    for number in range(plan.markets):
        market = PlayedMarket(
            goods=plan.goods,
            cap_list=plan.cap_list,
            seed=plan.seed + number,
            honest=plan.honest,
            days=plan.days,
            day=Day(festival=plan.festival),
        )
        seen += market.vendor_days(policy)
        tell(number + 1)
    honest = [one for one in seen if one.trick is Trick.NONE]
    rules = {kind.value: _rule(kind, honest, seen, plan.days) for kind in _kinds()}
    return {
        "vendor_days": len(seen),
        "honest_vendor_days": len(honest),
        "weighings": sum(len(one.loads) for one in seen),
        "policy": policy.version,
        "rules": rules,
        "short_weight": _reweighed(seen, policy),
    }


def _kinds() -> list[AlertKind]:
    return [*dict.fromkeys(kind for kinds in FOUND_BY.values() for kind in kinds), *ALSO]


def _rule(kind: AlertKind, honest: Sequence[VendorDay], seen: Sequence[VendorDay], days: int) -> dict[str, Any]:
    tricks = [trick for trick, kinds in FOUND_BY.items() if kind in kinds or ALSO.get(kind) is trick]
    return {
        "false_alarms": sum(kind in one.kinds for one in honest),
        "tricks": {trick.value: _recall(kind, trick, seen, days) for trick in tricks},
    }


def _recall(kind: AlertKind, trick: Trick | DeviceTrick, seen: Sequence[VendorDay], days: int) -> dict[str, int]:
    played = [one for one in seen if one.trick is trick and one.tricks.get(trick.value)]
    if kind is AlertKind.LOW_USE:
        played = [one for one in played if one.day_no == days - 1]
    return {"played": len(played), "found": sum(kind in one.kinds for one in played)}


def _reweighed(seen: Iterable[VendorDay], policy: RulesPolicy) -> dict[str, dict[str, int]]:
    """Weigh every load again, exactly: what of each trick is short by the table for goods that are not live fish."""
    counts = {name: {"loads": 0, "short": 0} for name in (Trick.NONE.value, *(trick.value for trick in REWEIGHED))}
    rule = policy.findings.short_weight
    for one in seen:
        for settled_g, actual_g, per_kg_fen, trick in one.loads:
            if trick in counts:
                tolerance = tolerance_for(rule, settled_g=settled_g, per_kg_fen=per_kg_fen, category="shellfish")
                found = Reweighed(settled_g=settled_g, actual_g=actual_g, tolerance=tolerance)
                counts[trick]["loads"] += 1
                counts[trick]["short"] += found.is_short
    return counts


#: What every rule promises: at most one false alarm in so many honest vendor-days, and to find so many in a hundred.
_ONE_IN: Final = 1000
_RECALL_PERCENT: Final = 95


def broken_promises(found: Mapping[str, Any]) -> list[str]:
    """Return what a measurement shows to be missed, a sentence each."""
    broken = []
    for kind, rule in found["rules"].items():
        if rule["false_alarms"] * _ONE_IN > found["honest_vendor_days"]:
            broken.append(f"{kind}: {rule['false_alarms']} false alarms in {found['honest_vendor_days']} vendor-days")
        for trick, counts in rule["tricks"].items():
            if counts["found"] * 100 < _RECALL_PERCENT * counts["played"]:
                broken.append(f"{kind}: found {counts['found']} of {counts['played']} days of {trick}")
    return broken
