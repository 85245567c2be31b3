"""Until which day decisions are final, and which lines of a ledger a report for everybody may hold. Pure.

A decision is final once its days of appeal are over without one, or an appeal was answered by upholding it
(supervision/publicity/terms.py says the same of penalties). Nothing of what is pending is told in public: neither a
deduction, nor what it takes, nor that there is one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from credit.reports.kinds import Finality
from domain.credit import CreditEvent
from supervision.deadlines.working_days import WorkingCalendar

_ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """A line of a ledger, and whether what it rests on stands for good."""

    event: CreditEvent
    finality: Finality


def final_until(today: date, calendar: WorkingCalendar, appeal_days: int) -> date:
    """Return the last day of which decisions that nobody appealed are final on `today`."""
    day = today - _ONE_DAY
    while calendar.after(day, appeal_days) >= today:
        day -= _ONE_DAY
    return day


def only_final(ledger: Sequence[LedgerLine]) -> list[LedgerLine]:
    """Return what may be told in public: final lines that stand, without those undone and those that undo."""
    undone = {line.event.reverses for line in ledger}
    standing = [
        line
        for line in ledger
        if line.finality is Finality.FINAL and line.event.reverses is None and line.event.event_id not in undone
    ]
    kept = {line.event.event_id for line in standing}
    return [line for line in standing if line.event.repairs is None or line.event.repairs in kept]
