"""Gaps and breaks of what scales sent, found in the real tables and told of once."""

from datetime import timedelta

import pytest
from psycopg import Connection

from db import alert_steps, continuity
from domain.alert import AlertKind, AlertState, DismissReason
from domain.alert_step import AlertAction
from domain.continuity import ChainFault
from domain.errors import IllegalTransition
from domain.ids import VendorId
from domain.seq_ranges import SeqRange
from ingest import continuity_look
from ingest.continuity_look import Looked
from messages.chain import prev_of
from tests import alert_acts
from tests.continuity_acts import GRACE, JOURNAL, LATER, altered, arrive, journals_of, looked, missing, told
from tests.factories import NOW, chained, place, put_market, weighing


@pytest.fixture
def market(conn: Connection) -> Connection:
    put_market(conn)
    conn.commit()
    return conn


def test_a_whole_journal_says_nothing_in_whatever_order_it_came(market: Connection) -> None:
    for seqs in ((3, 4), (1,), (2, 5, 6)):
        arrive(market, *seqs)
        looked(market, NOW + timedelta(days=2), grace=timedelta(days=9))
    assert looked(market, LATER + timedelta(days=30), grace=timedelta(days=1)) == Looked(journals=0, told=0, closed=0)
    assert told(market) == told(market, AlertKind.CHAIN_BREAK) == []


def test_a_gap_is_told_of_once_after_its_grace_with_what_is_missing(market: Connection) -> None:
    arrive(market, 1, 2, 6, 7, 9)
    assert looked(market).told == 0
    assert looked(market, LATER - timedelta(seconds=1)).told == 0
    assert looked(market, LATER).told == 2
    assert [looked(market, LATER + timedelta(days=days)).told for days in (0, 1, 2)] == [0, 0, 0]
    [alert] = told(market)
    assert (alert.state, alert.vendor_id, alert.stall_id, alert.occurrences) == (AlertState.OPEN, "V-1", "A-1", 2)
    assert alert.note == "journal j1 of scale S-1: seq 3-5 missing; journal j1 of scale S-1: seq 8 missing"
    assert missing(market, alert.alert_id) == [("S-1", "3-5"), ("S-1", "8")]
    assert (alert.first_at, alert.last_at) == (NOW + timedelta(seconds=6), NOW + timedelta(seconds=9))


def test_a_late_message_within_the_grace_is_none(market: Connection) -> None:
    arrive(market, 1, 4)
    looked(market)
    arrive(market, 2, 3)
    looked(market, LATER)
    assert looked(market, LATER + timedelta(days=1)).told == 0
    assert told(market) == []


def test_the_grace_of_what_is_left_of_a_gap_goes_on(market: Connection) -> None:
    arrive(market, 1, 6)
    looked(market)
    arrive(market, 3)
    looked(market, NOW + timedelta(seconds=1))
    assert looked(market, LATER).told == 1
    assert missing(market, told(market)[0].alert_id) == [("S-1", "2, 4-5")]
    assert told(market)[0].note == "journal j1 of scale S-1: seq 2, 4-5 missing"


@pytest.mark.parametrize("is_acknowledged", [False, True])
def test_a_gap_that_fills_later_closes_its_alert_by_itself_and_for_good(
    market: Connection, is_acknowledged: bool
) -> None:
    arrive(market, 1, 2, 6)
    looked(market)
    looked(market, LATER)
    [alert] = told(market)
    if is_acknowledged:
        act(market, alert.alert_id, AlertAction.ACKNOWLEDGE)
    arrive(market, 4)
    assert looked(market, LATER).closed == 0
    assert missing(market, alert.alert_id) == [("S-1", "3, 5")]
    arrive(market, 5, 3)
    assert [looked(market, LATER + timedelta(hours=n)).closed for n in (1, 2, 3)] == [1, 0, 0]
    [closed] = told(market)
    assert (closed.state, closed.decided_by, closed.decided_at) == (
        AlertState.WITHDRAWN,
        "system",
        LATER + timedelta(hours=1),
    )
    step = alert_steps.of_alert(market, alert.alert_id)[-1]
    assert (step.actor, step.action, step.reason) == ("system", AlertAction.WITHDRAW, "gap_filled")
    assert step.from_state == (AlertState.ACKNOWLEDGED if is_acknowledged else AlertState.OPEN)
    assert [gap.filled_at for gap in continuity.gaps_of_alert(market, alert.alert_id)] == [LATER + timedelta(hours=1)]
    with pytest.raises(IllegalTransition):
        act(market, alert.alert_id, AlertAction.CONFIRM)


