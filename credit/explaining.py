"""Why a line of the ledger has its points, in the words of the rule that was in force, in both languages. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from credit.rules.replaying import severity_of
from credit.rules.shape import CreditRules
from domain.alert import AlertKind, Severity
from domain.credit import CreditEvent, CreditSource

Language = Literal["zh", "en"]

_SEVERITIES: Final[Mapping[Severity, Mapping[Language, str]]] = {
    Severity.LOW: {"zh": "轻微", "en": "slight"},
    Severity.MEDIUM: {"zh": "一般", "en": "notable"},
    Severity.HIGH: {"zh": "较重", "en": "serious"},
    Severity.CRITICAL: {"zh": "严重", "en": "grave"},
}
_MINUS: Final = "−"


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """Who decided what a line rests on, when, and in which words."""

    actor: str
    at: datetime
    note: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Explanation:
    """A line explained. `zh`, `en`: the rule and the sum; `weighings`: how many the alert counts (None: no alert)."""

    event_id: int
    zh: str
    en: str
    weighings: int | None
    decision: Decision


def explained(
    event: CreditEvent, rules: CreditRules, *, weighings: int | None, confirmed: Decision | None
) -> Explanation:
    """Explain a line by the rules of the version that it names; who recorded it decided, where no alert did."""
    decision = confirmed or Decision(actor=event.recorded_by, at=event.recorded_at, note=event.evidence)
    return Explanation(
        event_id=event.event_id,
        zh=rule_text(event, rules, "zh"),
        en=rule_text(event, rules, "en"),
        weighings=weighings,
        decision=decision,
    )


def rule_text(event: CreditEvent, rules: CreditRules, language: Language) -> str:
    """Return what the rule says and how the points come from it.

    A line whose rule these rules do not know any more is told by the name of the rule it carries.
    """
    if event.reverses is not None:
        return {
            "zh": f"冲回第{event.reverses}笔：{_signed(event.points)}分",
            "en": f"gives back entry {event.reverses}: {_signed(event.points)}",
        }[language]
    if event.source is CreditSource.REPAIR:
        percent = rules.repair.most_percent
        return {
            "zh": f"信用修复第{event.repairs}笔，至多恢复{percent}%：{_signed(event.points)}分",
            "en": f"repair of entry {event.repairs}, at most {percent} % of it: {_signed(event.points)}",
        }[language]
    said = rules.words_for(event.reason)
    words = event.rule if said is None else said.zh if language == "zh" else said.en
    parts = [words, *_sum(event, rules, language)]
    return ("；" if language == "zh" else "; ").join(parts)


def _sum(event: CreditEvent, rules: CreditRules, language: Language) -> list[str]:
    severity = severity_of(event)
    rule = rules.deduction_for(AlertKind(event.reason)) if event.reason in set(AlertKind) else None
    if severity is None or rule is None:
        return [_points(event.points, language)]
    name = _SEVERITIES[severity][language]
    first = rules.points_for(rule, severity, is_repeat=False)
    parts = [f"{name}{'：' if language == 'zh' else ': '}{_points(first, language)}"]
    if ".repeat_points." in event.rule:
        percent = rule.repeat_percent or rules.repeat_percent
        repeat = rules.points_for(rule, severity, is_repeat=True)
        parts.append(
            f"{rules.repeat_days}天内再犯按{percent}%：{_points(repeat, language)}"
            if language == "zh"
            else f"a repeat within {rules.repeat_days} days takes {percent} %: {_points(repeat, language)}"
        )
    if event.factor > 1:
        parts.append(
            f"违反承诺{event.promise_id}，加倍×{event.factor}：{_points(event.points, language)}"
            if language == "zh"
            else f"breaks promise {event.promise_id}, × {event.factor}: {_points(event.points, language)}"
        )
    if event.is_veto:
        parts.append("一票否决项" if language == "zh" else "a veto item")
    return parts


def _points(points: int, language: Language) -> str:
    return f"{_signed(points)}分" if language == "zh" else _signed(points)


def _signed(points: int) -> str:
    return f"{_MINUS}{-points}" if points < 0 else f"+{points}"
