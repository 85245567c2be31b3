"""The whole life of an alert: each step with its conditions, its trail, and what two people do to each other."""

import io
from datetime import date, timedelta
from typing import Any

import pytest
from PIL import Image
from psycopg import Connection

from db import alert_photos, alert_steps, alerts, credit
from domain.alert import Alert, AlertKind, AlertState, DismissReason
from domain.alert_step import AlertAction, PenaltyDecision, WithdrawReason
from domain.errors import FieldRefused, IllegalTransition, NotAllowed, NotFound
from domain.ids import MarketId, VendorId
from ingest.batch import take_batch
from pricing.price_book import BookKeeper
from supervision.alerts.attaching import attach
from supervision.alerts.handling import ChangedMeanwhile, withdraw_by_itself
from supervision.alerts.needs import Problem
from supervision.alerts.states import Authority
from tests.alert_acts import MANAGER, POLICIES, REGULATOR, act, someone
from tests.case_acts import penalise
from tests.factories import MARKET, NOW, delivery, message, over, put_market, weighing

TODAY = date(2026, 11, 22)
PENALTY = PenaltyDecision(
    document_no="琼三市监处罚〔2026〕18号",
    authority="三亚市市场监督管理局",
    decided_on=TODAY,
    decision="责令改正，罚款",
)
PHOTO = POLICIES.supervision.photo


@pytest.fixture
def market(conn: Connection) -> Connection:
    put_market(conn)
    conn.commit()
    return conn


@pytest.fixture
def alert_id(market: Connection) -> int:
    return sold_over(market, 1)


def sold_over(conn: Connection, seq: int, *, unit_price_fen: int = 13000) -> int:
    """A sale above the cap; the alert that counts it."""
    sold = over(seq, unit_price_fen=unit_price_fen)
    take_batch(conn, [delivery(message(sold))], books=BookKeeper(), policy=POLICIES.rules, now=NOW)
    conn.commit()
    row = conn.execute(
        "SELECT alert_id FROM alert_weighings JOIN alerts USING (alert_id) WHERE seq = %s AND kind = 'price_over_cap'",
        [seq],
    ).fetchone()
    assert row is not None
    return int(row[0])


def raised(conn: Connection, kind: AlertKind, *, vendor: str = "V-1", day: date = TODAY) -> int:
    """Another alert, as some rule would raise it."""
    row = conn.execute(
        "INSERT INTO alerts (market_id, kind, vendor_id, stall_id, scale_id, species_code, business_day, occurrences,"
        " first_at, last_at, opened_at, updated_at)"
        " VALUES (%s, %s, %s, 'A-1', 'S-1', 'F01', %s, 2, %s, %s, %s, %s) RETURNING alert_id",
        [MARKET, kind, vendor, day, NOW, NOW, NOW, NOW],
    ).fetchone()
    conn.commit()
    assert row is not None
    return int(row[0])


def at(conn: Connection, alert_id: int) -> Alert:
    alert = alerts.by_id(conn, alert_id)
    assert alert is not None
    return alert


def points(conn: Connection) -> list[int]:
    return [event.points for event in credit.of_vendor(conn, MARKET, VendorId("V-1"))]


def photo(colour: int = 0) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (40 + colour, 30), (colour, 90, 90)).save(written, "JPEG")
    return written.getvalue()


def problem(conn: Connection, alert_id: int, action: AlertAction, **asked: Any) -> str:
    with pytest.raises(FieldRefused) as caught:
        act(conn, alert_id, action, **asked)
    conn.rollback()
    return caught.value.problem


