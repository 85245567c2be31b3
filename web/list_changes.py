"""What of a list's changes is worth a line on a page."""

from collections.abc import Iterable

from domain.ids import SpeciesCode
from pricing.list_comparison import Change, ChangeKind


def worth_showing(changes: Iterable[Change]) -> list[Change]:
    """Return what changed, the marked first. What stays and what is new stands among the items."""
    changed = [one for one in changes if one.kind not in (ChangeKind.SAME, ChangeKind.NEW)]
    return sorted(changed, key=lambda one: not one.is_large)


def new_items(changes: Iterable[Change]) -> set[tuple[SpeciesCode, str]]:
    """Return species and grade of what the list before did not hold."""
    return {(one.species, one.grade) for one in changes if one.kind is ChangeKind.NEW}
