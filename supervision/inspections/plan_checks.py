"""What is wrong with a plan, field by field. Pure."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from datetime import timedelta
from typing import Final

from db.inspection_plans import NewPlan
from domain.ids import MarketId
from domain.supervision_item import Item

LONGEST_TEXT: Final = 500
_LONGEST_WINDOW: Final = timedelta(days=366)
_MOST_VISITS: Final = 100_000


def problems_of(
    new: NewPlan, known: Mapping[str, Item], markets: AbstractSet[MarketId], departments: AbstractSet[str]
) -> Iterator[str]:
    """Yield what cannot be, with field, value and what was expected; `known` are the items of the version in force."""
    if not 0 < len(new.title.strip()) <= LONGEST_TEXT:
        yield "title is empty or too long; expected 1 to 500 signs"
    if new.department not in departments:
        yield f"department is {new.department!r}; expected one of {', '.join(sorted(departments))}"
    yield from _problems_of_items(new, known)
    if not new.market_ids or not set(new.market_ids) <= markets:
        yield f"market_ids are {', '.join(new.market_ids) or 'none'}; expected markets that there are"
    if not new.first_day <= new.last_day <= new.first_day + _LONGEST_WINDOW:
        yield f"last_day is {new.last_day}; expected a day from {new.first_day} on, within a year"
    for field, count in (("visits", new.visits), ("most", new.most)):
        if not 1 <= count <= _MOST_VISITS:
            yield f"{field} is {count}; expected 1 to {_MOST_VISITS}"


def _problems_of_items(new: NewPlan, known: Mapping[str, Item]) -> Iterator[str]:
    if not new.items:
        yield "items are none; expected one item at least"
    for code in new.items:
        if code not in known:
            yield f"items holds {code!r}; expected codes of the version in force"
        elif known[code].department != new.department:
            yield f"items holds {code!r} of {known[code].department}; expected items of {new.department}"
