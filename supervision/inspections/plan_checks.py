"""What is wrong with a plan, field by field. Pure."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from datetime import timedelta
from typing import Final

from db.inspection_plans import NewPlan
from domain.errors import RuleViolation
from domain.ids import MarketId
from domain.supervision_item import Item

LONGEST_TEXT: Final = 500
_LONGEST_WINDOW: Final = timedelta(days=366)
_MOST_VISITS: Final = 100_000


def problems_of(
    new: NewPlan, known: Mapping[str, Item], markets: AbstractSet[MarketId], departments: AbstractSet[str]
) -> Iterator[RuleViolation]:
    """Yield what cannot be, with field, value and what was expected; `known` are the items of the version in force."""
    if not 0 < len(new.title.strip()) <= LONGEST_TEXT:
        yield RuleViolation("title is empty or too long; expected 1 to 500 signs", problem="no_title")
    if new.department not in departments:
        yield RuleViolation(
            f"department is {new.department!r}; expected one of {', '.join(sorted(departments))}",
            problem="no_department",
        )
    yield from _problems_of_items(new, known)
    if not new.market_ids or not set(new.market_ids) <= markets:
        yield RuleViolation(
            f"market_ids are {', '.join(new.market_ids) or 'none'}; expected markets that there are",
            problem="no_market",
        )
    if not new.first_day <= new.last_day <= new.first_day + _LONGEST_WINDOW:
        yield RuleViolation(
            f"last_day is {new.last_day}; expected a day from {new.first_day} on, within a year",
            problem="not_a_day_within",
            facts={"day": new.last_day, "first": new.first_day, "last": new.first_day + _LONGEST_WINDOW},
        )
    for field, count in (("visits", new.visits), ("most", new.most)):
        if not 1 <= count <= _MOST_VISITS:
            yield RuleViolation(
                f"{field} is {count}; expected 1 to {_MOST_VISITS}",
                problem=f"not_a_number_of_{field}",
                facts={"value": count, "most": _MOST_VISITS},
            )


def _problems_of_items(new: NewPlan, known: Mapping[str, Item]) -> Iterator[RuleViolation]:
    if not new.items:
        yield RuleViolation("items are none; expected one item at least", problem="no_items")
    for code in new.items:
        if code not in known:
            yield RuleViolation(
                f"items holds {code!r}; expected codes of the version in force",
                problem="unknown_item",
                facts={"code": code},
            )
        elif known[code].department != new.department:
            yield RuleViolation(
                f"items holds {code!r} of {known[code].department}; expected items of {new.department}",
                problem="item_of_another_department",
                facts={"code": code},
            )