def test_a_breach_is_rectified_with_a_photo_checked_and_closed(market: Connection, alert_id: int) -> None:
    act(market, alert_id, AlertAction.ACKNOWLEDGE)
    act(market, alert_id, AlertAction.CONFIRM)
    due = TODAY + timedelta(days=7)
    act(market, alert_id, AlertAction.ORDER_RECTIFICATION, due_on=due, note="退还多收的钱，改标价")
    assert (at(market, alert_id).state, at(market, alert_id).rectify_by) == (AlertState.RECTIFYING, due)
    assert problem(market, alert_id, AlertAction.REPORT_RECTIFIED) == Problem.NO_PHOTO_SINCE
    assert attach(market, alert_id, photo(), by=MANAGER, policy=PHOTO, now=NOW) is not None
    act(market, alert_id, AlertAction.REPORT_RECTIFIED)
    later = TODAY + timedelta(days=9)
    act(market, alert_id, AlertAction.SEND_BACK, due_on=later, note="价签还是旧的")
    # The photo of before shows nothing of what was still wrong.
    assert problem(market, alert_id, AlertAction.REPORT_RECTIFIED) == Problem.NO_PHOTO_SINCE
    attach(market, alert_id, photo(200), by=MANAGER, policy=PHOTO, now=NOW)
    act(market, alert_id, AlertAction.REPORT_RECTIFIED)
    act(market, alert_id, AlertAction.CLOSE)
    assert at(market, alert_id).state is AlertState.CLOSED
    assert points(market) == [-3]
    trail = alert_steps.of_alert(market, alert_id)
    assert [step.action for step in trail] == [
        *("acknowledge", "confirm", "order_rectification", "attach", "report_rectified", "send_back", "attach"),
        *("report_rectified", "close"),
    ]
    assert {step.origin for step in trail} == {"127.0.0.1"}
    assert [step.due_on for step in trail if step.due_on] == [due, later]
    assert [step.to_state for step in trail][:-1] == [step.from_state for step in trail][1:]


def test_a_penalty_is_recorded_as_its_document_says_it_and_by_a_regulator(market: Connection, alert_id: int) -> None:
    act(market, alert_id, AlertAction.CONFIRM)
    act(market, alert_id, AlertAction.ESCALATE, note="第三次超价")
    with pytest.raises(NotAllowed, match="only a regulator may record penalty"):
        act(market, alert_id, AlertAction.RECORD_PENALTY, penalty=PENALTY)
    market.rollback()
    penalise(market, alert_id, PENALTY)
    assert at(market, alert_id).state is AlertState.PENALISED
    assert alert_steps.of_alert(market, alert_id)[-1].penalty == PENALTY
    act(market, alert_id, AlertAction.CLOSE)
    assert points(market) == [-3]


def test_an_appeal_is_decided_by_another_person_and_gives_the_score_back(market: Connection, alert_id: int) -> None:
    act(market, alert_id, AlertAction.CONFIRM, by=REGULATOR)
    act(market, alert_id, AlertAction.APPEAL, note="当时价签未及更换")
    assert points(market) == [-3]
    assert problem(market, alert_id, AlertAction.OVERTURN, by=REGULATOR, note="x") == Problem.OWN_DECISION
    assert problem(market, alert_id, AlertAction.UPHOLD, by=REGULATOR, note="x") == Problem.OWN_DECISION
    with pytest.raises(NotAllowed):
        act(market, alert_id, AlertAction.OVERTURN, note="x")
    market.rollback()
    act(market, alert_id, AlertAction.OVERTURN, by=someone("second"), note="清单公布晚于称重")
    assert (at(market, alert_id).state, points(market)) == (AlertState.OVERTURNED, [-3, 3])
    assert at(market, alert_id).decided_by == "second"


def test_an_appeal_that_fails_leaves_the_score_and_is_not_made_twice(market: Connection, alert_id: int) -> None:
    act(market, alert_id, AlertAction.CONFIRM)
    act(market, alert_id, AlertAction.APPEAL, note="x")
    act(market, alert_id, AlertAction.UPHOLD, by=REGULATOR, note="证据充分")
    assert (at(market, alert_id).state, points(market)) == (AlertState.UPHELD, [-3])
    act(market, alert_id, AlertAction.ESCALATE, note="x")
    assert problem(market, alert_id, AlertAction.APPEAL, note="x") == Problem.APPEALED_ALREADY
    penalise(market, alert_id, PENALTY)
    act(market, alert_id, AlertAction.APPEAL, note="处罚过重")
    assert at(market, alert_id).state is AlertState.APPEALED


