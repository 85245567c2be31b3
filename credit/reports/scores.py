"""Ledgers → the scores that a report shows and the lines that explain them. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median_low
from typing import Final
from zoneinfo import ZoneInfo

from credit.reports.finality import LedgerLine, only_final
from credit.reports.kinds import LineStanding, Variant
from credit.reports.shape_of_lines import Line, ScorePart
from credit.rules.shape import CreditRules
from credit.scoring import Score, cycle_of, score_at
from domain.credit import CreditEvent

_ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class ScoreDay:
    """A day that scores stand at, and the rules in force on it."""

    day: date
    rules: CreditRules

    @property
    def since(self) -> date:
        """The first day of the cycle."""
        return cycle_of(self.day, self.rules)[0]


def is_told(tier: str, rules: CreditRules, variant: Variant) -> bool:
    """Say whether a variant tells the tier of a vendor: in public only those that the rules tell in public."""
    return variant is Variant.INNER or tier in rules.publicity.tiers


def told(ledger: Sequence[LedgerLine], variant: Variant) -> Sequence[LedgerLine]:
    """Return what of a ledger a variant may tell."""
    return only_final(ledger) if variant is Variant.PUBLIC else ledger


def score_of(ledger: Sequence[LedgerLine], at: ScoreDay, timezone: str) -> Score:
    """Return the score of a ledger at a day."""
    return score_at([line.event for line in ledger], at.rules, at.day, timezone)


def score_part(
    ledger: Sequence[LedgerLine],
    *,
    at: ScoreDay,
    compared: ScoreDay,
    timezone: str,
    variant: Variant,
    of_market: Sequence[int],
) -> ScorePart:
    """Return a vendor's score with its working. `of_market`: the scores of all vendors of its market, its own too."""
    shown = told(ledger, variant)
    score, then = score_of(shown, at, timezone), score_of(shown, compared, timezone)
    final = score_of(only_final(ledger), at, timezone)
    tells_then = is_told(then.tier.name, compared.rules, variant)
    return ScorePart(
        score=score.score,
        tier=score.tier.name,
        cycle_from=score.cycle_from,
        cycle_last=score.cycle_to - _ONE_DAY,
        unclamped=score.unclamped,
        held_back=score.held_back,
        vetoes=len(score.vetoes),
        score_final=final.score,
        tier_final=final.tier.name,
        score_before=then.score if tells_then else None,
        tier_before=then.tier.name if tells_then else "",
        median_of_market=median_low(of_market or [score.score]),
        vendors_of_market=len(of_market),
    )


def lines_of(
    ledger: Sequence[LedgerLine], *, at: ScoreDay, since: date, timezone: str, variant: Variant
) -> tuple[Line, ...]:
    """Return the lines of the days from `since` on, oldest first: those in the score, and why others are not."""
    zone = ZoneInfo(timezone)
    shown = told(ledger, variant)
    score = score_of(shown, at, timezone)
    counted = {event.event_id for event in score.counted}
    undone = {line.event.reverses for line in shown}
    lines = []
    for line in sorted(shown, key=lambda one: one.event.event_id):
        event = line.event
        day = event.occurred_at.astimezone(zone).date()
        if not since <= day <= at.day:
            continue
        lines.append(
            Line(
                event_id=event.event_id,
                occurred_on=day,
                recorded_at=event.recorded_at,
                reason=event.reason,
                zh=_words(event, at.rules, chinese=True),
                en=_words(event, at.rules, chinese=False),
                points=event.points,
                standing=_standing(event, day, counted, undone, score),
                finality=line.finality,
                rule=event.rule,
                rules_version=event.rules_version,
                source=event.source.value,
                alert_id=event.alert_id,
                reverses=event.reverses,
                repairs=event.repairs,
                promise_id=event.promise_id,
                factor=event.factor,
                is_veto=event.is_veto,
                evidence="" if variant is Variant.PUBLIC else event.evidence,
            )
        )
    return tuple(lines)


def _words(event: CreditEvent, rules: CreditRules, *, chinese: bool) -> str:
    said = rules.words_for(event.reason)
    return event.reason if said is None else said.zh if chinese else said.en


def _standing(
    event: CreditEvent, day: date, counted: Collection[int], undone: Collection[int | None], score: Score
) -> LineStanding:
    if event.event_id in counted:
        return LineStanding.COUNTS
    if event.reverses is not None:
        return LineStanding.UNDOES
    if event.event_id in undone:
        return LineStanding.UNDONE
    return LineStanding.WORSE_COUNTS if day >= score.cycle_from else LineStanding.OTHER_CYCLE
