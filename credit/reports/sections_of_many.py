"""What only the report of a market or the city has: its markets and vendors in tables. Pure."""

from credit.reports.kinds import AboutWhom
from credit.reports.layout import Cell, Column, Money, Saying, Section, plain
from credit.reports.shape_of_parts import Figures
from domain.alert import AlertKind, AlertState


def markets(say: Saying) -> Section | None:
    """Return a line a market, in the report of the city."""
    report = say.report
    if report.subject.kind is not AboutWhom.CITY:
        return None
    columns = (
        *(Column(say("market"), 4), Column(say("vendors_now"), 2, True), Column(say("median"), 2, True)),
        Column(say("before"), 2, True),
        *(Column(tier.name, 1, True) for tier in report.tiers),
        *_figure_columns(say),
    )
    rows = tuple(
        (
            f"{plain(one.name)} ({one.market_id})",
            *(one.vendors, one.median, one.median_before, *one.vendors_by_tier),
            *_figures(one.figures, is_public=report.is_public),
        )
        for one in report.markets
    )
    return Section(key="markets", title=say("markets"), columns=columns, rows=rows)


def vendors(say: Saying) -> Section | None:
    """Return a line a vendor, the lowest score first."""
    report = say.report
    if report.subject.kind is AboutWhom.VENDOR:
        return None
    names = {one.market_id: one.name for one in report.markets}
    columns = [] if not names else [Column(say("market"), 3)]
    columns += [
        *(Column(say("vendor"), 4), Column(say("stalls"), 2), Column(say("score"), 1, True), Column(say("tier"), 1)),
        Column(say("before"), 1, True),
        *_figure_columns(say),
    ]
    rows = []
    for one in report.vendors:
        row: list[Cell] = [plain(names[one.market_id])] if names else []
        row += [f"{plain(one.name)} ({one.vendor_id})", one.stalls, one.score, one.tier, one.score_before]
        rows.append((*row, *_figures(one.figures, is_public=report.is_public)))
    return Section(
        key="vendors",
        title=say("vendors_list"),
        columns=tuple(columns),
        rows=tuple(rows),
        weak=frozenset(n for n, one in enumerate(report.vendors) if one.figures.pending),
        empty=say("no_vendors"),
        notes=(say("vendors_withheld", count=report.withheld),) if report.withheld else (),
    )


def vendor_alerts(say: Saying) -> Section | None:
    """Return the alerts of each vendor by kind and outcome: where there is room for everything."""
    report = say.report
    if report.subject.kind is AboutWhom.VENDOR:
        return None
    columns = (
        *(Column(say("market"), 2), Column(say("vendor_id"), 2), Column(say("vendor"), 3), Column(say("kind"), 3)),
        *(Column(say("outcome"), 2), Column(say("count"), 1, True), Column(say("overcharge"), 2, True)),
    )
    # Looked up once each: there are a hundred thousand lines.
    kinds = {one.value: say.word(one) for one in AlertKind}
    states = {one.value: say.word(one) for one in AlertState}
    rows = tuple(
        (
            *(one.market_id, one.vendor_id, plain(one.name), kinds[count.kind]),
            *(states[count.state], count.alerts, Money(count.overcharge_fen)),
        )
        for one in report.vendors
        for count in one.alerts
    )
    title = say("vendor_alerts")
    return Section(
        key="vendor_alerts", title=title, columns=columns, rows=rows, empty=say("no_alerts"), is_appendix=True
    )


def _figure_columns(say: Saying) -> tuple[Column, ...]:
    names: tuple[str, ...] = ("confirmed", "pending_of_them", "awaiting", "cleared", "overcharge", "penalties_count")
    if say.report.is_public:
        names = ("confirmed", "overcharge", "penalties_count")
    return tuple(Column(say(name), 2, True) for name in names)


def _figures(one: Figures, *, is_public: bool) -> tuple[Cell, ...]:
    money = Money(one.overcharge_fen)
    if is_public:
        return one.confirmed, money, one.penalties
    return one.confirmed, one.pending, one.awaiting, one.cleared, money, one.penalties
