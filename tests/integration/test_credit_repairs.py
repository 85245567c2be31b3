"""Repair of credit in the database: applied for, decided by somebody else, followed by the ledger."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg import Connection, errors

from credit.repairs.duty import EndingRepairs
from credit.repairs.entry import Application, ConditionsUnmet, Problem, Verdict
from credit.repairs.handling import Party, apply, decide, judge, seen, subjects_of
from credit.scoring import score_at
from db import credit, credit_repairs
from domain.alert import AlertKind
from domain.alert_step import AlertAction
from domain.credit import CreditEvent, CreditSource
from domain.errors import FieldRefused, IllegalTransition, NotAllowed, NotFound
from domain.ids import VendorId
from domain.repair import CreditRepair, Effort, RepairAction, RepairState
from supervision.alerts.states import Authority
from tests.alert_acts import POLICIES, act, someone
from tests.web_world import ELSEWHERE, HERE, SHANGHAI, VENDOR, furnish, raise_alert

RULES = POLICIES.credit
A_DAY = timedelta(days=1)
#: In the middle of a quarter: what happened weeks ago is in the cycle.
NOW = datetime(2026, 12, 20, 4, 0, tzinfo=UTC)
HAPPENED = NOW - 40 * A_DAY
DESK = Party(username="clerk", origin="127.0.0.3", market_id=HERE)
CHIEF = Party(username="chief", decides=True)
OTHER = Party(username="other", decides=True)
ITSELF = Party(username=f"vendor {VENDOR}", market_id=HERE, vendor_id=VENDOR)
_A, _S = RepairAction, RepairState


@pytest.fixture
def world(conn: Connection) -> Iterator[Connection]:
    furnish(conn)
    yield conn
    conn.rollback()


def deduct(conn: Connection, points: int = -6, *, at: datetime = HAPPENED, **more: Any) -> int:
    event_id = credit.append(
        conn,
        **{
            "market_id": HERE,
            "vendor_id": VENDOR,
            "occurred_at": at,
            "recorded_at": at,
            "recorded_by": "manager",
            "reason": "price_over_cap",
            "points": points,
            "rule": "r",
            "rules_version": RULES.version,
            "alert_id": None,
            **more,
        },
    )
    conn.commit()
    return event_id


def trained(event_id: int, **more: Any) -> Application:
    values = {"effort": Effort.TRAINING, "document_no": "培-7", "document": "市场办培训一天", "words": "已整改"}
    return Application(event_id=event_id, **{**values, **more})


def ask(conn: Connection, event_id: int, *, by: Party = DESK, now: datetime = NOW, **more: Any) -> CreditRepair:
    done = apply(conn, HERE, VENDOR, trained(event_id, **more), by=by, shipped=RULES, now=now)
    conn.commit()
    return done


def settle(
    conn: Connection, repair: CreditRepair, action: RepairAction, *, by: Party = OTHER, now: datetime = NOW, **more: Any
) -> CreditRepair:
    verdict = Verdict(**{"action": action, "reason": "材料齐全", **more})
    done = decide(conn, repair.repair_id, verdict, by=by, shipped=RULES, now=now)
    conn.commit()
    return done


def ledger(conn: Connection) -> list[CreditEvent]:
    return credit.of_vendor(conn, HERE, VENDOR)


def score(conn: Connection, now: datetime = NOW) -> int:
    return score_at(ledger(conn), RULES, now.astimezone(SHANGHAI).date(), "Asia/Shanghai").score


def test_it_is_applied_for_granted_and_a_line_of_the_ledger_with_its_trail(world: Connection) -> None:
    event_id = deduct(world)
    repair = ask(world, event_id)
    assert (repair.state, repair.applied_by, repair.effort) == (_S.APPLIED, "clerk", Effort.TRAINING)
    assert score(world) == 94
    granted = settle(world, repair, _A.GRANT)
    assert (granted.state, granted.points, granted.decided_by) == (_S.GRANTED, 3, "other")
    assert granted.rules_version == RULES.version
    line = ledger(world)[-1]
    assert (line.source, line.repairs, line.points, line.event_id) == (
        CreditSource.REPAIR,
        event_id,
        3,
        granted.granted_event,
    )
    assert score(world) == 97
    trail = credit_repairs.steps_of(world, repair.repair_id)
    assert [(one.actor, one.action, one.to_state, one.note) for one in trail] == [
        ("clerk", _A.APPLY, _S.APPLIED, "已整改"),
        ("other", _A.GRANT, _S.GRANTED, "材料齐全"),
    ]


def test_less_may_be_granted_and_the_rest_be_asked_for_later_and_never_more(world: Connection) -> None:
    event_id = deduct(world, -7)
    settle(world, ask(world, event_id), _A.GRANT, points="2")
    second = ask(world, event_id)
    with pytest.raises(FieldRefused) as error:
        settle(world, second, _A.GRANT, points="2")
    assert (error.value.field, error.value.facts) == ("granted", {"value": "2", "most": "1"})
    world.rollback()
    settle(world, second, _A.GRANT)
    assert score(world) == 96
    with pytest.raises(ConditionsUnmet):
        ask(world, event_id)


def test_it_is_refused_with_a_reason_and_may_be_asked_for_again(world: Connection) -> None:
    event_id = deduct(world)
    repair = ask(world, event_id)
    with pytest.raises(FieldRefused):
        settle(world, repair, _A.REFUSE, reason=" ")
    world.rollback()
    with pytest.raises(FieldRefused):
        settle(world, repair, _A.REFUSE, points="2")
    world.rollback()
    refused = settle(world, repair, _A.REFUSE, reason="证书不符")
    assert (refused.state, refused.points, refused.reason) == (_S.REFUSED, None, "证书不符")
    with pytest.raises(IllegalTransition, match="cannot grant an application that is refused"):
        settle(world, repair, _A.GRANT)
    world.rollback()
    assert ask(world, event_id).repair_id != repair.repair_id
    assert score(world) == 94


def test_who_confirmed_an_alert_and_how_far_its_rectification_is_are_known(world: Connection) -> None:
    alert_id, now = raise_alert(world), datetime.now(UTC)
    act(world, alert_id, AlertAction.CONFIRM, by=someone("chief"), now=now)
    due = now.astimezone(SHANGHAI).date() + 2 * A_DAY
    act(world, alert_id, AlertAction.ORDER_RECTIFICATION, by=someone("chief"), now=now, due_on=due, note="贴价签")
    (line,) = ledger(world)
    (one,) = subjects_of(world, HERE, VENDOR, [line], [line])
    assert one.alert is not None
    assert (one.alert.confirmed_by, one.alert.ordered) == (("chief",), AlertAction.ORDER_RECTIFICATION)
    assert one.alert.rectify_by == due


def test_whoever_took_the_deduction_or_filed_the_application_does_not_decide(world: Connection) -> None:
    event_id = deduct(world, recorded_by="other")
    repair = ask(world, event_id, by=Party(username="third"))
    for by, problem in (
        (OTHER, Problem.OWN_DECISION),
        (Party(username="third", decides=True), Problem.OWN_APPLICATION),
    ):
        for action in (_A.GRANT, _A.REFUSE):
            with pytest.raises(FieldRefused) as error:
                settle(world, repair, action, by=by)
            assert (error.value.field, error.value.problem) == ("actor", problem)
            world.rollback()
    with pytest.raises(NotAllowed):
        settle(world, repair, _A.GRANT, by=DESK)


def test_the_vendor_applies_and_withdraws_itself_and_reaches_no_other(world: Connection) -> None:
    event_id = deduct(world)
    repair = ask(world, event_id, by=ITSELF)
    far = Party(username="far", market_id=ELSEWHERE)
    for by in (far, Party(username="v", market_id=HERE, vendor_id=VendorId("V999"))):
        with pytest.raises(NotFound):
            seen(world, repair.repair_id, by)
        with pytest.raises(NotFound):
            ask(world, event_id, by=by)
    withdrawn = settle(world, repair, _A.WITHDRAW, by=ITSELF, reason="")
    assert (withdrawn.state, withdrawn.decided_by) == (_S.WITHDRAWN, ITSELF.username)


def test_sent_twice_it_is_filed_once_and_another_one_waits_for_the_first(world: Connection) -> None:
    event_id = deduct(world)
    first = ask(world, event_id)
    assert ask(world, event_id) == first
    assert len(credit_repairs.steps_of(world, first.repair_id)) == 1
    with pytest.raises(IllegalTransition, match="awaits its decision"):
        ask(world, event_id, document_no="培-8")


def test_two_who_decide_at_once_decide_once(world: Connection, database_url: str) -> None:
    repair = ask(world, deduct(world))
    done: list[str] = []

    def settle_it(action: RepairAction, by: Party) -> None:
        with psycopg.connect(database_url) as own:
            try:
                settle(own, repair, action, by=by)
                done.append(action)
            except IllegalTransition:
                done.append("late")

    threads = [
        threading.Thread(target=settle_it, args=args)
        for args in ((_A.GRANT, OTHER), (_A.GRANT, CHIEF), (_A.REFUSE, CHIEF), (_A.WITHDRAW, DESK))
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert done.count("late") == 3
    assert sum(1 for one in ledger(world) if one.repairs) == done.count(_A.GRANT)


@pytest.mark.parametrize(
    "more",
    [
        {"at": NOW - 10 * A_DAY},
        {"at": NOW - 90 * A_DAY},
        {"points": -30, "is_veto": True},
        {"points": -1},
        {"points": 2},
    ],
    ids=["too soon", "of another cycle", "a veto", "nothing to give", "no deduction"],
)
def test_what_may_not_be_repaired_is_refused_with_every_condition(world: Connection, more: dict[str, Any]) -> None:
    event_id = deduct(world, **more)
    with pytest.raises(ConditionsUnmet):
        ask(world, event_id)
    with pytest.raises(NotFound):
        ask(world, 4711)


def test_conditions_are_checked_again_when_it_is_decided_by_the_rules_of_that_day(world: Connection) -> None:
    repair = ask(world, deduct(world))
    deduct(world, -1, at=NOW - A_DAY, reason="tare_abuse")
    with pytest.raises(ConditionsUnmet) as error:
        settle(world, repair, _A.GRANT)
    assert "clean_days: not_in_this_cycle" in str(error.value)
    world.rollback()
    assert settle(world, repair, _A.REFUSE).state is _S.REFUSED


def test_an_overturned_alert_takes_its_repair_with_it_exactly(world: Connection) -> None:
    alert_id = raise_alert(world, kind=AlertKind.PRICE_OVER_CAP)
    act(world, alert_id, AlertAction.CONFIRM, by=someone("manager", Authority.MARKET, HERE), now=datetime.now(UTC))
    (line,) = ledger(world)
    credit.append(
        world,
        market_id=HERE,
        vendor_id=VENDOR,
        occurred_at=line.occurred_at,
        recorded_at=datetime.now(UTC),
        recorded_by="other",
        reason="repair",
        points=-line.points // 2,
        rule="repair",
        rules_version=RULES.version,
        alert_id=None,
        source=CreditSource.REPAIR,
        repairs=line.event_id,
    )
    world.commit()
    act(world, alert_id, AlertAction.OVERTURN, by=someone("chief"), now=datetime.now(UTC), note="清单有误")
    assert sum(one.points for one in ledger(world)) == 0
    assert score(world, datetime.now(UTC)) == 100
    undoing = [one for one in ledger(world) if one.reverses is not None]
    assert [(one.source, one.points) for one in undoing] == [
        (CreditSource.REPAIR, -(-line.points // 2)),
        (CreditSource.ALERT, -line.points),
    ]


@pytest.mark.parametrize("why", ["given back", "of a cycle that is over"])
def test_an_application_whose_deduction_is_gone_is_withdrawn_by_a_clerk_once(world: Connection, why: str) -> None:
    event_id = deduct(world)
    kept = ask(world, deduct(world, at=HAPPENED + timedelta(hours=1), reason="tare_abuse"))
    repair = ask(world, event_id)
    later = NOW
    if why == "given back":
        deduct(world, 6, at=NOW, reason="overturned", reverses=event_id)
    else:
        later = NOW + 15 * A_DAY
    EndingRepairs(RULES).run_once(world, later)
    EndingRepairs(RULES).run_once(world, later)
    world.commit()
    assert seen(world, repair.repair_id, CHIEF).state is _S.WITHDRAWN
    steps = credit_repairs.steps_of(world, repair.repair_id)
    assert [(one.actor, one.action) for one in steps] == [("clerk", _A.APPLY), ("system", _A.WITHDRAW)]
    is_kept = why == "given back"
    assert (seen(world, kept.repair_id, CHIEF).state is _S.APPLIED) is is_kept


def test_the_database_lets_nothing_come_back_that_could_not(world: Connection) -> None:
    event_id, veto = deduct(world, -6), deduct(world, -30, is_veto=True)
    line: dict[str, Any] = {"source": CreditSource.REPAIR, "reason": "repair", "at": NOW}
    for target, points in ((event_id, 7), (veto, 1)):
        with pytest.raises(errors.CheckViolation, match="cannot be repaired"):
            deduct(world, points, repairs=target, **line)
        world.rollback()
    given = deduct(world, 4, repairs=event_id, **line)
    for target, points in ((event_id, 3), (given, 1)):
        with pytest.raises(errors.CheckViolation, match="cannot be repaired"):
            deduct(world, points, repairs=target, **line)
        world.rollback()


def test_the_database_keeps_an_application_as_it_was_written(world: Connection) -> None:
    repair = ask(world, deduct(world))
    for statement in (
        "UPDATE credit_repairs SET words = 'x'",
        "DELETE FROM credit_repairs",
        "UPDATE credit_repair_steps SET note = 'x'",
        "UPDATE credit_repairs SET state = 'granted', decided_by = 'x', decided_at = now(), reason = 'x'",
    ):
        with pytest.raises(errors.DatabaseError):
            world.execute(statement.encode())
        world.rollback()
    settle(world, repair, _A.REFUSE)
    with pytest.raises(errors.RestrictViolation):
        world.execute("UPDATE credit_repairs SET state = 'applied', decided_by = NULL, decided_at = NULL, reason = ''")
    world.rollback()


def test_lists_and_counts_are_of_one_market_or_of_all(world: Connection) -> None:
    first = ask(world, deduct(world))
    second = ask(world, deduct(world, reason="tare_abuse"))
    settle(world, first, _A.REFUSE)
    listed = credit_repairs.listed(world, HERE, list(_S), limit=10)
    assert [one.repair.repair_id for one in listed] == [second.repair_id, first.repair_id]
    assert (listed[0].deducted_for, listed[0].deducted) == ("tare_abuse", -6)
    assert credit_repairs.listed(world, None, [_S.REFUSED], limit=10)[0].repair.reason == "材料齐全"
    assert credit_repairs.listed(world, ELSEWHERE, list(_S), limit=10) == []
    assert credit_repairs.listed(world, HERE, list(_S), limit=10, before=second.repair_id)[0].repair == replace(
        listed[1].repair
    )
    counts = credit_repairs.counts_up_to(world, HERE, 10)
    assert (counts[_S.APPLIED], counts[_S.REFUSED], counts[_S.GRANTED]) == (1, 1, 0)
    assert sum(credit_repairs.counts_up_to(world, ELSEWHERE, 10).values()) == 0
    assert sum(credit_repairs.counts_up_to(world, None, 10).values()) == 2


def test_a_step_that_was_not_seen_is_not_overrun(world: Connection) -> None:
    repair = ask(world, deduct(world))
    with pytest.raises(IllegalTransition, match="had not seen"):
        settle(world, repair, _A.GRANT, revision=repair.revision + 1)


def test_what_a_page_shows_says_which_conditions_are_met(world: Connection) -> None:
    event_id = deduct(world)
    events = [one for one in ledger(world) if one.event_id == event_id]
    (one,) = subjects_of(world, HERE, VENDOR, ledger(world), events)
    assert [c.is_met for c in judge(one, None, rules=RULES, now=NOW).conditions] == [True] * 5 + [False]
    assert judge(one, None, rules=RULES, now=NOW).most == 3
