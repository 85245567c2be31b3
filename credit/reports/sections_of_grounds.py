"""What a report rests on: penalties, appeals, the method, and what is not known. Pure."""

from credit.reports.kinds import AboutWhom
from credit.reports.layout import Cell, Column, Money, Points, Saying, Section, plain
from credit.reports.shape_of_parts import MarketLimits
from domain.alert import AlertKind
from domain.publicity import PenaltyKind


def penalties(say: Saying) -> Section:
    """Return the penalties, in their documents' words."""
    report = say.report
    is_of_vendor = report.subject.kind is AboutWhom.VENDOR
    columns = [] if is_of_vendor else [Column(say("vendor"), 3)]
    columns += [
        *(Column(say("document_no"), 3), Column(say("authority"), 3), Column(say("decided_on"), 2)),
        *(Column(say("decision"), 4), Column(say("basis"), 3), Column(say("amount"), 2, True), Column(say("state"), 2)),
    ]
    rows = []
    for one in report.penalties:
        row: list[Cell] = [] if is_of_vendor else [f"{plain(one.vendor_name)} ({one.vendor_id})"]
        decision = f"{say.word(PenaltyKind(one.kind))}: {plain(one.decision)}"
        amount = None if one.amount_fen is None else Money(one.amount_fen)
        row += [plain(one.document_no), plain(one.authority), one.decided_on, decision, plain(one.basis), amount]
        rows.append((*row, say(f"penalty_{one.standing}")))
    return Section(
        key="penalties",
        title=say("penalties"),
        columns=tuple(columns),
        rows=tuple(rows),
        weak=frozenset(n for n, one in enumerate(report.penalties) if one.standing == "not_published"),
        empty=say("no_penalties_public" if report.is_public else "no_penalties"),
    )


def appeals(say: Saying) -> Section | None:
    """Return the appeals that await their answer; None in public."""
    report = say.report
    if report.is_public:
        return None
    columns = (
        *(Column(say("alert"), 1, True), Column(say("vendor"), 4), Column(say("kind"), 4)),
        *(Column(say("day"), 2), Column(say("at_stake"), 2, True)),
    )
    rows = tuple(
        (
            one.alert_id,
            f"{plain(one.vendor_name)} ({one.vendor_id})",
            say.word(AlertKind(one.kind)),
            one.business_day,
            Points(one.points),
        )
        for one in report.appeals
    )
    weak = frozenset(range(len(rows)))
    return Section(key="appeals", title=say("appeals"), columns=columns, rows=rows, weak=weak, empty=say("no_appeals"))


def method(say: Saying) -> Section:
    """Return how the score comes about, and what the report holds."""
    rules = say.report.rules
    cycle = say(f"cycle_{rules.cycle}")
    notes = (
        say("method_score", base=rules.base, floor=rules.floor, ceiling=rules.ceiling, cycle=cycle),
        say("method_lead"),
        say("method_final", days=rules.appeal_days),
        say("method_public" if say.report.is_public else "method_inner"),
        say("method_reference"),
    )
    return Section(key="method", title=say("method"), notes=notes)


def limits(say: Saying) -> Section:
    """Return what is not known."""
    found = say.report.limits
    facts: tuple[tuple[str, Cell], ...] = ()
    if found.vendor_days_weighed is not None:
        facts = (
            (say("vendor_days"), found.vendor_days_weighed),
            (say("vendor_scales"), found.vendor_scales),
            (say("scales_unverified"), found.vendor_scales_unverified),
        )
    numbers = ("days", "days_told", "days_without_weighings", "days_without_list", "scales", "scales_unverified")
    columns = (Column(say("market"), 3), *(Column(say(name), 2, True) for name in numbers))
    return Section(
        key="limits",
        title=say("limits"),
        facts=facts,
        columns=columns,
        rows=tuple(_limits_row(one, numbers) for one in found.markets),
        notes=(say("limits_days"), say("limits_kept"), say("limits_scales")),
    )


def _limits_row(one: MarketLimits, numbers: tuple[str, ...]) -> tuple[Cell, ...]:
    return (plain(one.name), *(int(getattr(one, name)) for name in numbers))
