"""Duplicates: which alert may be handled with which. Pure.

A merged alert keeps its weighings and its trail; it is decided on with the other, and costs nothing of its own.
"""

from domain.alert import Alert
from domain.errors import FieldRefused
from supervision.alerts.needs import Field, Problem
from supervision.alerts.states import AWAITING


def require_mergeable(alert: Alert, into: Alert | None, asked: int | None) -> None:
    """Refuse to merge an alert into itself, into what is not there, decided already, or about another subject.

    Raise FieldRefused.
    """
    value = str(asked)
    if into is None or into.alert_id == alert.alert_id or into.market_id != alert.market_id:
        expected = "the number of another alert of this market"
        raise FieldRefused(Field.INTO, value, expected, problem=Problem.NO_OTHER_ALERT)
    if _subject(into) != _subject(alert):
        expected = "an alert about the same vendor, or the same scale where there is no vendor"
        raise FieldRefused(Field.INTO, value, expected, problem=Problem.OF_ANOTHER_SUBJECT)
    if into.state not in AWAITING:
        expected = f"an alert that is undecided; it is {into.state}"
        raise FieldRefused(Field.INTO, value, expected, problem=Problem.DECIDED_ALREADY)


def _subject(alert: Alert) -> tuple[str | None, str | None]:
    return (alert.vendor_id, None) if alert.vendor_id is not None else (None, alert.scale_id)
