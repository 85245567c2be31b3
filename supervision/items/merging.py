"""Items that become part of others: the map from old to new, what the merged item is, and the reduction. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from domain.errors import IllegalTransition, RuleViolation
from domain.supervision_item import Catalogue, Item, Merge, Question, RiskClass, SubItem

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class Reduction:
    """How many items there would be without merging, and how many there are."""

    before: int
    after: int

    @property
    def merged(self) -> int:
        """How many were merged away."""
        return self.before - self.after


def resolved(code: str, into: Mapping[str, str]) -> str:
    """Return the code that stands for `code` now, through any number of merges. A round trip is our own bug."""
    seen = {code}
    while code in into:
        code = into[code]
        if code in seen:
            raise ValueError(f"the map of merged items turns in a circle at {code}")
        seen.add(code)
    return code


def map_of(merges: Iterable[Merge]) -> dict[str, str]:
    """Return old code → the code it was merged into."""
    return {one.old_code: one.into_code for one in merges}


def cycle_in(into: Mapping[str, str]) -> list[str]:
    """Return the codes of a round trip in a map from old to new, its first one again at the end; none: empty."""
    for start in into:
        path = [start]
        while path[-1] in into:
            path.append(into[path[-1]])
            if path[-1] in path[:-1]:
                return path[path.index(path[-1]) :]
    return []


def require_mergeable(old_code: str, into_code: str, present: Iterable[str], into: Mapping[str, str]) -> None:
    """Refuse what cannot be merged. Raise RuleViolation; IllegalTransition where it was merged meanwhile."""
    here = set(present)
    if old_code == into_code:
        raise RuleViolation(f"item {old_code} cannot become part of itself; choose another one", problem="into_itself")
    for code in (old_code, into_code):
        if code in into:
            raise IllegalTransition(
                f"item {code} became part of {resolved(code, into)} already",
                problem="merged_already",
                facts={"code": code, "into": resolved(code, into)},
            )
        if code not in here:
            raise RuleViolation(
                f"there is no item {code} in this version", problem="unknown_item", facts={"code": code}
            )
    if cycle_in({**into, old_code: into_code}):
        raise RuleViolation(
            f"item {into_code} became part of {old_code} once; the merge would turn in a circle", problem="circle"
        )


def require_never_reused(codes: Iterable[str], into: Mapping[str, str]) -> None:
    """Raise RuleViolation where a code of a merged item is given to an item again: old records mean the old one."""
    again = sorted(set(codes) & set(into))
    if again:
        told = ", ".join(f"{code} (merged into {into[code]})" for code in again)
        raise RuleViolation(f"codes of merged items are never used again: {told}")


def whole_of(kept: Item, merged: Item) -> Item:
    """Return `kept` with what `merged` had beside it.

    Nothing that was checked is lost: bases, methods, sub-items, questions and kinds of alerts of both, each once, and
    the oftener of two frequencies. A sub-item or question whose code is taken gets the old item's code before it.
    """
    return replace(
        kept,
        basis=_each_once(kept.basis, merged.basis),
        methods=_each_once(kept.methods, merged.methods),
        per_year={one: max(kept.per_year[one], merged.per_year[one]) for one in RiskClass},
        sub_items=_with_sub_items(kept, merged),
        questions=_with_questions(kept, merged),
        alert_kinds=_each_once(kept.alert_kinds, merged.alert_kinds),
    )


def _each_once(first: Sequence[T], second: Sequence[T]) -> tuple[T, ...]:
    return (*first, *(one for one in second if one not in first))


def _with_sub_items(kept: Item, merged: Item) -> tuple[SubItem, ...]:
    names, taken = {one.name for one in kept.sub_items}, {one.code for one in kept.sub_items}
    new = [one for one in merged.sub_items if one.name not in names]
    return (*kept.sub_items, *(replace(one, code=_free(one.code, taken, merged.code)) for one in new))


def _with_questions(kept: Item, merged: Item) -> tuple[Question, ...]:
    asked, taken = {one.text for one in kept.questions}, {one.code for one in kept.questions}
    new = [one for one in merged.questions if one.text not in asked]
    return (*kept.questions, *(replace(one, code=_free(one.code, taken, merged.code)) for one in new))


def _free(code: str, taken: set[str], old_code: str) -> str:
    return f"{old_code}.{code}" if code in taken else code


def reduction_of(catalogue: Catalogue) -> Reduction:
    """Return what the merges of one version saved."""
    return Reduction(before=catalogue.items + catalogue.merged, after=catalogue.items)


def overall(catalogue: Catalogue, merges: Sequence[Merge]) -> Reduction:
    """Return what every merge until this version saved."""
    return Reduction(before=catalogue.items + len(merges), after=catalogue.items)