def act(conn: Connection, alert_id: int, action: AlertAction, reason: DismissReason | None = None) -> None:
    alert_acts.act(conn, alert_id, action, now=LATER, reason=reason)


def test_what_a_person_decided_stays_and_a_confirmed_gap_takes_no_points(market: Connection) -> None:
    arrive(market, 1, 3)
    looked(market)
    looked(market, LATER)
    act(market, told(market)[0].alert_id, AlertAction.CONFIRM)
    arrive(market, 2)
    assert looked(market, LATER).closed == 0
    assert told(market)[0].state is AlertState.CONFIRMED
    assert missing(market, told(market)[0].alert_id) == [("S-1", "")]
    assert market.execute("SELECT count(*) FROM credit_events").fetchone() == (0,)


def test_no_person_closes_an_alert(market: Connection) -> None:
    arrive(market, 2)
    looked(market)
    looked(market, LATER)
    with pytest.raises(IllegalTransition, match="cannot close an alert that is open"):
        act(market, told(market)[0].alert_id, AlertAction.CLOSE)


def test_one_alert_a_vendor_and_day_closes_when_the_last_of_its_gaps_is_filled(market: Connection) -> None:
    place(market, 2, vendor="V-1", since=NOW - timedelta(hours=1))
    arrive(market, 1, 3, scale="S-1")
    arrive(market, 1, 3, scale="S-2")
    looked(market)
    looked(market, LATER)
    arrive(market, 1, 4, scale="S-1", journal="j2")
    looked(market, LATER)
    looked(market, LATER + GRACE)
    [alert] = told(market)
    assert alert.occurrences == 3
    assert missing(market, alert.alert_id) == [("S-1", "2"), ("S-2", "2"), ("S-1", "2-3")]
    arrive(market, 2, scale="S-1")
    arrive(market, 2, scale="S-2")
    assert looked(market, LATER + GRACE).closed == 0
    arrive(market, 2, 3, scale="S-1", journal="j2")
    assert looked(market, LATER + GRACE).closed == 1


def test_a_gap_after_a_decision_opens_a_new_alert(market: Connection) -> None:
    arrive(market, 1, 3)
    looked(market)
    looked(market, LATER)
    act(market, told(market)[0].alert_id, AlertAction.DISMISS, DismissReason.DEVICE_FAULT)
    arrive(market, 5)
    looked(market, LATER)
    looked(market, LATER + GRACE)
    assert sorted((one.state, missing(market, one.alert_id)) for one in told(market)) == [
        (AlertState.DISMISSED, [("S-1", "2")]),
        (AlertState.OPEN, [("S-1", "4")]),
    ]


def test_a_new_journal_and_a_scale_that_moved(market: Connection) -> None:
    """A new journal is no gap; a gap is its who was there at the weighing that shows it."""
    arrive(market, 1, 2, 3)
    arrive(market, 1, 2, journal="j2")
    looked(market)
    looked(market, LATER)
    assert told(market) == []
    place(market, 1, vendor="V-7", since=NOW + timedelta(seconds=5))
    arrive(market, 6)
    looked(market, LATER)
    looked(market, LATER + GRACE)
    assert [one.vendor_id for one in told(market)] == [VendorId("V-7")]


@pytest.mark.parametrize("order", [(1, 2, 3, 4, 5), (5, 4, 3, 2, 1), (2, 4, 1, 5, 3)])
def test_an_altered_line_breaks_the_chain_in_whatever_order_it_came(market: Connection, order: tuple[int, ...]) -> None:
    for seq in order:
        arrive(market, seq, of=altered(3, net_g=500))
        looked(market)
    looked(market, LATER)
    [alert] = told(market, AlertKind.CHAIN_BREAK)
    assert (alert.vendor_id, alert.occurrences, alert.state) == (VendorId("V-1"), 1, AlertState.OPEN)
    assert alert.note == "journal j1 of scale S-1: seq 4 does not follow 3 (does_not_fit)"
    [found] = continuity.breaks_of_alert(market, alert.alert_id)
    assert (found.seq, found.fault) == (4, ChainFault.DOES_NOT_FIT)