def test_an_appeal_after_its_days_is_refused_and_nothing_is_changed(market: Connection, alert_id: int) -> None:
    act(market, alert_id, AlertAction.CONFIRM)
    late = NOW + timedelta(days=9)
    assert problem(market, alert_id, AlertAction.APPEAL, note="x", now=late) == Problem.TOO_LATE
    assert at(market, alert_id).state is AlertState.CONFIRMED


def test_closing_takes_no_day_of_the_appeal(market: Connection, alert_id: int) -> None:
    act(market, alert_id, AlertAction.CONFIRM)
    act(market, alert_id, AlertAction.CLOSE, note="已提醒")
    late = NOW + timedelta(days=9)
    assert problem(market, alert_id, AlertAction.APPEAL, note="x", now=late) == Problem.TOO_LATE
    act(market, alert_id, AlertAction.APPEAL, note="当时价签未及更换")
    assert (at(market, alert_id).state, points(market)) == (AlertState.APPEALED, [-3])
    act(market, alert_id, AlertAction.OVERTURN, by=REGULATOR, note="清单公布晚于称重")
    assert (at(market, alert_id).state, points(market)) == (AlertState.OVERTURNED, [-3, 3])


def test_who_had_seen_another_alert_is_told_and_may_then_do_it(market: Connection, alert_id: int) -> None:
    seen = at(market, alert_id).revision
    act(market, alert_id, AlertAction.ACKNOWLEDGE, by=someone("first"))
    with pytest.raises(ChangedMeanwhile, match="after a step that you had not seen"):
        act(market, alert_id, AlertAction.CONFIRM, revision=seen)
    market.rollback()
    act(market, alert_id, AlertAction.COMMENT, note="我也看到了", revision=None)
    act(market, alert_id, AlertAction.CONFIRM, revision=at(market, alert_id).revision)
    assert at(market, alert_id).state is AlertState.CONFIRMED


def test_comments_and_photos_of_two_people_do_not_get_in_each_others_way(market: Connection, alert_id: int) -> None:
    seen = at(market, alert_id).revision
    act(market, alert_id, AlertAction.COMMENT, by=REGULATOR, note="看一下摄像头")
    attach(market, alert_id, photo(), by=REGULATOR, policy=PHOTO, now=NOW)
    act(market, alert_id, AlertAction.ACKNOWLEDGE, revision=seen)
    assert len(alert_steps.of_alert(market, alert_id)) == 3


def test_an_alert_is_assigned_to_who_takes_it_and_to_who_sees_the_market(market: Connection, alert_id: int) -> None:
    for username, market_id, disabled in (
        ("here", MARKET, False),
        ("gone", MARKET, True),
        ("everywhere", None, False),
    ):
        market.execute(
            "INSERT INTO users (username, display_name, password_hash, role, market_id, disabled_at)"
            " VALUES (%s, %s, '', %s, %s, %s)",
            [username, username, "regulator" if market_id is None else "manager", market_id, NOW if disabled else None],
        )
    act(market, alert_id, AlertAction.ACKNOWLEDGE)
    assert at(market, alert_id).assignee == "manager"
    for assignee in ("here", "everywhere", None):
        act(market, alert_id, AlertAction.ASSIGN, assignee=assignee)
        assert at(market, alert_id).assignee == assignee
    for username in ("gone", "nobody"):
        assert problem(market, alert_id, AlertAction.ASSIGN, assignee=username) == Problem.NO_SUCH_PERSON
    assert list(alert_steps.assignable(market, MARKET)) == ["here", "everywhere"]
    assert at(market, alert_id).state is AlertState.ACKNOWLEDGED


