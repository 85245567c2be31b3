"""Who may go to a visit, and how many it lacks. Pure."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from domain.ids import MarketId, VendorId
from domain.inspection import Conflict, InspectorRecord, Visit


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """Who is visited, and for which departments."""

    market_id: MarketId
    vendor_id: VendorId
    departments: Collection[str]


def subject_of(visit: Visit) -> Subject:
    """Return whom a visit is to."""
    return Subject(market_id=visit.market_id, vendor_id=visit.vendor_id, departments=visit.departments)


def objection(one: InspectorRecord, subject: Subject, conflicts: Iterable[Conflict]) -> str:
    """Return why somebody does not go to a subject, in words; empty where nothing is against it.

    `conflicts` are those that hold, of whomever.
    """
    name = called(one)
    if one.retired_at is not None:
        return f"{name} is retired"
    if one.department not in subject.departments:
        return f"{name} is of {one.department}; expected {', '.join(sorted(subject.departments))}"
    for conflict in conflicts:
        is_theirs = conflict.user_id == one.user_id and conflict.market_id == subject.market_id
        if is_theirs and conflict.vendor_id in {None, subject.vendor_id}:
            return f"{name} has a declared conflict (number {conflict.conflict_id})"
    return ""


def free(
    staff: Iterable[InspectorRecord], subject: Subject, conflicts: Sequence[Conflict], *, but: Collection[int] = ()
) -> list[InspectorRecord]:
    """Return who may go to a subject, without those (user_id) of `but`."""
    return [one for one in staff if one.user_id not in but and not objection(one, subject, conflicts)]


def lacking(subject: Subject, sent: Iterable[InspectorRecord], each: int) -> dict[str, int]:
    """Return how many inspectors each department still has to name; `each` of every department go."""
    there = [one.department for one in sent]
    short = {code: each - there.count(code) for code in subject.departments}
    return {code: missing for code, missing in short.items() if missing > 0}


def called(one: InspectorRecord) -> str:
    """Return what an inspector is called in a trail: the name and the badge."""
    return f"{one.display_name} ({one.badge_no})"
