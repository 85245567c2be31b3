"""The decisions about complaints: the table, the clocks, the limits, contacts, and the policy file."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.complaint import (
    Complaint,
    ComplaintAction,
    ComplaintChannel,
    ComplaintReason,
    ComplaintState,
    Contact,
    ContactKind,
    Outcome,
    RefuseReason,
)
from domain.errors import BadFile, IllegalTransition, RuleViolation
from domain.ids import MarketId
from domain.units import Fen
from supervision.complaints.clock import ClockName, clock_lines, next_due
from supervision.complaints.contacts import contact_of
from supervision.complaints.evidence import Seen, is_clear
from supervision.complaints.limits import ByWhat, Counted, Limit, Purpose, TooMany, require_room
from supervision.complaints.moves import Move, moved
from supervision.complaints.policy import read_complaints_policy
from supervision.complaints.states import OVER, TRANSITIONS, By, actions_from, may_reopen, next_state

POLICY_FILE = Path(__file__).parents[4] / "policy" / "complaints.toml"
POLICY = read_complaints_policy(POLICY_FILE)
NOW = datetime(2026, 11, 27, 4, 0, tzinfo=UTC)
S, A = ComplaintState, ComplaintAction
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

RECEIVED = Complaint(
    complaint_id=1,
    market_id=MarketId("m"),
    market_name="m",
    timezone="Asia/Shanghai",
    channel=ComplaintChannel.TICKET,
    channel_no="",
    reason=ComplaintReason.OTHER,
    words="w",
    stall_id=None,
    vendor_id=None,
    vendor_name="",
    occurred_at=None,
    scale_id=None,
    journal_id=None,
    seq=None,
    ticket_code="",
    reweighing_id=None,
    received_at=NOW,
    entered_by=None,
    policy_version="v",
    state=S.RECEIVED,
    outcome=None,
    refuse_reason=None,
    answer="",
    settled_fen=None,
    clock_from=NOW,
    channel_due_at=None,
    accepted_at=None,
    investigating_at=None,
    answered_at=None,
    ended_at=None,
    reopened_at=None,
    due_at=NOW + DAY,
    contact_removed_at=None,
    has_contact=True,
    linked=0,
)
ANSWER = Move(action=A.ANSWER, note="said", outcome=Outcome.NOT_UPHELD)


def after(*moves: tuple[Move, By], complaint: Complaint = RECEIVED, every: timedelta = HOUR) -> Complaint:
    """The complaint after steps, one an hour."""
    for n, (move, by) in enumerate(moves, start=1):
        complaint, _ = moved(complaint, move, by=by, actor="x", now=NOW + n * every, policy=POLICY)
    return complaint


def by_staff(*actions: ComplaintAction) -> list[tuple[Move, By]]:
    return [(ANSWER if action is A.ANSWER else Move(action=action), By.STAFF) for action in actions]


@pytest.mark.parametrize("state", S)
@pytest.mark.parametrize("action", A)
@pytest.mark.parametrize("by", By)
def test_what_is_not_in_the_table_is_refused_with_what_is_possible(
    state: ComplaintState, action: ComplaintAction, by: By
) -> None:
    found = TRANSITIONS.get((state, action))
    if found is not None and by in found[1]:
        assert next_state(state, action, by) is found[0]
        assert action in actions_from(state, by)
        return
    with pytest.raises(IllegalTransition, match=f"cannot {action} a complaint that is {state}; possible: "):
        next_state(state, action, by)
    assert action not in actions_from(state, by)


def test_the_docs_show_the_table_as_it_is() -> None:
    page = (POLICY_FILE.parents[1] / "docs" / "complaints.md").read_text(encoding="utf-8")
    rows = {
        f"| `{state}` | `{action}` | {', '.join(sorted(by))} | `{to}` |"
        for (state, action), (to, by) in TRANSITIONS.items()
    }
    shown = {line for line in page.splitlines() if line.startswith("| `") and line.count("`") == 6}
    assert shown == rows


def test_from_every_state_that_is_not_over_somebody_can_go_on() -> None:
    for state in S:
        assert bool(actions_from(state, By.STAFF)) == (state not in OVER), state


STEPS = [(move, by) for move in (*(Move(action=action, note="n") for action in A), ANSWER) for by in By]


@given(st.lists(st.sampled_from(STEPS)))
def test_a_complaint_is_due_exactly_while_something_is_awaited(steps: Sequence[tuple[Move, By]]) -> None:
    complaint = RECEIVED
    for n, (move, by) in enumerate(steps, start=1):
        try:
            complaint, step = moved(complaint, move, by=by, actor="x", now=NOW + n * MINUTE, policy=POLICY)
        except RuleViolation:
            continue
        assert (step.from_state, step.to_state) == (step.from_state, complaint.state)
        awaited = complaint.state in (S.RECEIVED, S.ACCEPTED, S.INVESTIGATING)
        assert (complaint.due_at is not None) == awaited
        assert (complaint.ended_at is not None) == (complaint.state in OVER)
        assert (complaint.outcome is Outcome.SETTLED) == (complaint.settled_fen is not None)


@pytest.mark.parametrize(
    ("move", "state", "missing"),
    [
        (Move(action=A.REFUSE, note="n"), S.RECEIVED, "refuse_reason is missing"),
        (Move(action=A.REFUSE, refuse_reason=RefuseReason.NOT_OURS), S.RECEIVED, "note is missing"),
        (
            Move(action=A.ACCEPT, refuse_reason=RefuseReason.NOT_OURS),
            S.RECEIVED,
            "refuse_reason is .*; expected nothing here",
        ),
        (Move(action=A.ANSWER, note="n"), S.ACCEPTED, "outcome is missing"),
        (Move(action=A.ANSWER, outcome=Outcome.UPHELD), S.ACCEPTED, "note is missing"),
        (Move(action=A.ANSWER, note=" ", outcome=Outcome.UPHELD), S.ACCEPTED, "note is missing"),
        (Move(action=A.ANSWER, note="n", outcome=Outcome.SETTLED), S.ACCEPTED, "settled_fen is missing"),
        (
            Move(action=A.ANSWER, note="n", outcome=Outcome.UPHELD, settled_fen=Fen(1)),
            S.ACCEPTED,
            "settled_fen is 1; expected nothing here",
        ),
        (
            Move(action=A.ANSWER, note="n", outcome=Outcome.SETTLED, settled_fen=Fen(0)),
            S.ACCEPTED,
            "settled_fen is 0; expected more than 0",
        ),
    ],
)
def test_a_step_says_what_it_has_to(move: Move, state: ComplaintState, missing: str) -> None:
    with pytest.raises(RuleViolation, match=missing):
        moved(replace(RECEIVED, state=state), move, by=By.STAFF, actor="x", now=NOW, policy=POLICY)


@pytest.mark.parametrize(
    ("later", "may"),
    [(timedelta(0), True), (15 * DAY, True), (15 * DAY + timedelta(seconds=1), False)],
    ids=["at once", "at the last moment", "a second late"],
)
def test_a_complaint_is_reopened_within_the_days_of_the_policy(later: timedelta, may: bool) -> None:
    answered = after(*by_staff(A.ACCEPT, A.ANSWER))
    assert answered.answered_at is not None
    at = answered.answered_at + later
    assert may_reopen(answered, at, within=POLICY.reopening.within) is may
    again = Move(action=A.REOPEN, note="why")
    if may:
        reopened, _ = moved(answered, again, by=By.COMPLAINANT, actor="c", now=at, policy=POLICY)
        assert (reopened.state, reopened.clock_from, reopened.outcome) == (S.INVESTIGATING, at, None)
        assert reopened.due_at == at + 48 * HOUR
    else:
        with pytest.raises(RuleViolation, match="within 15 days"):
            moved(answered, again, by=By.COMPLAINANT, actor="c", now=at, policy=POLICY)


def test_a_refusal_can_be_looked_at_again_from_the_start() -> None:
    refused = after((Move(action=A.REFUSE, note="n", refuse_reason=RefuseReason.NOT_OURS), By.STAFF))
    again = after((Move(action=A.REOPEN, note="it is"), By.COMPLAINANT), complaint=refused)
    assert (again.state, again.refuse_reason, again.ended_at) == (S.RECEIVED, None, None)


def test_the_clocks_are_those_of_the_policy() -> None:
    lines = {one.name: one for one in clock_lines(RECEIVED, POLICY.clocks, is_clear=True)}
    assert {name: one.due_at - NOW for name, one in lines.items()} == {
        ClockName.RESPOND: 3 * MINUTE,
        ClockName.SETTLE: 30 * MINUTE,
        ClockName.VERIFY: 24 * HOUR,
        ClockName.CLOSE: 48 * HOUR,
    }
    assert lines[ClockName.RESPOND].met_at == NOW
    assert ClockName.SETTLE not in {one.name for one in clock_lines(RECEIVED, POLICY.clocks, is_clear=False)}


@pytest.mark.parametrize(
    ("at", "late"), [(24 * HOUR, False), (24 * HOUR + timedelta(seconds=1), True)], ids=["at the end", "a second after"]
)
def test_a_clock_is_late_after_its_end_and_not_at_it(at: timedelta, late: bool) -> None:
    (verify,) = [one for one in clock_lines(RECEIVED, POLICY.clocks, is_clear=False) if one.name is ClockName.VERIFY]
    assert verify.is_late(NOW + at) is late


def test_what_was_met_stays_met_and_what_is_withdrawn_runs_no_clock() -> None:
    answered = after(*by_staff(A.ACCEPT, A.INVESTIGATE, A.ANSWER))
    lines = clock_lines(answered, POLICY.clocks, is_clear=False)
    assert not any(one.is_late(NOW + 99 * DAY) for one in lines)
    withdrawn = after((Move(action=A.WITHDRAW), By.COMPLAINANT))
    assert not any(one.is_late(NOW + 99 * DAY) for one in clock_lines(withdrawn, POLICY.clocks, is_clear=True))


@pytest.mark.parametrize(
    ("channel_due", "due"),
    [(NOW + 5 * HOUR, NOW + 5 * HOUR), (NOW + 99 * DAY, NOW + DAY), (NOW - HOUR, NOW + DAY), (None, NOW + DAY)],
    ids=["sooner", "later", "of the first round", "none"],
)
def test_what_a_hotline_sets_goes_before_ours_where_it_is_sooner(channel_due: datetime | None, due: datetime) -> None:
    assert next_due(S.RECEIVED, POLICY.clocks, since=NOW, channel_due_at=channel_due) == due


LIMIT = Limit(purpose=Purpose.COMPLAIN, by=ByWhat.CONTACT, most=1, within=HOUR)


@pytest.mark.parametrize(
    ("before", "free_at"),
    [
        (None, None),
        (NOW - HOUR, None),
        (NOW - HOUR + timedelta(seconds=1), NOW + timedelta(seconds=1)),
        (NOW, NOW + HOUR),
    ],
    ids=["nothing", "left the window", "a minute to go", "just now"],
)
def test_there_is_room_again_when_the_oldest_leaves_the_window(
    before: datetime | None, free_at: datetime | None
) -> None:
    counted = [Counted(LIMIT, b"", before)]
    if free_at is None:
        require_room(counted, NOW)
        return
    with pytest.raises(TooMany) as refused:
        require_room(counted, NOW)
    assert refused.value.free_at == free_at


def test_of_several_limits_the_last_to_have_room_is_told() -> None:
    day = replace(LIMIT, by=ByWhat.ADDRESS, within=DAY)
    with pytest.raises(TooMany) as refused:
        require_room([Counted(LIMIT, b"", NOW), Counted(day, b"", NOW - HOUR)], NOW)
    assert (refused.value.free_at, refused.value.by) == (NOW + 23 * HOUR, ByWhat.ADDRESS)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("13800138000", "+8613800138000"),
        ("+86 138-0013-8000", "+8613800138000"),
        ("１３８００１３８０００", "+8613800138000"),
        ("0898-88272345", "089888272345"),
        ("(0898) 8827 2345", "089888272345"),
        ("+49 30 901820", "+4930901820"),
        ("Li.Hua@Example.com", "li.hua@example.com"),
        (" 王@例子.中国 ", "王@例子.中国"),
    ],
)
def test_a_contact_is_kept_in_one_spelling(typed: str, kept: str) -> None:
    kind = ContactKind.EMAIL if "@" in kept else ContactKind.PHONE
    assert contact_of(typed) == Contact(kind, kept)


@pytest.mark.parametrize(
    "typed",
    [
        *("", "110", "12800138000", "1380013800", "138001380000", "+0123456789", "a@b", "a b@c.de", "a@b@c.de"),
        *("x" * 200, "13800138000;13900139000", "٠١٢٣٤٥٦٧٨٩٠", "a@b.c\nd@e.f"),
    ],
)
def test_what_nobody_can_be_reached_by_is_no_contact(typed: str) -> None:
    assert contact_of(typed) is None


@given(st.text(max_size=200))
def test_any_text_is_a_contact_or_none(text: str) -> None:
    found = contact_of(text)
    assert found is None or contact_of(found.text) == found


@pytest.mark.parametrize(
    ("seen", "clear"),
    [
        ([], False),
        ([Seen(verdicts=frozenset({"within"}), is_voided=False, is_short=False)], False),
        ([Seen(verdicts=frozenset({"within", "over"}), is_voided=False, is_short=False)], True),
        ([Seen(verdicts=frozenset(), is_voided=False, is_short=True)], True),
        ([Seen(verdicts=frozenset({"over"}), is_voided=True, is_short=True)], False),
    ],
    ids=["nothing", "within", "paid above", "short", "taken back"],
)
def test_evidence_is_clear_where_a_sale_that_stands_was_above_or_short(seen: list[Seen], clear: bool) -> None:
    assert is_clear(seen) is clear


@pytest.mark.parametrize(
    ("written", "instead", "problem"),
    [
        ("respond_s = 180", "respond_s = 0", "respond_s"),
        ("settle_s = 1800", "settle_s = 99999", "expected respond_s <= settle_s <= verify_s <= close_s"),
        ("keep_days = 90", "keep_days = 3", "contacts.keep_days is 3; expected at least reopening.within_days (15)"),
        ("ipv4_bits = 32", "ipv4_bits = 33", "ipv4_bits"),
        ('by = "ticket"', 'by = "contact"', "limit complain by contact within 86400 s stands twice"),
        ('purpose = "miss"', 'purpose = "complain"', "limit: miss has none by address"),
        ('by = "market"', 'by = "moon"', "moon"),
        ("[reopening]", "[reopening]\nmoon = 1", "moon"),
    ],
)
def test_a_policy_that_cannot_be_is_refused_with_what_is_wrong(
    tmp_path: Path, written: str, instead: str, problem: str
) -> None:
    text = POLICY_FILE.read_text(encoding="utf-8")
    assert written in text
    changed = tmp_path / "complaints.toml"
    changed.write_text(text.replace(written, instead, 1), encoding="utf-8")
    with pytest.raises(BadFile) as refused:
        read_complaints_policy(changed)
    assert problem in str(refused.value)


def test_the_shipped_policy_calls_itself_an_example() -> None:
    assert POLICY_FILE.read_text(encoding="utf-8").startswith("# Reference example (参考样式): not a published text.")
