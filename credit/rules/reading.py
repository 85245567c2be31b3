"""Reads a file of credit rules; everything that is wrong with it is told with its line and field."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from credit.rules.shape import CreditRules
from domain.alert import Severity
from tables.toml_file import Misplaced, parse_toml, read_toml

#: Words of the ledger that are no rule's: what gives back, and what a repair restores.
RESERVED: Final = frozenset({"overturned", "promise_restored", "promise_annulled", "repair", "waived", "withdrawn"})


def read_credit_rules(path: Path) -> CreditRules:
    """Read the rules. Raise BadFile naming everything that is wrong with them."""
    return read_toml(path, CreditRules, problems_of)


def parse_credit_rules(name: str, text: str) -> CreditRules:
    """Return the rules that a text says. Raise BadFile naming everything that is wrong with them."""
    return parse_toml(name, text, CreditRules, problems_of)


def problems_of(rules: CreditRules) -> Iterator[Misplaced]:
    """Yield what is wrong with rules whose shape is right."""
    for check in _CHECKS:
        yield from check(rules)


def _of_bounds(rules: CreditRules) -> Iterator[Misplaced]:
    if not rules.floor <= rules.base <= rules.ceiling:
        expected = f"expected between floor {rules.floor} and ceiling {rules.ceiling}"
        yield Misplaced(("base",), f"base is {rules.base}; {expected}")
    if rules.floor == rules.ceiling:
        yield Misplaced(("ceiling",), f"ceiling is {rules.ceiling}; expected above floor {rules.floor}")
    if rules.repair.grave_clean_days < rules.repair.clean_days:
        found = f"repair.grave_clean_days is {rules.repair.grave_clean_days}"
        yield Misplaced(
            ("repair", "grave_clean_days"), f"{found}; expected at least clean_days {rules.repair.clean_days}"
        )


def _of_tiers(rules: CreditRules) -> Iterator[Misplaced]:
    starts = [tier.from_points for tier in rules.tier]
    for n, (above, start) in enumerate(itertools.pairwise(starts), start=1):
        if start >= above:
            found = f"tier {rules.tier[n].name}.from_points is {start}"
            yield Misplaced(
                ("tier", n, "from_points"), f"{found}; expected below {above}, tiers stand in falling order"
            )
    if starts[-1] > rules.floor:
        found = f"tier {rules.tier[-1].name}.from_points is {starts[-1]}"
        yield Misplaced(
            ("tier", len(starts) - 1, "from_points"), f"{found}; expected the floor {rules.floor} for the last"
        )
    names = [tier.name for tier in rules.tier]
    yield from _twice("tier", names)
    known = f"expected one of {', '.join(names)}"
    for field, told in (("tiers", rules.publicity.tiers), ("praised", rules.publicity.praised)):
        for name in told:
            if name not in names:
                yield Misplaced(("publicity", field), f"publicity.{field} names {name}; {known}")


def _of_deductions(rules: CreditRules) -> Iterator[Misplaced]:
    yield from _twice("deduction", [rule.kind.value for rule in rules.deduction])
    for n, rule in enumerate(rules.deduction):
        missing = [severity.value for severity in Severity if severity not in rule.points]
        if missing:
            yield Misplaced(("deduction", n, "points"), f"deduction {rule.kind}.points lacks {', '.join(missing)}")


def _of_recorded(rules: CreditRules) -> Iterator[Misplaced]:
    yield from _twice("recorded", [rule.name for rule in rules.recorded])
    taken = {rule.kind.value for rule in rules.deduction} | {one.name.value for one in rules.bonus} | RESERVED
    for n, rule in enumerate(rules.recorded):
        where = f"recorded {rule.name}"
        if rule.name in taken:
            yield Misplaced(("recorded", n, "name"), f"{where}: the name is taken; expected one of its own")
        if rule.least > rule.most or not (rule.most < 0 or rule.least > 0):
            found = f"{where} takes {rule.least} to {rule.most}"
            yield Misplaced(("recorded", n, "least"), f"{found}; expected least up to most, both above or both below 0")
        if rule.most > 0 and rule.is_veto:
            yield Misplaced(("recorded", n, "is_veto"), f"{where}.is_veto is true; expected false of what adds points")
        if rule.most < 0 and rule.most_a_cycle is not None:
            found = f"{where}.most_a_cycle is {rule.most_a_cycle}"
            yield Misplaced(("recorded", n, "most_a_cycle"), f"{found}; expected none of what takes points")


def _of_bonuses(rules: CreditRules) -> Iterator[Misplaced]:
    yield from _twice("bonus", [rule.name.value for rule in rules.bonus])
    for n, rule in enumerate(rules.bonus):
        if rule.most_a_cycle < rule.points:
            found = f"bonus {rule.name}.most_a_cycle is {rule.most_a_cycle}"
            yield Misplaced(("bonus", n, "most_a_cycle"), f"{found}; expected at least its points, {rule.points}")


def _twice(table: str, names: list[str]) -> Iterator[Misplaced]:
    for n, name in enumerate(names):
        if name in names[:n]:
            yield Misplaced((table, n), f"{table} {name} stands twice")


_CHECKS: Final[tuple[Callable[[CreditRules], Iterator[Misplaced]], ...]] = (
    _of_bounds,
    _of_tiers,
    _of_deductions,
    _of_recorded,
    _of_bonuses,
)
