"""The caps of a day, from yesterday's wholesale references and the markup rates in force (domain notes, 2.1). Pure.

Cap = reference x (1 + allowance) x (1 + rate). A reference above its category's ceiling makes no cap; where there was
none to be had, each vendor's own purchase does, x (1 + rate).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from db.cap_lists import NewCapItem
from domain.ids import SpeciesCode
from domain.price_cap import UNTOLD, CapKind, CapStatus, CapUnit, GradeMeaning, PriceCap
from domain.wholesale import MarkupRate, SpeciesName, WholesaleReference
from pricing.cap_working import How, Working, as_json, cap_fen, decimal, exact_cap_yuan, rounded_half_up

_DAY: Final = timedelta(days=1)

Goods = tuple[SpeciesCode, str]


class ProblemKind(StrEnum):
    """What stands in the way of a list, or what whoever publishes it should know."""

    NO_REFERENCES = "no_references"
    NO_RATE = "no_rate"
    CAP_OF_NOUGHT = "cap_of_nought"
    OLD_REFERENCES = "old_references"
    MISSING_REFERENCE = "missing_reference"
    RATE_ENDS = "rate_ends"


#: With one of these there is no list: it would say something wrong, or nothing.
_STOPPING: Final = frozenset({ProblemKind.NO_REFERENCES, ProblemKind.NO_RATE, ProblemKind.CAP_OF_NOUGHT})


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """A problem and what it is about. `day`: the references' day, or the last one that had what is missing."""

    kind: ProblemKind
    category: str = ""
    species: SpeciesCode = SpeciesCode("")
    grade: str = ""
    day: date | None = None

    @property
    def stops(self) -> bool:
        """Whether no list can be drafted while it stands."""
        return self.kind in _STOPPING


@dataclass(frozen=True, kw_only=True, slots=True)
class Sources:
    """What the caps of `day` are calculated from. `before`: the items of the list that the new one takes over from.

    `references_day` is the day before, unless somebody says otherwise. `newest_days`: the newest day with a reference.
    """

    day: date
    references_day: date
    references: Sequence[WholesaleReference]
    rates: Sequence[MarkupRate]
    species: Mapping[SpeciesCode, SpeciesName]
    before: Sequence[PriceCap] = ()
    newest_days: Mapping[Goods, date]


@dataclass(frozen=True, kw_only=True, slots=True)
class CalculatedItem:
    """An item and its working."""

    item: NewCapItem
    working: Working


@dataclass(frozen=True, kw_only=True, slots=True)
class Calculation:
    """The items of a day's list and every problem; what has no rate is not among the items."""

    sources: Sources
    items: tuple[CalculatedItem, ...]
    problems: tuple[Problem, ...]

    @property
    def is_stopped(self) -> bool:
        """Whether no list can be drafted from it."""
        return any(problem.stops for problem in self.problems)


def calculate(sources: Sources) -> Calculation:
    """Calculate the caps of a day, with every problem at once; what a grade means is as in the list before."""
    rates = {rate.category: rate for rate in sources.rates if rate.holds_on(sources.day)}
    meanings = {(line.species, line.grade): line.meaning for line in sources.before}
    items, problems = [], _problems_of_days(sources)
    for reference in sources.references:
        rate = rates.get(_category(sources, reference.species))
        if rate is None:
            continue
        one = _calculated(reference, rate, meanings.get((reference.species, reference.grade), UNTOLD))
        items.append(one)
        if one.working.rounded_yuan == 0:
            problems.append(_about(ProblemKind.CAP_OF_NOUGHT, reference.species, reference.grade, reference.day))
    needed = sorted({_category(sources, reference.species) for reference in sources.references})
    problems += [Problem(kind=ProblemKind.NO_RATE, category=name) for name in needed if name not in rates]
    problems += [_rate_ends(rates[name]) for name in needed if name in rates and _ends(sources, rates[name])]
    for line in _missing(sources):
        items.append(_absent(sources, line))
        newest = sources.newest_days.get((line.species, line.grade))
        problems.append(_about(ProblemKind.MISSING_REFERENCE, line.species, line.grade, newest))
    return Calculation(sources=sources, items=tuple(items), problems=tuple(problems))


