"""Credit reports from a real database: what is in which variant, and what is kept of them."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg import Connection

from credit.reports.checking import Match, changed_since, check_digest, check_file
from credit.reports.issuing import content_of, report_of
from credit.reports.kinds import Finality, LineStanding, PenaltyStanding, Variant
from credit.reports.shape import canonical, digest_of
from credit.reports.shape_of_parts import Period
from db import credit_reports as stored
from domain.alert import AlertKind, DismissReason
from domain.alert_step import AlertAction
from domain.errors import NotFound
from domain.ids import MarketId, VendorId
from steelyard.resources import policy_directory
from supervision.publicity.policy import read_publicity_policy
from supervision.publicity.publishing import publish_final
from tests.alert_acts import POLICIES, REGULATOR, act
from tests.case_acts import penalise
from tests.factories import NOW
from tests.integration.test_alert_life import PENALTY
from tests.report_acts import BASIS, LONG_AGO, QUARTER, breach, confirmed, issued, market_of_reports

PUBLICITY = read_publicity_policy(policy_directory() / "publicity.toml")
YESTERDAY = NOW - timedelta(days=1)


@pytest.fixture
def world(conn: Connection) -> Connection:
    market_of_reports(conn)
    return conn


def test_a_report_is_kept_as_it_was_issued_and_issued_anew_is_another(world: Connection) -> None:
    confirmed(world, LONG_AGO)
    first, report = issued(world)
    second, _ = issued(world)
    assert report_of(world, first) == report
    assert first.digest.hex() == digest_of(canonical(report))
    assert (first.code, first.report_id) != (second.code, second.report_id)
    assert [one.report_id for one in stored.listed(world, first.market_id, limit=9)] == [2, 1]


def test_what_was_issued_is_never_changed(world: Connection) -> None:
    issued(world)
    for statement in (
        "UPDATE credit_reports SET code = 'x'",
        "DELETE FROM credit_reports",
        "TRUNCATE credit_report_files",
    ):
        with pytest.raises(psycopg.errors.RestrictViolation, match="append-only"), world.transaction():
            world.execute(statement.encode())


def test_a_deduction_that_may_be_appealed_is_marked_inside_and_absent_in_public(world: Connection) -> None:
    final, fresh = confirmed(world, LONG_AGO), confirmed(world, YESTERDAY, kind=AlertKind.TARE_ABUSE)
    _, inner = issued(world)
    _, public = issued(world, variant=Variant.PUBLIC)
    assert [(one.alert_id, one.finality) for one in inner.lines] == [(final, Finality.FINAL), (fresh, Finality.OPEN)]
    assert [(one.alert_id, one.finality) for one in public.lines] == [(final, Finality.FINAL)]
    assert inner.score is not None
    assert public.score is not None
    assert (inner.score.score, inner.score.score_final) == (91, 97)
    assert (public.score.score, public.score.score_final) == (97, 97)
    assert (inner.figures.confirmed, inner.figures.pending, inner.figures.overcharge_fen) == (2, 1, 6000)
    assert (public.figures.confirmed, public.figures.pending, public.figures.overcharge_fen) == (1, 0, 3000)


def test_nothing_of_an_appeal_is_in_the_public_form(world: Connection) -> None:
    alert_id = confirmed(world, LONG_AGO)
    act(world, alert_id, AlertAction.APPEAL, now=LONG_AGO + timedelta(days=1), note="the scale was off")
    _, inner = issued(world)
    _, public = issued(world, variant=Variant.PUBLIC)
    assert [(one.alert_id, one.points) for one in inner.appeals] == [(alert_id, -3)]
    assert [one.finality for one in inner.lines] == [Finality.APPEALED]
    assert (public.lines, public.appeals, public.alerts, public.figures.confirmed) == ((), (), (), 0)
    assert str(alert_id).encode() not in canonical(public).split(b'"alerts"')[1].split(b'"before"')[0]
    act(world, alert_id, AlertAction.UPHOLD, by=REGULATOR, now=YESTERDAY, note="it was not")
    _, upheld = issued(world, variant=Variant.PUBLIC)
    assert [one.alert_id for one in upheld.lines] == [alert_id]


def test_what_awaits_a_decision_was_dismissed_or_overturned_is_told_inside_only(world: Connection) -> None:
    breach(world, YESTERDAY)
    dismissed = breach(world, LONG_AGO, kind=AlertKind.TARE_ABUSE)
    act(world, dismissed, AlertAction.DISMISS, now=LONG_AGO, reason=DismissReason.DEVICE_FAULT)
    overturned = confirmed(world, LONG_AGO)
    act(world, overturned, AlertAction.OVERTURN, by=REGULATOR, now=YESTERDAY, note="the list was wrong")
    _, inner = issued(world)
    _, public = issued(world, variant=Variant.PUBLIC)
    assert (inner.figures.awaiting, inner.figures.cleared, inner.figures.confirmed) == (1, 2, 0)
    assert [one.standing for one in inner.lines] == [LineStanding.UNDONE, LineStanding.UNDOES]
    assert (public.alerts, public.lines) == ((), ())


@pytest.mark.parametrize(
    ("moment", "is_in"),
    [
        (datetime(2026, 9, 30, 15, 59, 59, tzinfo=UTC), True),
        (datetime(2026, 9, 30, 16, 0, tzinfo=UTC), False),
        (datetime(2026, 6, 30, 15, 59, 59, tzinfo=UTC), False),
        (datetime(2026, 6, 30, 16, 0, tzinfo=UTC), True),
    ],
    ids=["last second of its last day", "midnight after it", "second before it", "midnight it begins at"],
)
def test_a_period_begins_and_ends_by_the_markets_calendar(world: Connection, moment: datetime, is_in: bool) -> None:
    confirmed(world, moment)
    _, report = issued(world, period=QUARTER)
    assert (len(report.lines), report.figures.confirmed) == ((1, 1) if is_in else (0, 0))


def test_a_report_of_a_quarter_that_is_over_has_the_score_of_its_last_day(world: Connection) -> None:
    confirmed(world, datetime(2026, 9, 1, 4, tzinfo=UTC))
    confirmed(world, LONG_AGO)
    _, report = issued(world, period=QUARTER)
    _, running = issued(world)
    assert report.score is not None
    assert running.score is not None
    assert (report.score.score, report.score.cycle_last) == (97, date(2026, 9, 30))
    # 39 days later: no repeat.
    assert (running.score.score, running.score.score_before) == (97, 97)
    assert (report.before.first, report.before.last) == (date(2026, 4, 1), date(2026, 6, 30))


def test_a_vendor_with_nothing_has_a_report_too(world: Connection) -> None:
    _, report = issued(world, vendor_id=VendorId("V-2"), variant=Variant.PUBLIC)
    assert report.score is not None
    assert (report.score.score, report.score.vendors_of_market, report.lines, report.alerts) == (100, 2, (), ())


def test_a_report_about_nobody_is_refused_and_nothing_is_kept(world: Connection) -> None:
    with pytest.raises(NotFound, match="no vendor V-99 in market sanya-1"):
        issued(world, vendor_id=VendorId("V-99"))
    with pytest.raises(NotFound, match="no market nowhere"):
        issued(world, market_id=MarketId("nowhere"), vendor_id=None)
    assert stored.listed(world, None, limit=9) == []


def test_markets_and_the_city_tell_of_every_vendor_the_lowest_score_first(world: Connection) -> None:
    confirmed(world, LONG_AGO)
    confirmed(world, YESTERDAY, vendor_id=VendorId("V-2"), excess_fen=20_000)
    _, market = issued(world, vendor_id=None)
    _, city = issued(world, market_id=None, vendor_id=None)
    _, public = issued(world, market_id=None, vendor_id=None, variant=Variant.PUBLIC)
    told = [("V-2", 94), ("V-1", 97)]
    assert [(one.vendor_id, one.score) for one in market.vendors] == told
    assert [(one.vendor_id, one.score) for one in city.vendors] == told
    assert [(one.vendor_id, one.score) for one in public.vendors] == [("V-1", 97), ("V-2", 100)]
    assert [(one.market_id, one.vendors, one.median, one.figures) for one in city.markets] == [
        ("sanya-1", 2, 94, market.figures)
    ]
    assert (market.median, city.median, public.median) == (94, 94, 97)
    assert sum(tier.vendors for tier in city.tiers) == 2
    assert market.figures.overcharge_fen == 23_000


def test_what_is_not_known_is_counted(world: Connection) -> None:
    world.execute("UPDATE scales SET verified_until = '2026-11-21' WHERE scale_id = 'S-1'")
    world.execute("UPDATE scales SET verified_until = '2027-01-01' WHERE scale_id = 'S-2'")
    period = Period(first=date(2026, 11, 21), last=date(2026, 11, 22))
    _, report = issued(world, period=period)
    (limits,) = report.limits.markets
    assert (limits.days, limits.days_without_weighings, limits.scales, limits.scales_unverified) == (2, 2, 2, 1)
    assert (report.limits.vendor_days_weighed, report.limits.vendor_scales_unverified) == (0, 1)


def test_a_digest_verifies_and_a_changed_byte_does_not(world: Connection) -> None:
    one, report = issued(world)
    content = content_of(world, one)
    assert check_file(world, one, content).match is Match.CONTENT
    assert check_digest(world, one, one.digest.hex().upper() + "\n").match is Match.CONTENT
    changed = content.replace(b'"score":100', b'"score":110', 1)
    assert changed != content
    assert check_file(world, one, changed).match is Match.OTHER
    assert check_digest(world, one, "0" * 64).match is Match.OTHER
    assert check_digest(world, one, "no digest").match is Match.NO_DIGEST
    other, _ = issued(world)
    assert check_file(world, other, content).match is Match.OTHER
    assert report.code.encode() in content


def test_a_file_is_known_again_by_its_bytes(world: Connection) -> None:
    one, _ = issued(world)
    pdf = b"%PDF /Keywords(" + one.digest.hex().encode() + b") as handed out"
    assert check_file(world, one, pdf).match is Match.NAMES_IT
    for _ in range(2):
        stored.keep_file(world, one.report_id, sha256=bytes.fromhex(digest_of(pdf)), form="pdf", language="zh", at=NOW)
    checked = check_file(world, one, pdf)
    assert checked.match is Match.FILE
    assert checked.handed_out is not None
    assert (checked.handed_out.form, checked.handed_out.language) == ("pdf", "zh")
    assert check_file(world, one, pdf + b" ").match is Match.NAMES_IT


def test_only_what_is_final_is_said_to_have_changed_since(world: Connection) -> None:
    first = confirmed(world, LONG_AGO)
    one, _ = issued(world)
    later = NOW + timedelta(hours=1)

    def changed() -> tuple[bool, bool]:
        since = changed_since(world, one, BASIS, later)
        return since.final_changed, since.anything_changed

    assert changed() == (False, False)
    pending = confirmed(world, YESTERDAY, kind=AlertKind.TARE_ABUSE)
    assert changed() == (False, True)
    act(world, pending, AlertAction.OVERTURN, by=REGULATOR, now=later, note="a mistake")
    assert changed() == (False, True)
    act(world, first, AlertAction.OVERTURN, by=REGULATOR, now=later, note="the list was wrong")
    assert changed() == (True, True)


def test_a_decision_of_other_days_changes_nothing(world: Connection) -> None:
    one, _ = issued(world, period=Period(first=date(2026, 10, 1), last=date(2026, 10, 8)))
    confirmed(world, LONG_AGO)
    assert not changed_since(world, one, BASIS, NOW).anything_changed


def test_a_deduction_becomes_final_when_its_days_of_appeal_are_over(world: Connection) -> None:
    confirmed(world, YESTERDAY)
    one, _ = issued(world)
    finals = [changed_since(world, one, BASIS, NOW + timedelta(days=n)).final_changed for n in range(9)]
    # Confirmed on Saturday the 21st: five working days later is Friday the 27th, and it is final on the 28th.
    assert finals == [False] * 6 + [True] * 3


def test_a_penalty_is_marked_inside_until_it_is_published_and_public_after(world: Connection) -> None:
    alert_id = confirmed(world, LONG_AGO)
    act(world, alert_id, AlertAction.ESCALATE, now=LONG_AGO, note="again above the cap")
    penalise(world, alert_id, PENALTY)
    later = NOW + timedelta(days=30)

    def told(variant: Variant, now: datetime) -> list[tuple[str, str]]:
        _, report = issued(world, variant=variant, now=now)
        return [(one.document_no, one.standing) for one in report.penalties]

    document = PENALTY.document_no
    assert told(Variant.INNER, NOW) == [(document, PenaltyStanding.NOT_PUBLISHED)]
    assert told(Variant.PUBLIC, NOW) == []
    assert issued(world, variant=Variant.PUBLIC)[1].lines == (), "a penalty is a decision anew, which may be appealed"
    publish_final(world, later, policy=PUBLICITY, supervision=POLICIES.supervision)
    assert told(Variant.PUBLIC, later) == told(Variant.INNER, later) == [(document, PenaltyStanding.PUBLISHED)]
    assert [one.alert_id for one in issued(world, variant=Variant.PUBLIC, now=later)[1].lines] == [alert_id]


def test_a_promise_that_runs_is_between_the_vendor_and_the_market(world: Connection) -> None:
    alert_id = breach(world, LONG_AGO, excess_fen=500)
    act(world, alert_id, AlertAction.CONFIRM, now=LONG_AGO, offers_promise=True)
    _, inner = issued(world)
    _, public = issued(world, variant=Variant.PUBLIC)
    assert [(one.alert_id, one.state, one.waived_points) for one in inner.promises] == [(alert_id, "offered", -1)]
    assert (public.promises, public.lines) == ((), ())


def test_a_tier_that_is_not_told_in_public_is_counted_and_not_named(world: Connection) -> None:
    assert POLICIES.credit.publicity.tiers == ("A", "B", "C")
    confirmed(world, LONG_AGO, kind=AlertKind.CASE_OPEN)
    _, vendor = issued(world, variant=Variant.PUBLIC)
    _, market = issued(world, variant=Variant.PUBLIC, vendor_id=None)
    _, inner = issued(world, vendor_id=None)
    assert (vendor.score, vendor.lines, vendor.withheld) == (None, (), 1)
    assert ([one.vendor_id for one in market.vendors], market.withheld) == (["V-2"], 1)
    assert [(tier.name, tier.vendors) for tier in market.tiers] == [("A", 1), ("B", 0), ("C", 0), ("D", 1)]
    assert ([(one.vendor_id, one.tier) for one in inner.vendors], inner.withheld) == ([("V-1", "D"), ("V-2", "A")], 0)


def test_what_was_not_told_then_is_not_told_now(world: Connection) -> None:
    confirmed(world, datetime(2026, 9, 1, 4, tzinfo=UTC), kind=AlertKind.CASE_OPEN)
    _, vendor = issued(world, variant=Variant.PUBLIC)
    _, market = issued(world, variant=Variant.PUBLIC, vendor_id=None)
    assert vendor.score is not None
    assert (vendor.score.score, vendor.score.score_before, vendor.score.tier_before) == (100, None, "")
    then = [(one.score, one.score_before, one.tier_before) for one in market.vendors]
    assert then == [(100, None, ""), (100, 100, "A")]


GOLDEN = Path(__file__).parent / "golden_market_report.json"


def test_the_report_of_a_small_market_is_this_content(world: Connection) -> None:
    """Figure by figure: what is in it, in which order, and in which words; ids and moments are the world's."""
    confirmed(world, datetime(2026, 9, 1, 4, tzinfo=UTC))
    confirmed(world, LONG_AGO)
    confirmed(world, YESTERDAY, vendor_id=VendorId("V-2"), kind=AlertKind.TARE_ABUSE)
    appealed = confirmed(world, LONG_AGO, vendor_id=VendorId("V-2"), kind=AlertKind.GRADE_UPGRADE)
    act(world, appealed, AlertAction.APPEAL, now=LONG_AGO + timedelta(days=1), note="they were large")
    _, vendor = issued(world, vendor_id=VendorId("V-2"), code="000000000001")
    _, market = issued(world, vendor_id=None, code="000000000002")
    made = [canonical(vendor), canonical(market)]
    assert b"\n".join(made) + b"\n" == GOLDEN.read_bytes()
