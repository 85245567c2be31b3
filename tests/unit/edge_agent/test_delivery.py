"""What is sent, what is sent again, and what waits: the decisions."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from edge_agent.link import delivery
from edge_agent.link.backoff import delay_s
from edge_agent.link.delivery import Delivery, DeliveryRules, Lane

RULES = DeliveryRules(window=3, batch=4, ahead=10, resend_after_s=10, resend_ceiling_s=60)  # live_ahead: 2


def live_up_to(last_seq: int, *, now: float = 100.0, committed: int = 0) -> Delivery:
    """A journal without a backlog that has sent up to `last_seq`."""
    return delivery.after_sending(RULES, delivery.begin(committed, committed), Lane.LIVE, last_seq, now, 0)


@pytest.mark.parametrize(("attempt", "wait_s"), [(0, 10), (1, 20), (2, 40), (3, 60), (50, 60)])
def test_waiting_doubles_up_to_the_ceiling_and_jitter_adds_a_quarter_at_most(attempt: int, wait_s: int) -> None:
    assert delay_s(attempt, first_s=10, ceiling_s=60, chance=0) == wait_s
    assert wait_s < delay_s(attempt, first_s=10, ceiling_s=60, chance=0.999) < wait_s * 1.25


def test_what_is_unreceipted_is_sent_again_after_ten_seconds_and_then_after_twenty() -> None:
    sent = live_up_to(8, committed=5)
    assert delivery.after_waiting(sent, 109.9) is sent
    again = delivery.after_waiting(sent, 110.0)
    assert (again.sent, again.reached, again.live_from, again.attempt) == (5, 8, 8, 1)
    assert delivery.room(RULES, again, Lane.BACKLOG) == 3
    assert delivery.after_sending(RULES, again, Lane.BACKLOG, 8, now=110.0, chance=0).resend_at == 130.0


def test_what_is_weighed_while_others_are_sent_again_goes_out_beside_them() -> None:
    again = delivery.after_waiting(live_up_to(3), 110.0)
    assert delivery.room(RULES, again, Lane.LIVE) == RULES.live_ahead
    assert delivery.position(again, Lane.LIVE) == 3


def test_the_oldest_unreceipted_weighing_sets_the_time() -> None:
    sent = delivery.after_sending(RULES, live_up_to(1), Lane.LIVE, 2, now=105.0, chance=0)
    assert sent.resend_at == 110.0


def test_a_receipt_for_a_part_gives_the_rest_its_full_time() -> None:
    part = delivery.after_receipt(RULES, live_up_to(4), 2, now=109.0, chance=0)
    assert (part.committed, part.live_sent, part.resend_at) == (2, 4, 119.0)
    assert delivery.after_receipt(RULES, part, 4, now=110.0, chance=0).resend_at is None


def test_an_old_receipt_changes_nothing() -> None:
    sent = live_up_to(8, committed=5)
    assert delivery.after_receipt(RULES, sent, 5, now=101.0, chance=0) is sent


@pytest.mark.parametrize("lane", Lane)
def test_a_refused_message_is_tried_again_but_not_at_once(lane: Lane) -> None:
    refused = delivery.after_refusal(RULES, live_up_to(4), lane, now=101.0, chance=0)
    for state in (refused, delivery.after_waiting(refused, 110.9)):
        assert delivery.room(RULES, state, Lane.LIVE) == delivery.room(RULES, state, Lane.BACKLOG) == 0
    assert delivery.room(RULES, delivery.after_waiting(refused, 111.0), Lane.BACKLOG) == 4


def test_a_refused_live_message_goes_again_on_its_lane_while_there_is_a_backlog() -> None:
    sent = delivery.after_sending(RULES, delivery.begin(0, 50), Lane.LIVE, 52, now=100.0, chance=0)
    again = delivery.after_waiting(delivery.after_refusal(RULES, sent, Lane.LIVE, 100.0, 0), 110.0)
    assert delivery.position(again, Lane.LIVE) == 50


def test_no_more_is_sent_ahead_of_the_receipts_than_allowed() -> None:
    assert delivery.room(RULES, live_up_to(8), Lane.LIVE) == 2
    assert delivery.room(RULES, live_up_to(10), Lane.LIVE) == 0


def test_a_backlog_leaves_room_for_what_is_weighed_now() -> None:
    full = delivery.after_sending(RULES, delivery.begin(0, 50), Lane.BACKLOG, 8, now=100.0, chance=0)
    assert delivery.room(RULES, full, Lane.BACKLOG) == 0
    assert delivery.room(RULES, full, Lane.LIVE) == 2


def test_when_the_backlog_is_through_the_live_lane_has_its_receipts_and_its_own_time() -> None:
    state = delivery.after_sending(RULES, delivery.begin(0, 3), Lane.BACKLOG, 3, now=100.0, chance=0)
    state = delivery.after_sending(RULES, state, Lane.LIVE, 5, now=101.0, chance=0)
    through = delivery.after_receipt(RULES, state, 3, now=109.0, chance=0)
    assert not through.has_backlog
    assert through.resend_at == 119.0
    assert delivery.after_receipt(RULES, through, 5, now=110.0, chance=0) == delivery.begin(5, 5)


def test_a_window_is_never_one_lanes_alone() -> None:
    for window in (20, 21, 200):
        rules = DeliveryRules(window=window)
        assert 0 < rules.backlog_window < window
        assert 0 < rules.live_window < window


class TwoLanes(RuleBasedStateMachine):
    """One journal against a broker and a service that lose, refuse, delay and forget at will."""

    def __init__(self) -> None:
        super().__init__()
        self.limits = DeliveryRules(window=4, batch=3, ahead=10, resend_after_s=10, resend_ceiling_s=60)
        self.now, self.last, self.stored = 0.0, 0, set[int]()
        self.state = delivery.begin(0, 0)
        self.on_the_way: list[tuple[Lane, int, int]] = []  # (lane, first, last), as the broker was given them
        self.handed: set[int] = set()  # on this connection

    @rule(count=st.integers(1, 25))
    def weigh(self, count: int) -> None:
        self.last += count

    @rule(lane=st.sampled_from(Lane))
    def send(self, lane: Lane) -> None:
        room = delivery.room(self.limits, self.state, lane)
        after = delivery.position(self.state, lane)
        up_to = min(after + room, self.last)
        if up_to <= after:
            return
        assert not self.state.is_held
        if lane is Lane.BACKLOG:
            assert up_to <= self.state.live_from
        self.state = delivery.after_sending(self.limits, self.state, lane, up_to, self.now, 0.5)
        self.on_the_way.append((lane, after + 1, up_to))
        self.handed.update(range(after + 1, up_to + 1))

    @precondition(lambda self: self.on_the_way)
    @rule(data=st.data(), is_lost=st.booleans())
    def arrive(self, data: st.DataObject, is_lost: bool) -> None:
        _lane, first, up_to = self.on_the_way.pop(data.draw(st.integers(0, len(self.on_the_way) - 1)))
        if not is_lost:
            self.stored.update(range(first, up_to + 1))

    @rule()
    def receipt(self) -> None:
        committed = self.committed_by_service()
        self.state = delivery.after_receipt(self.limits, self.state, committed, self.now, 0.5)

    @precondition(lambda self: self.on_the_way)
    @rule(data=st.data())
    def refuse(self, data: st.DataObject) -> None:
        lane, _first, _last = self.on_the_way.pop(data.draw(st.integers(0, len(self.on_the_way) - 1)))
        self.state = delivery.after_refusal(self.limits, self.state, lane, self.now, 0.5)

    @rule(seconds=st.floats(0, 100))
    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.state = delivery.after_waiting(self.state, self.now)

    @rule()
    def reconnect(self) -> None:
        self.on_the_way.clear()
        self.handed.clear()
        self.state = delivery.begin(self.state.committed, self.last)

    def committed_by_service(self) -> int:
        return next(n for n in range(self.last + 1) if n + 1 not in self.stored)

    @invariant()
    def the_marks_are_in_order(self) -> None:
        s = self.state
        assert s.committed <= s.sent <= s.reached <= s.live_from <= s.live_sent <= self.last
        assert s.committed <= self.committed_by_service(), "thought receipted without a receipt"

    @invariant()
    def no_more_goes_ahead_than_allowed(self) -> None:
        assert self.state.unreceipted <= self.limits.ahead
        assert len({seq for seq in self.handed if seq > self.state.committed}) <= self.limits.ahead

    @invariant()
    def what_awaits_its_receipt_has_a_time(self) -> None:
        s = self.state
        awaits = s.sent > s.committed or (not s.has_backlog and s.live_sent > s.live_from)
        assert (s.resend_at is not None) == (awaits or s.is_held)

    def teardown(self) -> None:
        """From here on all goes well: everything arrives, each lane in order, in a bounded number of steps."""
        self.on_the_way.clear()
        messages = 0
        while self.state.committed < self.last:
            sent = self.send_all()
            messages += len(sent)
            for lane in Lane:
                starts = [first for of, first, _last in sent if of is lane]
                assert starts == sorted(starts)
            before = self.state.committed
            self.receipt()
            if (
                not sent and self.state.committed == before
            ):  # nothing to do but to wait: then there is a time for it, and waiting brings it on
                assert self.state.resend_at is not None
                self.now = max(self.now, self.state.resend_at)
                self.state = delivery.after_waiting(self.state, self.now)
            assert messages <= 3 * self.last + 3, "it sends again and again"
        assert self.stored == set(range(1, self.last + 1))
        assert self.state.resend_at is None or self.state.is_held

    def send_all(self) -> list[tuple[Lane, int, int]]:
        self.on_the_way.clear()
        before = -1
        while len(self.on_the_way) > before:
            before = len(self.on_the_way)
            for lane in Lane:
                self.send(lane)
            assert before <= 2 * self.limits.ahead, "a busy loop"
        sent = list(self.on_the_way)
        for _lane, first, up_to in sent:
            self.stored.update(range(first, up_to + 1))
        return sent


TestTwoLanes = TwoLanes.TestCase
TestTwoLanes.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