def test_a_journal_that_leaves_prev_out_breaks_once_and_one_that_never_had_it_does_not(market: Connection) -> None:
    without = [weighing(seq) for seq in range(1, 8)]
    arrive(market, 1, 2, 3, 4, 5, of=without, scale="S-2")
    arrive(market, 1, 2, 3, 4, 5, 6, of=[*JOURNAL[:3], *without[3:]])
    assert looked(market).told == 1
    [alert] = told(market, AlertKind.CHAIN_BREAK)
    assert [(one.seq, one.fault) for one in continuity.breaks_of_alert(market, alert.alert_id)] == [
        (4, ChainFault.LEFT_OUT)
    ]


def test_a_held_line_is_no_gap_and_a_link_of_the_chain_by_its_bytes(market: Connection) -> None:
    unusable = weighing(3, prev=prev_of(JOURNAL[1]), net_g="x")
    follows = weighing(4, prev=prev_of(unusable))
    arrive(market, 1, 2, 3, 4, of=[*JOURNAL[:2], unusable, follows])
    arrive(market, 1, 2, 3, 4, of=[*JOURNAL[:2], unusable, JOURNAL[3]], scale="S-2")
    looked(market)
    assert looked(market, LATER).told == 0
    assert told(market) == []
    [alert] = told(market, AlertKind.CHAIN_BREAK)
    assert [(one.scale_id, one.seq) for one in continuity.breaks_of_alert(market, alert.alert_id)] == [("S-2", 4)]


def test_of_several_contents_held_under_one_number_the_first_is_the_line(market: Connection) -> None:
    first, second = (weighing(3, prev=prev_of(JOURNAL[1]), net_g=text) for text in ("x", "y"))
    arrive(market, 1, 2, 3, of=[*JOURNAL[:2], first])
    arrive(market, 3, 4, of=[*JOURNAL[:2], second, weighing(4, prev=prev_of(first))])
    assert looked(market).told == 0
    arrive(market, 1, 2, 3, of=[*JOURNAL[:2], first], scale="S-2")
    arrive(market, 3, 4, of=[*JOURNAL[:2], second, weighing(4, prev=prev_of(second))], scale="S-2")
    assert looked(market).told == 1


def test_a_look_that_knew_less_than_another_one_adds_nothing_back(market: Connection) -> None:
    arrive(market, 1, 6)
    looked(market)
    arrive(market, 3)
    looked(market)
    [journal] = journals_of(market)
    [gap] = continuity.unfilled(market, [journal.key])
    continuity.note_missing(market, {gap.gap_id: (SeqRange(2, 5),)}, NOW)
    continuity.set_seen(market, {journal.key: (SeqRange(1, 1),)})
    assert continuity.unfilled(market, [journal.key])[0].missing == (SeqRange(2, 2), SeqRange(4, 5))
    assert continuity.changed(market, continuity.FIRST, since=None, limit=9) == []


def test_a_gap_before_a_held_line_is_told_of_by_the_time_it_was_noticed(market: Connection) -> None:
    arrive(market, 1, 3, of=[JOURNAL[0], b"", weighing(3, net_g="x")])
    looked(market, NOW + timedelta(minutes=1))
    looked(market, LATER + timedelta(minutes=1))
    [alert] = told(market)
    assert (alert.vendor_id, alert.first_at) == ("V-1", NOW + timedelta(minutes=1))


def test_a_backlog_of_long_ago_is_looked_at_too(market: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines older than those usually asked for, and more of them than one step takes."""
    monkeypatch.setattr(continuity_look, "_MOST_LINES", 4)
    old = chained([{"weighed_at": (NOW - timedelta(days=40 - n)).isoformat()} for n in range(12)])
    broken = [*old[:8], weighing(9, prev="x", weighed_at=(NOW - timedelta(days=31)).isoformat()), *old[9:]]
    arrive(market, *range(1, 13), of=broken)
    arrive(market, *range(1, 13), scale="S-2")
    assert looked(market).journals == 2
    found = [continuity.breaks_of_alert(market, one.alert_id) for one in told(market, AlertKind.CHAIN_BREAK)]
    assert sorted(one.seq for breaks in found for one in breaks) == [9, 10]
    assert looked(market).journals == 0
