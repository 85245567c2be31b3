"""The sections that every report has, and the sheet they make. Pure."""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from credit.reports.kinds import AboutWhom
from credit.reports.layout import Cell, Column, Money, Part, Points, Saying, Section, Sheet, plain
from credit.reports.sections_of_grounds import appeals, limits, method, penalties
from credit.reports.sections_of_many import markets, vendor_alerts, vendors
from credit.reports.sections_of_vendor import lines, promises, score, tier_in_words
from credit.reports.shape import Report
from credit.reports.shape_of_parts import Figures
from credit.reports.words import Language, Words
from credit.rules.versions import CALENDAR
from domain.alert import AlertKind, AlertState
from domain.register.records import VendorKind

_MOMENT: Final = "%Y-%m-%d %H:%M:%S UTC%z"


def sheet_of(
    report: Report, language: Language, word: Words, *, digest: str, address: str, timezone: str = ""
) -> Sheet:
    """Lay a report out in a language. `timezone`: of its market's clock; the city's where none is given."""
    say = Saying(report=report, language=language, word=word, zone=ZoneInfo(timezone) if timezone else CALENDAR)
    sections = [made for part in _PARTS if (made := part(say)) is not None]
    period = report.period
    return Sheet(
        language=language,
        title=say(f"title_{report.subject.kind}"),
        subject=subject_of(say),
        headline=_headline(say),
        variant=say(f"variant_{report.variant}"),
        is_public=report.is_public,
        period=say("from_to", first=period.first, last=period.last),
        code=report.code,
        digest=digest,
        address=address,
        rules_version=report.rules.version,
        sections=tuple(sections),
    )


def subject_of(say: Saying) -> str:
    """Return whom a report is about, on one line."""
    subject = say.report.subject
    if subject.kind is AboutWhom.CITY:
        return say("the_city")
    return plain(subject.name if subject.kind is AboutWhom.VENDOR else subject.market_name)


def _headline(say: Saying) -> str:
    report = say.report
    if report.score is not None:
        return f"{say('score')} {report.score.score} · {tier_in_words(say, report.score.tier)}"
    if report.subject.kind is AboutWhom.VENDOR:
        return f"{say('score')} {say('not_told')}"
    median = "—" if report.median is None else report.median
    return f"{say('median')} {median} · {say('vendors')} {len(report.vendors) + report.withheld}"


def _about(say: Saying) -> Section:
    report, subject, identity = say.report, say.report.subject, say.report.identity
    facts: list[tuple[str, Cell]] = []
    if subject.kind is AboutWhom.VENDOR:
        facts = [
            (say("name"), plain(subject.name)),
            (say("vendor_id"), subject.vendor_id),
            (say("market"), f"{plain(subject.market_name)} ({subject.market_id})"),
            (say("stalls"), subject.stalls),
            (say("credit_code"), subject.credit_code),
        ]
    elif subject.kind is AboutWhom.MARKET:
        facts = [(say("market"), f"{plain(subject.market_name)} ({subject.market_id})")]
    if identity is not None:
        facts += [
            (say("business_kind"), say.word(VendorKind(identity.kind)) if identity.kind else None),
            (say("licence_no"), identity.licence_no),
            (say("legal_representative"), identity.legal_representative),
            (say("licence_from"), identity.licence_from),
            (say("licence_until"), identity.licence_until),
        ]
    rules = report.rules
    facts += [
        (say("period"), say("from_to", first=report.period.first, last=report.period.last)),
        (say("compared_with"), say("from_to", first=report.before.first, last=report.before.last)),
        (say("known_at"), _moment(report.known_at, say)),
        (say("rules_version"), f"{rules.version} · {say('in_force_from', day=rules.in_force_from)}"),
    ]
    return Section(key="about", title=say("about"), facts=tuple(facts))


def _moment(moment: datetime, say: Saying) -> str:
    text = moment.astimezone(say.zone).strftime(_MOMENT)
    return f"{text[:-2]}:{text[-2:]}"


def _tiers(say: Saying) -> Section:
    report = say.report
    is_of_vendor = report.subject.kind is AboutWhom.VENDOR
    columns = [Column(say("tier"), 3), Column(say("tier_from"), 2, True), Column(say("vendors_now"), 2, True)]
    if not is_of_vendor:
        columns.append(Column(say("vendors_before"), 2, True))
    rows: list[tuple[Cell, ...]] = []
    for tier in report.tiers:
        row: tuple[Cell, ...] = (f"{tier.name} · {say.either(tier.zh, tier.en)}", tier.from_points, tier.vendors)
        rows.append(row if is_of_vendor else (*row, tier.vendors_before))
    facts: tuple[tuple[str, Cell], ...] = ()
    if not is_of_vendor:
        facts = (
            (say("vendors"), len(report.vendors) + report.withheld),
            (say("median"), report.median),
            (say("median_before"), report.median_before),
        )
    return Section(key="tiers", title=say("tiers"), facts=facts, columns=tuple(columns), rows=tuple(rows))


def _figures(say: Saying) -> Section:
    report = say.report
    now, then = report.figures, report.figures_before
    names = ["confirmed", "pending_of_them", "awaiting", "cleared", "overcharge", "pending_yuan", "penalties_count"]
    if report.is_public:
        names = ["confirmed", "overcharge", "penalties_count"]
    rows: list[tuple[Cell, ...]] = []
    for name in names:
        here, before = _figure(now, name), _figure(then, name)
        if name in ("overcharge", "pending_yuan"):
            rows.append((say(name), Money(here), Money(before), Money(here - before)))
        else:
            rows.append((say(name), here, before, Points(here - before)))
    columns = (
        Column(say("figure"), 4),
        Column(say("this_period"), 2, True),
        Column(say("period_before"), 2, True),
        Column(say("change"), 2, True),
    )
    return Section(key="figures", title=say("figures"), columns=columns, rows=tuple(rows))


def _figure(figures: Figures, name: str) -> int:
    return {
        "confirmed": figures.confirmed,
        "pending_of_them": figures.pending,
        "awaiting": figures.awaiting,
        "cleared": figures.cleared,
        "overcharge": figures.overcharge_fen,
        "pending_yuan": figures.pending_fen,
        "penalties_count": figures.penalties,
    }[name]


def _alerts(say: Saying) -> Section:
    report = say.report
    columns = [Column(say("kind"), 5), Column(say("outcome"), 3), Column(say("count"), 1, True)]
    if not report.is_public:
        columns += [Column(say("pending_of_them"), 2, True), Column(say("occurrences"), 2, True)]
    columns.append(Column(say("overcharge"), 2, True))
    rows = []
    for one in report.alerts:
        row: list[Cell] = [say.word(AlertKind(one.kind)), say.word(AlertState(one.state)), one.alerts]
        row += [] if report.is_public else [one.pending, one.occurrences]
        rows.append((*row, Money(one.overcharge_fen)))
    return Section(
        key="alerts",
        title=say("alerts"),
        columns=tuple(columns),
        rows=tuple(rows),
        weak=frozenset(n for n, one in enumerate(report.alerts) if one.pending),
        empty=say("no_alerts_public" if report.is_public else "no_alerts"),
    )


_PARTS: Final[tuple[Part, ...]] = (
    *(_about, score, _tiers, _figures, lines, _alerts, promises, penalties, appeals),
    *(markets, vendors, method, limits, vendor_alerts),
)