def _problems_of_days(sources: Sources) -> list[Problem]:
    if not sources.references:
        newest = max(sources.newest_days.values(), default=None)
        return [Problem(kind=ProblemKind.NO_REFERENCES, day=newest)]
    if sources.references_day < sources.day - _DAY:
        return [Problem(kind=ProblemKind.OLD_REFERENCES, day=sources.references_day)]
    return []


def _calculated(reference: WholesaleReference, rate: MarkupRate, meaning: GradeMeaning) -> CalculatedItem:
    ceiling = rate.ceiling_fen_per_kg if reference.unit is CapUnit.KG else None
    if reference.price_fen is None:
        how, status, exact, rounded = How.OWN_PURCHASE, CapStatus.OUT_OF_STOCK, None, None
    elif ceiling is not None and reference.price_fen > ceiling:
        how, status, exact, rounded = How.ABOVE_CEILING, CapStatus.UNCAPPED, None, None
    else:
        how, status = How.CALCULATED, CapStatus.CAPPED
        exact = exact_cap_yuan(reference.price_fen, reference.unit, rate.allowance_permille, rate.markup_permille)
        rounded = rounded_half_up(exact)
    working = Working(
        how=how,
        unit=reference.unit,
        category=rate.category,
        reference_day=reference.day,
        reference_fen=reference.price_fen,
        reference_as_published=reference.published_as,
        reference_source=reference.source,
        allowance_permille=None if how is How.OWN_PURCHASE else rate.allowance_permille,
        markup_permille=rate.markup_permille,
        ceiling_fen_per_kg=ceiling,
        rate_source=rate.source,
        rate_from=rate.valid_from,
        rate_until=rate.valid_until,
        exact_yuan=None if exact is None else decimal(exact),
        rounded_yuan=rounded,
    )
    return _item(reference.species, reference.grade, status, working, meaning)


def _item(
    species: SpeciesCode, grade: str, status: CapStatus, working: Working, meaning: GradeMeaning
) -> CalculatedItem:
    is_of_purchase = working.how is How.OWN_PURCHASE
    rounded = working.rounded_yuan
    item = NewCapItem(
        species=species,
        grade=grade,
        status=status,
        unit=working.unit,
        cap_fen=None if rounded is None else cap_fen(rounded, working.unit),
        published_as=_SIGNS[status] if rounded is None else f"{rounded} {_PUBLISHED_UNITS[working.unit]}",
        kind=CapKind.MARKUP if is_of_purchase else CapKind.FIXED,
        markup_permille=working.markup_permille if is_of_purchase else None,
        meaning=meaning,
        working=as_json(working),
    )
    return CalculatedItem(item=item, working=working)


def _absent(sources: Sources, line: PriceCap) -> CalculatedItem:
    """What was in the list before stays in sight: named, and nothing said about it."""
    working = Working(
        how=How.NO_REFERENCE,
        unit=line.unit,
        category=_category(sources, line.species),
        reference_day=sources.references_day,
        newest_day=sources.newest_days.get((line.species, line.grade)),
    )
    return _item(line.species, line.grade, CapStatus.ABSENT, working, line.meaning)


def _missing(sources: Sources) -> list[PriceCap]:
    if not sources.references:
        return []
    known = {(reference.species, reference.grade) for reference in sources.references}
    return [
        line
        for line in sources.before
        if line.status is not CapStatus.ABSENT and (line.species, line.grade) not in known
    ]


def _ends(sources: Sources, rate: MarkupRate) -> bool:
    """Say whether a rate's last day is today, and no rate of its category follows."""
    after = sources.day + _DAY
    follows = any(other.category == rate.category and other.holds_on(after) for other in sources.rates)
    return rate.valid_until == after and not follows


def _rate_ends(rate: MarkupRate) -> Problem:
    return Problem(kind=ProblemKind.RATE_ENDS, category=rate.category, day=rate.valid_until)


def _about(kind: ProblemKind, species: SpeciesCode, grade: str, day: date | None) -> Problem:
    return Problem(kind=kind, species=species, grade=grade, day=day)


def _category(sources: Sources, species: SpeciesCode) -> str:
    known = sources.species.get(species)
    return "" if known is None else known.category


_SIGNS: Final = {CapStatus.UNCAPPED: "—", CapStatus.OUT_OF_STOCK: "/", CapStatus.ABSENT: ""}
_PUBLISHED_UNITS: Final = {CapUnit.KG: "yuan/500 g", CapUnit.PIECE: "yuan/piece"}
