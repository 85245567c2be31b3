"""What a receiver's answer says of each record of a batch. Pure."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from domain.export import DeliveryState
from supervision.notices.retrying import Outcome, one_line

#: Asking again with the same bytes gets the same answer: the batch cannot be read, or its form is not taken.
_REFUSED_WHOLE: Final = frozenset({400, 413, 415, 422})
_LONGEST_REASON: Final = 300
#: A record as an answer names it: its id and version.
Key = tuple[str, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """What became of a batch's records. `error`: why nothing is known of them, and it is to be sent again."""

    error: str = ""
    refused: Mapping[Key, str] = field(default_factory=dict)
    is_refused_whole: bool = False

    def state_of(self, key: Key) -> tuple[DeliveryState, str]:
        """Return what became of a record of an answered batch, and why."""
        if key in self.refused:
            return DeliveryState.REFUSED, self.refused[key]
        return DeliveryState.ACCEPTED, ""


def judge(outcome: Outcome, records: Collection[Key]) -> Judged:
    """Return what an answer says.

    Taken is what is answered with 2xx; the body may name records that were not: `{"refused": [{"record_id", "version",
    "reason"}]}`. An answer that names others, or begins as JSON and is none, tells nothing: the batch is sent again.
    """
    if outcome.error:
        if outcome.status in _REFUSED_WHOLE:
            return Judged(refused=dict.fromkeys(records, outcome.error[:_LONGEST_REASON]), is_refused_whole=True)
        return Judged(error=outcome.error)
    said = outcome.said.strip()
    if not said.startswith("{"):
        return Judged()
    try:
        refused = _refused_in(json.loads(said))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        return _unclear(f"the answer cannot be read: {type(error).__name__}: {error}")
    strange = sorted(refused.keys() - set(records))
    if strange:
        return _unclear(f"the answer refuses {strange[0][0]} version {strange[0][1]}, which was not sent")
    return Judged(refused=refused)


def _unclear(why: str) -> Judged:
    return Judged(error=one_line(why)[:_LONGEST_REASON])


def _refused_in(answer: dict[str, Any]) -> dict[Key, str]:
    found = {}
    for one in answer.get("refused", []):
        key, reason = (one["record_id"], one["version"]), one.get("reason", "")
        if not isinstance(key[0], str) or not isinstance(key[1], int) or not isinstance(reason, str):
            raise TypeError("refused holds records as record_id (text), version (number), reason (text)")
        found[key] = one_line(reason)[:_LONGEST_REASON] or "refused without a reason"
    return found
