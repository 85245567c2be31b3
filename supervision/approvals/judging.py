"""What a record that comes in means beside what is known of its approval. Pure."""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.approval import Approval, Given


class Arrival(StrEnum):
    """What a record comes to."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    LATE = "late"
    REFUSED = "refused"


class ArrivalFault(StrEnum):
    """Why a record cannot be taken, in words; `{0}` … are values. Other languages translate these."""

    SAME_MOMENT = "is {0}, as what is known of this number, which says other things; expected a later moment"
    NO_MOMENT = "is missing, while what is known of this number was changed at {0}; expected when this was"
    TWICE = "{0} of {1} stands in the file twice, first in row {2}"
    IN_THE_FUTURE = "is {0}, which is still to come"


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownApproval:
    """What holds of an approval, and the digests of all that was ever told of it."""

    approval_id: int
    version: int
    approval: Approval
    changed_at: datetime | None
    digests: Collection[bytes]


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """What a record comes to, and by field what was and what is."""

    arrival: Arrival
    changes: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    fault: ArrivalFault | None = None
    values: tuple[str, ...] = ()


def judge(given: Given, known: KnownApproval | None) -> Judged:
    """Return what a record comes to.

    What its office changed before what is known is kept as late, and never holds. Without moments the order of
    arrival counts; what was told before and gave way to something newer is then an old file read again: done already.
    """
    if known is None:
        texts = given.approval.texts()
        return Judged(arrival=Arrival.NEW, changes={name: ("", text) for name, text in texts.items() if text})
    changes = differences(known.approval, given.approval)
    was_told = digest_of(given.approval) in known.digests
    if not changes or (was_told and not _is_newer(given, known)):
        return Judged(arrival=Arrival.UNCHANGED)
    if given.changed_at is None and known.changed_at is not None:
        return _refused(changes, ArrivalFault.NO_MOMENT, known.changed_at)
    if given.changed_at is not None and given.changed_at == known.changed_at:
        return _refused(changes, ArrivalFault.SAME_MOMENT, given.changed_at)
    is_newer = given.changed_at is None or _is_newer(given, known)
    return Judged(arrival=Arrival.CHANGED if is_newer else Arrival.LATE, changes=changes)


def _is_newer(given: Given, known: KnownApproval) -> bool:
    return given.changed_at is not None and (known.changed_at is None or given.changed_at > known.changed_at)


def _refused(changes: Mapping[str, tuple[str, str]], fault: ArrivalFault, moment: datetime) -> Judged:
    return Judged(arrival=Arrival.REFUSED, changes=changes, fault=fault, values=(moment.isoformat(),))


def differences(before: Approval, after: Approval) -> dict[str, tuple[str, str]]:
    """Return by field what was and what is."""
    old = before.texts()
    return {name: (old[name], text) for name, text in after.texts().items() if old[name] != text}


def digest_of(approval: Approval) -> bytes:
    """Return the SHA-256 of what an approval says, when it was said left out."""
    told = json.dumps(approval.texts(), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(told.encode()).digest()
