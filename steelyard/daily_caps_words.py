"""A day's calculation as the command line tells it: each item's working, the problems, the changes."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from domain.price_cap import CapUnit
from domain.units import yuan, yuan_per_500g
from domain.wholesale import MarkupRate
from pricing.cap_working import How, Working
from pricing.daily_caps import CalculatedItem, Problem, ProblemKind, Sources
from pricing.list_comparison import Change, ChangeKind, Said
from pricing.price_sources import CalculatedDay

_PERMILLE_IN_A_PERCENT: Final = 10


def lines(day: CalculatedDay) -> Iterator[str]:
    """Yield what is told of a calculation, line by line."""
    sources = day.calculation.sources
    yield (
        f"{day.of.area} ({day.of.channel}), {day.of.day}: in force {day.begins.isoformat()} → {day.ends.isoformat()},"
        f" from the references of {sources.references_day}"
    )
    for one in day.calculation.items:
        yield f"  {name_of(sources, one.item.species, one.item.grade)}: {working_in_words(one.working)}"
    changed = [change for change in day.changes if change.kind is not ChangeKind.SAME]
    against = "no list" if day.before is None else f"list {day.before}"
    yield f"changes against {against}: {len(changed)} of {len(day.changes)}"
    for change in changed if day.before is not None else ():
        yield f"  {name_of(sources, change.species, change.grade)}: {change_in_words(change)}"
    for problem in day.calculation.problems:
        yield f"{'STOPS' if problem.stops else 'note'}: {problem_in_words(problem, sources)}"


def working_in_words(working: Working) -> str:
    """Return how a cap came about: '36.00 × (1 + 10%) × (1 + 190%) = 114.84 → 115 yuan/500 g'."""
    unit = "500 g" if working.unit is CapUnit.KG else "piece"
    if working.how is How.OWN_PURCHASE:
        return f"/ → the vendor's own purchase price × (1 + {percent(working.markup_permille)})"
    if working.how is How.NO_REFERENCE:
        last = "never" if working.newest_day is None else f"last on {working.newest_day}"
        return f"no reference of {working.reference_day} ({last}): not capped"
    reference = _price(working.reference_fen or 0, working.unit)
    if working.how is How.ABOVE_CEILING:
        ceiling = yuan_per_500g(working.ceiling_fen_per_kg or 0)
        return f"{reference} yuan/{unit} is above the ceiling of {ceiling} → —"
    factors = f"(1 + {percent(working.allowance_permille)}) × (1 + {percent(working.markup_permille)})"
    return f"{reference} × {factors} = {working.exact_yuan} → {working.rounded_yuan} yuan/{unit}"


def problem_in_words(problem: Problem, sources: Sources) -> str:
    """Return what a problem says."""
    goods = name_of(sources, problem.species, problem.grade)
    last = "there never was one" if problem.day is None else f"the last is of {problem.day}"
    return {
        ProblemKind.NO_REFERENCES: f"there are no references of {sources.references_day}; {last}",
        ProblemKind.NO_RATE: f"no rate of {problem.category or 'goods without a category'} holds on {sources.day}",
        ProblemKind.CAP_OF_NOUGHT: f"{goods}: the cap would round to 0 yuan",
        ProblemKind.OLD_REFERENCES: f"the references are of {problem.day}, older than the day before",
        ProblemKind.MISSING_REFERENCE: f"{goods} is in the list before and has no reference; {last}",
        ProblemKind.RATE_ENDS: f"the rate of {problem.category} ends with {sources.day}, and none follows",
    }[problem.kind]


def change_in_words(change: Change) -> str:
    """Return what happened to an item."""
    before, after = _said(change.before), _said(change.after)
    mark = "  ← look twice" if change.is_large else ""
    if change.kind in (ChangeKind.NEW, ChangeKind.GONE):
        return f"{change.kind}: {after if change.kind is ChangeKind.NEW else before}"
    size = "" if change.permille is None else f" ({'+' if change.permille > 0 else ''}{percent(change.permille)})"
    return f"{before} → {after}{size}{mark}"


def as_json(day: CalculatedDay, drafted: int | None) -> dict[str, object]:
    """Return a calculation for programs."""
    sources = day.calculation.sources
    return {
        "area": day.of.area,
        "channel": day.of.channel,
        "day": day.of.day.isoformat(),
        "references_day": sources.references_day.isoformat(),
        "effective_from": day.begins.isoformat(),
        "effective_to": day.ends.isoformat(),
        "items": [_item_as_json(one, sources) for one in day.calculation.items],
        "problems": [
            {
                "kind": one.kind,
                "stops": one.stops,
                "category": one.category,
                "species": one.species,
                "grade": one.grade,
                "day": None if one.day is None else one.day.isoformat(),
                "words": problem_in_words(one, sources),
            }
            for one in day.calculation.problems
        ],
        "compared_with": day.before,
        "changes": [
            {
                "species": one.species,
                "grade": one.grade,
                "kind": one.kind,
                "before_fen": None if one.before is None else one.before.fen,
                "after_fen": None if one.after is None else one.after.fen,
                "permille": one.permille,
                "is_large": one.is_large,
            }
            for one in day.changes
        ],
        "draft": drafted,
    }


def rate_as_json(rate: MarkupRate) -> dict[str, object]:
    """Return a rate for programs; `valid_until` is the first day it holds no more."""
    values = {name: getattr(rate, name) for name in MarkupRate.__slots__}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def name_of(sources: Sources, species: str, grade: str) -> str:
    """Return what a species and grade are called."""
    known = next((one for code, one in sources.species.items() if code == species), None)
    name = species if known is None else known.name_zh
    return f"{name}（{grade}）" if grade else name


def percent(permille: int | None) -> str:
    """Return thousandths as a percentage: 1900 → '190%'."""
    whole, rest = divmod(abs(permille or 0), _PERMILLE_IN_A_PERCENT)
    return f"{'-' if (permille or 0) < 0 else ''}{whole}{f'.{rest}' if rest else ''}%"


def _item_as_json(one: CalculatedItem, sources: Sources) -> dict[str, object]:
    item = one.item
    return {
        "species": item.species,
        "name": name_of(sources, item.species, ""),
        "grade": item.grade,
        "status": item.status,
        "kind": item.kind,
        "unit": item.unit,
        "cap_fen": item.cap_fen,
        "markup_permille": item.markup_permille,
        "published_as": item.published_as,
        "working": item.working,
        "words": working_in_words(one.working),
    }


def _price(fen: int, unit: CapUnit) -> str:
    return yuan_per_500g(fen) if unit is CapUnit.KG else yuan(fen)


def _said(said: Said | None) -> str:
    if said is None:
        return "—"
    return said.status if said.fen is None else _price(said.fen, said.unit)
