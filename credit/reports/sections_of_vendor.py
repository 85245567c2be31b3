"""What only a vendor's report has: the score with its working, every line behind it, and promises. Pure."""

from credit.reports.kinds import AboutWhom, Finality, LineStanding
from credit.reports.layout import Cell, Column, Points, Saying, Section, plain, text_of
from credit.reports.shape import Report
from credit.reports.shape_of_lines import Line, ScorePart
from domain.alert import AlertKind
from domain.promise import PromiseState


def score(say: Saying) -> Section | None:
    """Return the score, its tier, and how it comes about."""
    one = say.report.score
    if one is None:
        if not say.report.withheld or say.report.subject.kind is not AboutWhom.VENDOR:
            return None
        return Section(key="score", title=say("score_and_tier"), notes=(say("score_withheld"),))
    facts: list[tuple[str, Cell]] = [
        (say("score_at", day=say.report.day), one.score),
        (say("tier"), tier_in_words(say, one.tier)),
    ]
    if not say.report.is_public:
        facts.append((say("score_final"), f"{one.score_final} · {tier_in_words(say, one.tier_final)}"))
    facts += [
        (say("working"), _working(say.report, one)),
        (say("cycle"), say("from_to", first=one.cycle_from, last=one.cycle_last)),
        (
            say("score_before"),
            say("not_told") if one.score_before is None else f"{one.score_before} · {one.tier_before}",
        ),
        (say("median_of_market"), say("of_vendors", score=one.median_of_market, vendors=one.vendors_of_market)),
    ]
    if one.held_back:
        facts.append((say("held_back"), one.held_back))
    if one.vetoes:
        facts.append((say("vetoes"), one.vetoes))
    return Section(key="score", title=say("score_and_tier"), facts=tuple(facts))


def tier_in_words(say: Saying, name: str) -> str:
    """Return a tier's name with its words."""
    found = next((tier for tier in say.report.tiers if tier.name == name), None)
    return name if found is None else f"{name} · {say.either(found.zh, found.en)}"


def _working(report: Report, one: ScorePart) -> str:
    counted = [line.points for line in report.lines if line.standing is LineStanding.COUNTS]
    parts = [str(report.rules.base), *(f"{text_of(Points(points))}" for points in counted if points)]
    if one.held_back:
        parts.append(text_of(Points(-one.held_back)))
    end = f" → {one.score}" if one.unclamped != one.score else ""
    return f"{' '.join(parts)} = {one.unclamped}{end}"


def lines(say: Saying) -> Section | None:
    """Return every line of the ledger that is in the score or happened in the period."""
    report = say.report
    if report.subject.kind is not AboutWhom.VENDOR or report.withheld:
        return None
    columns = [
        *(Column(say("event"), 1, True), Column(say("day"), 2), Column(say("what_for"), 4)),
        *(Column(say("points"), 1, True), Column(say("counting"), 3)),
    ]
    if not report.is_public:
        columns.append(Column(say("finality"), 2))
    columns.append(Column(say("rule"), 4))
    rows = []
    for one in report.lines:
        row: list[Cell] = [one.event_id, one.occurred_on, _what_for(say, one), Points(one.points)]
        row.append(say(f"standing_{one.standing}"))
        if not report.is_public:
            row.append(say(f"finality_{one.finality}"))
        rows.append((*row, f"{one.rule} · {one.rules_version}"))
    weak = frozenset(n for n, one in enumerate(report.lines) if one.finality is not Finality.FINAL)
    return Section(
        key="lines", title=say("lines"), columns=tuple(columns), rows=tuple(rows), weak=weak, empty=say("no_lines")
    )


def _what_for(say: Saying, one: Line) -> str:
    said = [say.either(one.zh, one.en)]
    if one.factor != 1:
        said.append(say("times", factor=one.factor))
    if one.is_veto:
        said.append(say("veto"))
    if one.alert_id is not None:
        said.append(say("alert_no", alert=one.alert_id))
    if one.promise_id is not None:
        said.append(say("promise_no", promise=one.promise_id))
    if one.reverses is not None:
        said.append(say("undoes_no", event=one.reverses))
    if one.repairs is not None:
        said.append(say("repairs_no", event=one.repairs))
    if one.evidence:
        said.append(plain(one.evidence))
    return " · ".join(said)


def promises(say: Saying) -> Section | None:
    """Return the promises that ran in the period."""
    report = say.report
    if report.subject.kind is not AboutWhom.VENDOR:
        return None
    columns = (
        *(Column(say("promise"), 1, True), Column(say("kind"), 4), Column(say("state"), 3)),
        *(Column(say("made_on"), 2), Column(say("until"), 2), Column(say("waived_points"), 2, True)),
    )
    rows = tuple(
        (
            one.promise_id,
            say.word(AlertKind(one.kind)),
            say.word(PromiseState(one.state)),
            one.made_on,
            one.until,
            Points(one.waived_points),
        )
        for one in report.promises
    )
    return Section(key="promises", title=say("promises"), columns=columns, rows=rows, empty=say("no_promises"))
