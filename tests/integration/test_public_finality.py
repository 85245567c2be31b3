"""Screens, the public page and public reports say the same of a vendor on each day of an alert's life."""

from datetime import date, datetime, timedelta

import pytest
from psycopg import Connection

from credit.public_standing import publicly, score_of_vendor
from credit.reports.kinds import Variant
from credit.reports.shape_of_parts import Period
from domain.alert_step import AlertAction, PenaltyDecision
from tests.alert_acts import MANAGER, POLICIES, REGULATOR, act, someone
from tests.case_acts import penalise
from tests.factories import MARKET
from tests.report_acts import LONG_AGO, VENDOR, confirmed, issued, market_of_reports

DAY = timedelta(days=1)
#: Days after the confirmation on which somebody looks.
LOOKED_AT = (0, 1, 5, 8, 12, 16, 20, 30, 40)
#: What was decided of the penalty, on its fifth day.
PENALTY = PenaltyDecision(
    document_no="三综执罚〔2026〕1号", authority="综合执法局", decided_on=(LONG_AGO + 5 * DAY).date(), decision="罚款"
)
Step = tuple[int, AlertAction]
LIVES: dict[str, list[Step]] = {
    "nobody appealed": [],
    "appealed and upheld": [(2, AlertAction.APPEAL), (10, AlertAction.UPHOLD)],
    "appealed and overturned": [(2, AlertAction.APPEAL), (10, AlertAction.OVERTURN)],
    "appealed and never answered": [(3, AlertAction.APPEAL)],
    "penalised later": [(1, AlertAction.ESCALATE), (5, AlertAction.RECORD_PENALTY)],
    "penalised, appealed, upheld": [
        (1, AlertAction.ESCALATE),
        (5, AlertAction.RECORD_PENALTY),
        (7, AlertAction.APPEAL),
        (15, AlertAction.UPHOLD),
    ],
}


def in_public(conn: Connection, now: datetime) -> int:
    by = publicly(POLICIES.credit, POLICIES.supervision, "Asia/Shanghai", now)
    return score_of_vendor(conn, MARKET, VENDOR, by).score


def in_report(conn: Connection, now: datetime) -> int:
    period = Period(first=date(2026, 10, 1), last=(now + timedelta(hours=8)).date())
    _, report = issued(conn, period=period, variant=Variant.PUBLIC, now=now)
    assert report.score is not None
    return report.score.score


@pytest.mark.parametrize("life", LIVES, ids=lambda life: life.replace(" ", "_"))
def test_both_tell_the_same_on_each_day(conn: Connection, life: str) -> None:
    market_of_reports(conn)
    alert_id = confirmed(conn, LONG_AGO)
    steps = list(LIVES[life])
    told = {}
    for day in LOOKED_AT:
        now = LONG_AGO + day * DAY + timedelta(hours=1)
        while steps and steps[0][0] <= day:
            at, action = steps.pop(0)
            if action is AlertAction.RECORD_PENALTY:
                penalise(conn, alert_id, PENALTY, now=LONG_AGO + at * DAY)
                continue
            by = MANAGER if action in (AlertAction.APPEAL, AlertAction.ESCALATE) else REGULATOR
            if action in (AlertAction.UPHOLD, AlertAction.OVERTURN):
                by = someone("reviewer")
            act(conn, alert_id, action, by=by, now=LONG_AGO + at * DAY, note="because")
        told[day] = (in_public(conn, now), in_report(conn, now))
    assert all(screen == report for screen, report in told.values()), told
    assert told[0] == (100, 100), "on the day of its decision nothing is final"