def test_duplicates_are_decided_on_together_and_cost_once(market: Connection, alert_id: int) -> None:
    other = raised(market, AlertKind.AMOUNT_MISMATCH)
    child = raised(market, AlertKind.TARE_ABUSE)
    act(market, child, AlertAction.MERGE, into=other)
    act(market, other, AlertAction.MERGE, into=alert_id, note="同一笔交易")
    # What was merged into it goes along, so that no chain has to be followed.
    assert [one.alert_id for one in alerts.handled_with(market, alert_id)] == sorted([other, child])
    act(market, alert_id, AlertAction.CONFIRM)
    assert points(market) == [-3]
    assert at(market, other).state is AlertState.MERGED
    act(market, other, AlertAction.REOPEN, note="并非同一笔")
    assert (at(market, other).state, at(market, other).merged_into) == (AlertState.ACKNOWLEDGED, None)
    assert [one.alert_id for one in alerts.handled_with(market, alert_id)] == [child]


def test_occurrences_join_a_merged_alert_until_the_other_is_decided(market: Connection, alert_id: int) -> None:
    into = raised(market, AlertKind.AMOUNT_MISMATCH)
    act(market, alert_id, AlertAction.MERGE, into=into)
    assert sold_over(market, 2) == alert_id
    assert at(market, alert_id).occurrences == 2
    act(market, into, AlertAction.DISMISS, reason=DismissReason.DEVICE_FAULT)
    later = sold_over(market, 3)
    assert later != alert_id
    assert problem(market, alert_id, AlertAction.REOPEN, note="x") == Problem.ANOTHER_IS_OPEN


@pytest.mark.parametrize("which", ["itself", "nothing", "another vendor's", "another market's", "a decided one"])
def test_only_what_belongs_together_is_merged(market: Connection, alert_id: int, which: str) -> None:
    decided = raised(market, AlertKind.TARE_ABUSE)
    act(market, decided, AlertAction.DISMISS, reason=DismissReason.FALSE_POSITIVE)
    other = raised(market, AlertKind.TARE_ABUSE, vendor="V-2", day=TODAY - timedelta(days=1))
    market.execute("INSERT INTO markets (market_id, name, area, channel) VALUES ('else', 'E', 'sanya', 'eatery')")
    elsewhere = raised(market, AlertKind.AMOUNT_MISMATCH, day=TODAY - timedelta(days=2))
    market.execute("UPDATE alerts SET market_id = 'else' WHERE alert_id = %s", [elsewhere])
    into, expected = {
        "itself": (alert_id, Problem.NO_OTHER_ALERT),
        "nothing": (10**9, Problem.NO_OTHER_ALERT),
        "another vendor's": (other, Problem.OF_ANOTHER_SUBJECT),
        "another market's": (elsewhere, Problem.NO_OTHER_ALERT),
        "a decided one": (decided, Problem.DECIDED_ALREADY),
    }[which]
    assert problem(market, alert_id, AlertAction.MERGE, into=into) == expected
    assert at(market, alert_id).state is AlertState.OPEN


def test_when_the_other_is_withdrawn_what_was_merged_stands_on_its_own_again(market: Connection, alert_id: int) -> None:
    into = raised(market, AlertKind.SEQUENCE_GAP)
    act(market, alert_id, AlertAction.MERGE, into=into)
    assert withdraw_by_itself(market, into, WithdrawReason.GAP_FILLED, NOW)
    assert (at(market, into).state, at(market, alert_id).state) == (AlertState.WITHDRAWN, AlertState.ACKNOWLEDGED)
    assert [step.actor for step in alert_steps.of_alert(market, alert_id)] == ["manager", "system"]


