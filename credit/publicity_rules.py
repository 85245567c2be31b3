"""What of a vendor's ledger is told in public: what is final (已生效), in the tiers that the rules tell. Pure.

A deduction is final once its days of appeal are over, or an appeal against it was upheld; while one is undecided it
counts against nobody in public, whatever was final before. A penalty that is recorded over its alert is a decision that
may be appealed like the confirmation, and would take the deduction with it: its days count anew.

Merits count at once. So does what gives a deduction back; what takes a merit back is a deduction like any other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from credit.rules.shape import CreditRules, Tier
from credit.scoring import Score, score_at
from domain.alert_step import AlertAction
from domain.credit import CreditEvent
from supervision.deadlines.working_days import WorkingCalendar

#: Of an alert: when it was appealed, when an appeal was decided on, and a penalty recorded, the oldest first.
AppealSteps = Sequence[tuple[AlertAction, datetime]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Publicly:
    """By what is told in public: the rules of the day, the state's calendar, the market's clock, and the day there."""

    rules: CreditRules
    calendar: WorkingCalendar
    timezone: str
    day: date

    def appeal_is_over(self, decided_at: datetime) -> bool:
        """Say whether what was decided at a moment may not be appealed any more on this day."""
        decided_on = decided_at.astimezone(ZoneInfo(self.timezone)).date()
        return self.day > self.calendar.after(decided_on, self.rules.appeal.working_days)


def is_final(line: CreditEvent, steps: AppealSteps, by: Publicly) -> bool:
    """Say whether a line may be held against its vendor in public. `steps`: those of the line's alert."""
    is_pending, is_upheld, decided_at = False, False, line.recorded_at
    for action, at in steps:
        if action is AlertAction.APPEAL:
            is_pending = True
        elif action in (AlertAction.UPHOLD, AlertAction.OVERTURN):
            is_pending = False
            is_upheld |= action is AlertAction.UPHOLD and at >= decided_at
        elif action is AlertAction.RECORD_PENALTY and at > decided_at:
            is_upheld, decided_at = False, at
    return not is_pending and (is_upheld or by.appeal_is_over(decided_at))


def final_lines(
    ledger: Sequence[CreditEvent], appeals: Mapping[int, AppealSteps], by: Publicly
) -> tuple[CreditEvent, ...]:
    """Return the lines of a ledger that count in public. `appeals`: by alert; one without any is left out."""
    lines = {line.event_id: line for line in ledger}

    def counts(line: CreditEvent) -> bool:
        undone = None if line.reverses is None else lines.get(line.reverses)
        told_of = undone or line
        takes_away = _takes(line) if undone is None else not _takes(undone)
        steps = () if told_of.alert_id is None else appeals.get(told_of.alert_id, ())
        return not takes_away or is_final(line, steps, by)

    return tuple(line for line in ledger if counts(line))


def public_score(ledger: Sequence[CreditEvent], appeals: Mapping[int, AppealSteps], by: Publicly) -> Score:
    """Score what of a ledger is final."""
    return score_at(final_lines(ledger, appeals, by), by.rules, by.day, by.timezone)


def told_tier(score: Score, rules: CreditRules) -> Tier | None:
    """Return the tier that is told of a vendor in public; None where the rules do not tell it."""
    return score.tier if score.tier.name in rules.publicity.tiers else None


def is_praised(score: Score, rules: CreditRules) -> bool:
    """Say whether the market's screen names the vendor."""
    return score.tier.name in rules.publicity.praised


def told_tiers(rules: CreditRules) -> tuple[Tier, ...]:
    """Return the tiers that are told in public, the best first."""
    return tuple(tier for tier in rules.tier if tier.name in rules.publicity.tiers)


def praised_tiers(rules: CreditRules) -> tuple[Tier, ...]:
    """Return the tiers whose vendors the market's screen names, the best first."""
    return tuple(tier for tier in rules.tier if tier.name in rules.publicity.praised)


def _takes(line: CreditEvent) -> bool:
    return line.points < 0 or line.is_veto
