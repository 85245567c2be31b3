"""A credit report as CSV, for a spreadsheet: times of the market, words of the reader, nothing that runs."""

import csv
import io
from collections.abc import Callable
from datetime import datetime
from typing import Final, Literal
from zoneinfo import ZoneInfo

from credit.promises.breaking import ANNULLED, RESTORED
from credit.promises.states import GIVEN
from credit.records.handling import WITHDRAWN
from credit.report import CreditReport, LedgerLine
from credit.scoring import standing
from domain.credit import CreditEvent
from domain.promise import PromiseState
from domain.units import yuan
from tables.harmless import BYTE_ORDER_MARK, harmless

Language = Literal["zh", "en"]

_PERMILLE_IN_A_PERCENT: Final = 10
_UNDONE: Final = {"zh": "撤销认定，退还", "en": "overturned, given back"}
_WAIVED: Final = "waived"
_OF_REASONS: Final = {
    RESTORED: {"zh": "承诺恢复有效，退还", "en": "promise not broken any more, given back"},
    ANNULLED: {"zh": "承诺作废，退还后重新计分", "en": "promise void, given back and charged anew"},
    "repair": {"zh": "信用修复", "en": "credit repair"},
    "merit_withdrawn": {"zh": "加分条件不再成立，冲回", "en": "merit not earned any more, taken back"},
    WITHDRAWN: {"zh": "登记事项已撤回，退还", "en": "record withdrawn, given back"},
    _WAIVED: {"zh": "以承诺代替扣分", "en": "a promise instead of the deduction"},
}
_YES_NO: Final = {"zh": ("是", "否"), "en": ("yes", "no")}

_Cell = Callable[[CreditReport, LedgerLine, Language], object]

#: Heading in Chinese, heading in English, and what stands below it.
_COLUMNS: Final[tuple[tuple[str, str, _Cell], ...]] = (
    ("编号", "event_id", lambda _report, line, _language: line.event.event_id or ""),
    ("市场", "market", lambda report, _line, _language: report.market.name),
    ("商户编号", "vendor_id", lambda report, _line, _language: report.vendor.vendor_id),
    ("商户", "vendor", lambda report, _line, _language: report.vendor.name),
    ("发生时间", "occurred_at", lambda report, line, _language: _local(report, line.event.occurred_at)),
    ("事由", "reason", lambda report, line, language: _reason(report, line, language=language)),
    ("品种", "species", lambda _report, line, language: _species(line, language)),
    ("超出%", "excess_percent", lambda _report, line, _language: _excess_percent(line)),
    ("多收(元)", "overcharge_yuan", lambda _report, line, _language: _overcharge(line)),
    ("分值", "points", lambda _report, line, _language: line.event.points),
    ("计入本周期", "counts_in_cycle", lambda _report, line, language: _YES_NO[language][0 if line.counts else 1]),
    ("认定人", "recorded_by", lambda _report, line, _language: line.event.recorded_by),
    ("认定时间", "recorded_at", lambda report, line, _language: _local(report, line.event.recorded_at)),
    ("规则", "rule", lambda _report, line, _language: line.event.rule),
    ("规则版本", "rules_version", lambda _report, line, _language: line.event.rules_version),
    ("预警编号", "alert_id", lambda _report, line, _language: line.event.alert_id or ""),
    ("撤销的编号", "reverses", lambda _report, line, _language: line.event.reverses or ""),
    ("承诺编号", "promise_id", lambda _report, line, _language: line.event.promise_id or ""),
    ("倍数", "factor", lambda _report, line, _language: line.event.factor),
    ("依据", "evidence", lambda _report, line, _language: line.event.evidence),
)


def as_csv(report: CreditReport, language: Language = "zh") -> str:
    """Return the ledger, oldest first, with a byte-order mark, so that Excel reads the Chinese.

    A cell of text that a spreadsheet would run as a formula is quoted with an apostrophe (OWASP, CSV injection).
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([chinese if language == "zh" else english for chinese, english, _ in _COLUMNS])
    for line in (*reversed(report.ledger), *_waived(report)):
        writer.writerow([harmless(cell(report, line, language)) for _, _, cell in _COLUMNS])
    return BYTE_ORDER_MARK + out.getvalue()


def _waived(report: CreditReport) -> list[LedgerLine]:
    """What a promise stands for, after the ledger: it is no line of it, and takes nothing."""
    by_id = {alert.alert_id: alert for alert in report.alerts}
    # Broken, a promise may have its deduction charged after all: then nothing was waived.
    charged = {event.alert_id for event in standing([line.event for line in report.ledger])}
    return [
        LedgerLine(
            event=CreditEvent(
                event_id=0,
                market_id=one.market_id,
                vendor_id=one.vendor_id,
                occurred_at=one.occurred_at,
                recorded_at=one.offered_at,
                recorded_by="",
                reason=_WAIVED,
                points=0,
                rule=f"{one.waived_rule} {one.waived_points} waived by promise {one.promise_id}, {one.state}",
                rules_version=one.rules_version,
                alert_id=one.alert_id,
                promise_id=one.promise_id,
            ),
            alert=by_id.get(one.alert_id),
            counts=False,
        )
        for one in reversed(report.promises)
        if one.state in GIVEN | {PromiseState.OFFERED} and one.alert_id not in charged
    ]


def _local(report: CreditReport, moment: datetime) -> str:
    return moment.astimezone(ZoneInfo(report.market.timezone)).strftime("%Y-%m-%d %H:%M:%S")


def _reason(report: CreditReport, line: LedgerLine, *, language: Language) -> str:
    if line.event.reason in _OF_REASONS:
        return _OF_REASONS[line.event.reason][language]
    if line.event.reverses is not None:
        return _UNDONE[language]
    rule = report.rules.words_for(line.event.reason)
    return line.event.reason if rule is None else str(getattr(rule, language))


def _species(line: LedgerLine, language: Language) -> str:
    if line.alert is None:
        return ""
    return line.alert.species_name if language == "zh" else line.alert.species_name_en


def _excess_percent(line: LedgerLine) -> str:
    if line.alert is None:
        return ""
    whole, tenths = divmod(line.alert.worst_excess_permille, _PERMILLE_IN_A_PERCENT)
    return f"{whole}.{tenths}"


def _overcharge(line: LedgerLine) -> str:
    return "" if line.alert is None else yuan(line.alert.overcharge_fen)