def test_what_was_dismissed_is_taken_up_again_where_no_other_is_open(market: Connection, alert_id: int) -> None:
    act(market, alert_id, AlertAction.DISMISS, reason=DismissReason.DEVICE_FAULT)
    assert at(market, alert_id).dismiss_reason is DismissReason.DEVICE_FAULT
    act(market, alert_id, AlertAction.REOPEN, note="设备无故障")
    again = at(market, alert_id)
    assert (again.state, again.dismiss_reason, again.decided_at) == (AlertState.ACKNOWLEDGED, None, None)
    act(market, alert_id, AlertAction.DISMISS, reason=DismissReason.LIST_ERROR)
    twin = sold_over(market, 2)
    with pytest.raises(FieldRefused, match=f"alert {twin} is"):
        act(market, alert_id, AlertAction.REOPEN, note="x")
    market.rollback()
    assert at(market, alert_id).dismiss_reason is DismissReason.LIST_ERROR


def test_what_was_closed_and_is_taken_up_again_costs_nothing_more(market: Connection, alert_id: int) -> None:
    act(market, alert_id, AlertAction.CONFIRM)
    act(market, alert_id, AlertAction.CLOSE, note="口头警告")
    act(market, alert_id, AlertAction.REOPEN, note="还有未退款的顾客")
    assert (at(market, alert_id).state, points(market)) == (AlertState.CONFIRMED, [-3])
    act(market, alert_id, AlertAction.OVERTURN, note="x")
    assert points(market) == [-3, 3]


def test_the_same_photo_is_kept_once_and_there_is_an_end_to_them(market: Connection, alert_id: int) -> None:
    assert attach(market, alert_id, photo(1), by=MANAGER, policy=PHOTO, now=NOW) is not None
    assert attach(market, alert_id, photo(1), by=MANAGER, policy=PHOTO, now=NOW) is None
    assert len(alert_photos.of_alert(market, alert_id)) == 1
    assert [step.action for step in alert_steps.of_alert(market, alert_id)] == ["attach"]
    with pytest.raises(NotFound):
        attach(market, alert_id, photo(2), by=someone("x", Authority.MARKET, MarketId("else")), policy=PHOTO, now=NOW)
    for number in range(1, PHOTO.most_of_an_alert):
        attach(market, alert_id, photo(100 + number), by=MANAGER, policy=PHOTO, now=NOW)
    with pytest.raises(FieldRefused, match="photo is one too many; expected at most 40"):
        attach(market, alert_id, photo(3), by=MANAGER, policy=PHOTO, now=NOW)


def test_who_may_not_see_an_alert_may_not_name_it_either(market: Connection, alert_id: int) -> None:
    stranger = someone("stranger", Authority.MARKET, MarketId("else"))
    for action, note in ((AlertAction.COMMENT, "x"), (AlertAction.ASSIGN, ""), (AlertAction.CONFIRM, "")):
        with pytest.raises(NotFound):
            act(market, alert_id, action, by=stranger, note=note)
        market.rollback()
    assert alert_steps.of_alert(market, alert_id) == []


def test_a_step_that_its_state_does_not_allow_says_what_is_possible(market: Connection, alert_id: int) -> None:
    with pytest.raises(IllegalTransition, match="cannot close an alert that is open; possible: acknowledge, confirm"):
        act(market, alert_id, AlertAction.CLOSE, note="x")


def test_sales_within_the_cap_raise_nothing_to_handle(market: Connection) -> None:
    take_batch(market, [delivery(message(weighing(1)))], books=BookKeeper(), policy=POLICIES.rules, now=NOW)
    assert alerts.count_open(market, MARKET) == 0


def test_saying_that_a_photo_was_added_adds_none_and_proves_nothing(market: Connection, alert_id: int) -> None:
    act(market, alert_id, AlertAction.CONFIRM)
    act(market, alert_id, AlertAction.ORDER_RECTIFICATION, due_on=TODAY, note="x")
    assert problem(market, alert_id, AlertAction.ATTACH) == Problem.MISSING
    assert problem(market, alert_id, AlertAction.ATTACH, note="see the photo") == Problem.MISSING
    assert problem(market, alert_id, AlertAction.REPORT_RECTIFIED) == Problem.NO_PHOTO_SINCE
