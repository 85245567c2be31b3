"""What an alert that was confirmed, or overturned, does to promises and to the ledger: pure.

Each breach within the term is a breach of the promise, however many came before it: the order in which alerts are
confirmed changes nothing. A promise is broken as long as one of them stands.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final, Protocol

from credit.promises.states import GIVEN
from credit.scoring import Charge, counted_at, standing
from domain.alert import AlertKind
from domain.credit import CreditEvent, CreditSource
from domain.promise import Promise, PromiseAction, PromiseState


class Breach(Protocol):
    """What of an alert decides whether it breaks a promise."""

    @property
    def alert_id(self) -> int: ...
    @property
    def kind(self) -> AlertKind: ...
    @property
    def first_at(self) -> datetime: ...
    @property
    def last_at(self) -> datetime: ...
    @property
    def business_day(self) -> date: ...
    @property
    def timezone(self) -> str: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """A line to append to the ledger. `reverses`: the event it gives back."""

    alert_id: int | None
    occurred_at: datetime
    reason: str
    points: int
    rule: str
    rules_version: str
    reverses: int | None = None
    promise_id: int | None = None
    factor: int = 1
    source: CreditSource = CreditSource.ALERT
    is_veto: bool = False
    evidence: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Moved:
    """A promise where it is now, and the step that took it there because of an alert."""

    promise: Promise
    action: PromiseAction
    alert_id: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Follows:
    """What follows: lines in the order they are appended, and promises that moved."""

    lines: tuple[Line, ...] = ()
    moved: tuple[Moved, ...] = ()


OVERTURNED: Final = "overturned"
RESTORED: Final = "promise_restored"
ANNULLED: Final = "promise_annulled"


def broken_by(promise: Promise, alert: Breach) -> bool:
    """Say whether an alert, once confirmed, breaks a promise that was given.

    It does where it is within the scope and something of it happened after the promise was made and before its term
    was over, whenever it is confirmed.
    """
    if promise.made_at is None or promise.until is None or alert.alert_id == promise.alert_id:
        return False
    first, last = (counted_at(one, alert.business_day, alert.timezone) for one in (alert.first_at, alert.last_at))
    return alert.kind in promise.scope and last > promise.made_at and first < promise.until


def multiplied(charge: Charge, breaks: Sequence[Promise]) -> tuple[Charge, Promise | None]:
    """Return what a breach costs that breaks these promises, and the one that says so: the highest factor, once."""
    if not breaks:
        return charge, None
    gravest = max(breaks, key=lambda one: (one.factor, -one.promise_id))
    rule = f"{charge.rule} ×{gravest.factor} promise {gravest.promise_id}"
    return replace(charge, points=charge.points * gravest.factor, rule=rule), gravest


def on_confirmed(
    alert: Breach,
    charge: Charge | None,
    *,
    ledger: Sequence[CreditEvent],
    promises: Sequence[Promise],
    rules_version: str,
) -> Follows:
    """Return what follows from a confirmed alert that ends in no promise of its own."""
    breaks = [one for one in promises if one.state in GIVEN and broken_by(one, alert)]
    lines = []
    if charge is not None:
        costs, by = multiplied(charge, breaks)
        lines.append(
            Line(
                alert_id=alert.alert_id,
                occurred_at=costs.occurred_at,
                reason=costs.reason,
                points=costs.points,
                rule=costs.rule,
                rules_version=rules_version,
                promise_id=None if by is None else by.promise_id,
                factor=1 if by is None else by.factor,
                is_veto=costs.is_veto,
            )
        )
    charged = {event.alert_id for event in standing(ledger)}
    lines += [waived_line(one) for one in breaks if one.charges_waived and one.alert_id not in charged]
    moved = [
        Moved(
            promise=replace(one, state=PromiseState.BROKEN, breakers=one.breakers | {alert.alert_id}),
            action=PromiseAction.BREAK,
            alert_id=alert.alert_id,
        )
        for one in breaks
    ]
    return Follows(lines=tuple(lines), moved=tuple(moved))


def waived_line(promise: Promise) -> Line:
    """Return what the alert of a promise would have cost: by the rules as they were when it was offered."""
    is_of_broken = promise.state in GIVEN
    return Line(
        alert_id=promise.alert_id,
        occurred_at=promise.occurred_at,
        reason=promise.waived_kind.value,
        points=promise.waived_points,
        rule=promise.waived_rule + (f" waived by promise {promise.promise_id}, broken" if is_of_broken else ""),
        rules_version=promise.rules_version,
        promise_id=promise.promise_id,
    )


def on_overturned(
    alert_id: int, *, ledger: Sequence[CreditEvent], promises: Sequence[Promise], rules_version: str, now: datetime
) -> Follows:
    """Return what follows from an alert that was overturned: all it took is given back, and promises follow."""
    own = [event for event in standing(ledger) if event.alert_id == alert_id]
    annulled = [one for one in promises if one.alert_id == alert_id and one.state is not PromiseState.VOID]
    restored = [_without(one, alert_id, now) for one in promises if alert_id in one.breakers]
    moved = [
        *(
            Moved(
                promise=replace(one, state=PromiseState.VOID, breakers=frozenset()),
                action=PromiseAction.ANNUL,
                alert_id=alert_id,
            )
            for one in annulled
        ),
        *(Moved(promise=one, action=PromiseAction.RESTORE, alert_id=alert_id) for one in restored),
    ]
    lines = [line for event in own for line in given_back(event, ledger, OVERTURNED, rules_version)]
    whole = [one for one in restored if one.state is not PromiseState.BROKEN]
    lines += _unwaived(whole, ledger, alert_id, rules_version)
    left = [one for one in promises if one.state in GIVEN and one not in annulled]
    for one in annulled:
        lines += _priced_anew(one, ledger, alert_id, left, rules_version)
    return Follows(lines=tuple(lines), moved=tuple(moved))


def _without(promise: Promise, alert_id: int, now: datetime) -> Promise:
    breakers = promise.breakers - {alert_id}
    is_over = promise.until is not None and now >= promise.until
    whole = PromiseState.KEPT if is_over else PromiseState.MADE
    return replace(promise, breakers=breakers, state=PromiseState.BROKEN if breakers else whole)


def _unwaived(
    whole: Iterable[Promise], ledger: Sequence[CreditEvent], overturned: int, rules_version: str
) -> list[Line]:
    """Give back what was charged after all, for promises that are broken no more."""
    by_alert = {one.alert_id: one for one in whole if one.alert_id != overturned}
    return [
        line
        for event in standing(ledger)
        if event.alert_id in by_alert and event.promise_id == by_alert[event.alert_id].promise_id
        for line in given_back(event, ledger, RESTORED, rules_version)
    ]


def _priced_anew(
    annulled: Promise, ledger: Sequence[CreditEvent], overturned: int, left: Sequence[Promise], rules_version: str
) -> list[Line]:
    """Charge what broke a promise that never should have been, without it: plainly, or by another one it broke."""
    lines: list[Line] = []
    for event in standing(ledger):
        if event.promise_id != annulled.promise_id or event.alert_id in (None, overturned, annulled.alert_id):
            continue
        others = [one for one in left if event.alert_id in one.breakers]
        plain = Charge(
            points=event.points // event.factor,
            rule=event.rule.partition(" ×")[0],
            reason=event.reason,
            occurred_at=event.occurred_at,
            is_veto=event.is_veto,
        )
        costs, by = multiplied(plain, others)
        lines += given_back(event, ledger, ANNULLED, rules_version)
        lines.append(
            Line(
                alert_id=event.alert_id,
                occurred_at=event.occurred_at,
                reason=event.reason,
                points=costs.points,
                rule=costs.rule,
                rules_version=event.rules_version,
                promise_id=None if by is None else by.promise_id,
                factor=1 if by is None else by.factor,
                is_veto=costs.is_veto,
            )
        )
    return lines


def given_back(
    event: CreditEvent, ledger: Sequence[CreditEvent], why: str, rules_version: str, *, evidence: str = ""
) -> list[Line]:
    """Undo a line and what was given back of it by repair: else the vendor would have more than before.

    `evidence`: why, in the words of whoever does it.
    """
    repairs = [one for one in standing(ledger) if one.repairs == event.event_id]
    return [
        Line(
            alert_id=one.alert_id,
            occurred_at=one.occurred_at,
            reason=why,
            points=-one.points,
            rule=why,
            rules_version=rules_version,
            reverses=one.event_id,
            promise_id=one.promise_id,
            source=one.source,
            evidence=evidence,
        )
        for one in (*repairs, event)
    ]
