"""How far the service's clock is from ours: never claimed closer than a round trip shows."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ids import JournalId
from edge_agent.clock import clock_offset, ntp
from edge_agent.clock.clock_offset import ClockOffset, OffsetNews, OffsetRules, Sample
from edge_agent.clock.clock_watch import ClockWatch
from edge_agent.clock.ntp import NtpState, kernel_ntp_state
from messages.receipts import Receipt

RULES = OffsetRules()
START = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)  # our clock at 0 s of the monotonic one
JOURNAL = JournalId("j")


def off(offset_ms: int, error_ms: int = 0) -> ClockOffset:
    return ClockOffset(offset_ms=offset_ms, error_ms=error_ms)


def ours(elapsed_s: float) -> datetime:
    return START + timedelta(seconds=elapsed_s)


@given(
    st.floats(-86_400, 86_400),
    st.lists(st.tuples(st.floats(0, 5), st.floats(0, 5), st.floats(0, 60)), min_size=1, max_size=40),
)
def test_the_truth_is_within_the_error_whatever_the_delays(
    behind_s: float, trips: list[tuple[float, float, float]]
) -> None:
    known: tuple[Sample, ...] = ()
    elapsed_s = 0.0
    for up_s, down_s, pause_s in trips:
        sent_s, elapsed_s = elapsed_s, elapsed_s + up_s + down_s
        at = ours(sent_s + up_s) + timedelta(seconds=behind_s)
        sample = clock_offset.sample(sent_s=sent_s, at=at, heard_s=elapsed_s)
        assert sample is not None
        known = clock_offset.keep(RULES, known, sample)
        elapsed_s += pause_s
    found = clock_offset.offset(RULES, known, ours(elapsed_s), elapsed_s)
    assert found is not None
    assert abs(found.offset_ms - behind_s * 1000) <= found.error_ms + 2
    shortest = min(up_s + down_s for up_s, down_s, _pause in trips[-RULES.samples :])
    assert found.error_ms <= shortest * 500 + RULES.drift * elapsed_s * 1000 + 2


def test_an_offset_is_news_when_the_clock_is_surely_off_and_when_it_is_surely_right_again() -> None:
    news = OffsetNews(2.0)
    told = [news.look(found) for found in (None, off(1500), off(2400, 500), off(2600, 500), off(2700), off(2400, 500))]
    assert told == [None, None, None, off(2600, 500), None, None]
    assert [news.look(found) for found in (None, off(1900, 200), off(-1500, 100), off(0), off(-9000))] == [
        None, None, off(-1500, 100), None, off(-9000),
    ]  # fmt: skip


def test_a_step_of_our_clock_shows_without_another_receipt() -> None:
    sample = clock_offset.sample(sent_s=1.0, at=ours(1.1), heard_s=1.2)
    assert sample is not None
    stepped = clock_offset.offset(RULES, (sample,), ours(2.0) + timedelta(seconds=30), 2.0)
    assert stepped is not None
    assert stepped.offset_ms == pytest.approx(-30_000, abs=2)


def test_when_the_services_clock_was_set_the_old_samples_are_dropped() -> None:
    quick = clock_offset.sample(sent_s=1.0, at=ours(1.005), heard_s=1.01)
    slow = clock_offset.sample(sent_s=2.0, at=ours(2.5) + timedelta(seconds=60), heard_s=3.0)
    assert quick is not None
    assert slow is not None
    found = clock_offset.offset(RULES, clock_offset.keep(RULES, (quick,), slow), ours(3.0), 3.0)
    assert found is not None
    assert (found.offset_ms, found.error_ms) == (60_000, 500)


def test_what_is_two_hours_old_says_nothing_any_more() -> None:
    sample = clock_offset.sample(sent_s=0.0, at=ours(0.1), heard_s=0.2)
    assert sample is not None
    assert clock_offset.offset(RULES, (sample,), ours(7300.0), 7300.0) is None


def test_only_what_is_surely_beyond_the_limit_is_beyond_it() -> None:
    assert ClockOffset(offset_ms=-2600, error_ms=500).is_beyond(2)
    assert not ClockOffset(offset_ms=2400, error_ms=500).is_beyond(2)
    assert not ClockOffset(offset_ms=1600, error_ms=500).is_within(2)
    assert ClockOffset(offset_ms=-1400, error_ms=500).is_within(2)


def watch_with(state: bool | None, configured: bool | None = None) -> ClockWatch:
    return ClockWatch(configured=configured, ntp=lambda: NtpState(synced=state))


def tell(watch: ClockWatch, behind_s: float, *, seq: int = 5, sent_s: float = 10.0) -> None:
    watch.first_sent(JOURNAL, seq, sent_s)
    watch.receipted(Receipt(JOURNAL, seq, ours(sent_s + 0.1) + timedelta(seconds=behind_s)), sent_s + 0.2)


@pytest.mark.parametrize(
    ("configured", "kernel", "behind_s", "is_synced"),
    [
        (None, True, None, True),
        (None, False, None, False),
        (None, None, None, False),
        (None, None, 0.5, True),  # nobody else knows, and the service agrees
        (None, None, 5.0, False),
        (None, True, -5.0, False),  # whatever is said, the receipts show another time
        (None, False, 0.0, True),  # nobody disciplines it, and it is right all the same
        (True, False, None, True),
        (True, None, 5.0, False),
        (False, True, 0.0, False),
    ],
)
def test_a_time_is_relied_on_by_configuration_kernel_and_receipts(
    configured: bool | None, kernel: bool | None, behind_s: float | None, is_synced: bool
) -> None:
    watch = watch_with(kernel, configured)
    if behind_s is not None:
        tell(watch, behind_s)
    assert watch.is_synced(ours(11.0), 11.0) is is_synced


def test_a_receipt_that_answers_no_message_exactly_says_nothing() -> None:
    watch = watch_with(True)
    watch.first_sent(JOURNAL, 5, 10.0)
    watch.receipted(Receipt(JOURNAL, 4, ours(0)), 10.1)
    watch.receipted(Receipt(JOURNAL, 6, ours(0)), 10.2)
    watch.receipted(Receipt(JOURNAL, 5, ours(0)), 10.3)
    watch.receipted(Receipt(JournalId("other"), 5, ours(0)), 10.3)
    watch.first_sent(JOURNAL, 7, 11.0)
    watch.receipted(Receipt(JOURNAL, 7), 11.1)  # a service that does not say its time
    assert watch.offset(ours(11.2), 11.2) is None


def test_the_offset_is_that_of_the_quickest_receipt() -> None:
    watch = watch_with(True)
    tell(watch, 1.0)
    watch.first_sent(JOURNAL, 6, 20.0)
    watch.receipted(Receipt(JOURNAL, 6, ours(24.0)), 24.0)
    offset = watch.offset(ours(24.0), 24.0)
    assert offset is not None
    assert offset.offset_ms == pytest.approx(1000, abs=2)
    assert offset.error_ms == pytest.approx(100, abs=3)


def test_the_kernel_answers_or_says_that_it_does_not_know() -> None:
    state = kernel_ntp_state()
    if state != ntp.UNKNOWN:
        assert isinstance(state.synced, bool)
        assert state.est_error_us is not None
        assert state.est_error_us >= 0


@pytest.mark.parametrize(
    ("returned", "status", "offset", "expected"),
    [
        (0, 0x0001, 42, NtpState(synced=True, est_error_us=7, offset_us=42)),
        (0, 0x2001, 42_000, NtpState(synced=True, est_error_us=7, offset_us=42)),
        (5, 0x0001, 0, NtpState(synced=False, est_error_us=7, offset_us=0)),
        (0, 0x0040, 0, NtpState(synced=False, est_error_us=7, offset_us=0)),
        (-1, 0, 0, ntp.UNKNOWN),
    ],
    ids=["in step", "nanoseconds", "TIME_ERROR", "STA_UNSYNC", "not allowed"],
)
def test_what_the_kernel_answers_is_read_as_the_manual_says(
    returned: int, status: int, offset: int, expected: NtpState
) -> None:
    assert ntp._read(returned, ntp._Timex(status=status, offset=offset, esterror=7)) == expected


def test_the_best_sample_gives_way_to_a_younger_one_when_it_is_too_old() -> None:
    """Asked at every reading, a watch does not weigh its samples anew each time."""
    watch = watch_with(None)
    tell(watch, 0.0, seq=5, sent_s=10.0)
    watch.first_sent(JOURNAL, 6, 1000.0)
    watch.receipted(Receipt(JOURNAL, 6, ours(1000.5)), 1001.0)  # a slow answer: it says less
    assert watch.offset(ours(1002.0), 1002.0) == ClockOffset(offset_ms=0, error_ms=199)
    assert watch.offset(ours(8000.0), 8000.0) == ClockOffset(offset_ms=0, error_ms=1200)
    assert watch.offset(ours(9000.0), 9000.0) is None


def test_the_kernel_is_asked_once_a_second_and_not_for_every_reading() -> None:
    asked = []

    def ntp() -> NtpState:
        asked.append(True)
        return NtpState(synced=len(asked) == 1)

    watch = ClockWatch(ntp=ntp)
    assert [watch.is_synced(ours(at), at) for at in (1.0, 1.1, 1.9)] == [True, True, True]
    assert watch.is_synced(ours(2.5), 2.5) is False
    assert len(asked) == 2
