"""What people put on record: one line of the ledger, withdrawn by another person, never twice."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import psycopg
import pytest
from psycopg import Connection, errors

from credit.records.entry import Entry, Problem
from credit.records.handling import WITHDRAWN, put_on_record, withdraw
from credit.scoring import score_at
from db import credit, credit_records
from domain.credit import CreditEvent, CreditSource
from domain.credit_record import CreditRecord
from domain.errors import FieldRefused, IllegalTransition, NotAllowed, NotFound
from domain.ids import VendorId
from supervision.alerts.handling import Actor
from supervision.alerts.states import Authority
from tests.alert_acts import POLICIES, someone
from tests.web_world import ELSEWHERE, HERE, HOSTILE_VENDOR, SHANGHAI, VENDOR, furnish

NOW = datetime.now(UTC)
TODAY = NOW.astimezone(SHANGHAI).date()
RULES = POLICIES.credit
MANAGER = someone("manager", Authority.MARKET, HERE)
CHIEF, OTHER = someone("chief"), someone("other")
ENTRY = Entry(
    name="administrative_penalty",
    document_no="琼监罚〔2026〕7号",
    evidence="决定书已送达",
    happened_on=TODAY.isoformat(),
    points="-20",
)
TAG = replace(ENTRY, name="no_price_tag", document_no="巡-7", points="")


@pytest.fixture
def world(conn: Connection) -> Iterator[Connection]:
    furnish(conn)
    yield conn
    conn.rollback()


def put(conn: Connection, entry: Entry = ENTRY, by: Actor = CHIEF, vendor_id: VendorId = VENDOR) -> CreditRecord:
    done = put_on_record(conn, HERE, vendor_id, entry, by=by, shipped=RULES, now=NOW)
    conn.commit()
    return done.record


def take_back(conn: Connection, record: CreditRecord, by: Actor = OTHER, why: str = "写错了商户") -> CreditRecord:
    done = withdraw(conn, record.record_id, why, by=by, shipped=RULES, now=NOW)
    conn.commit()
    return done


def ledger(conn: Connection) -> list[CreditEvent]:
    return credit.of_vendor(conn, HERE, VENDOR)


def score(conn: Connection) -> int:
    return score_at(ledger(conn), RULES, TODAY, "Asia/Shanghai").score


def test_a_record_is_a_line_of_the_ledger_with_its_document(world: Connection) -> None:
    record = put(world)
    (line,) = ledger(world)
    assert (line.reason, line.points, line.source, line.recorded_by) == (
        "administrative_penalty",
        -20,
        CreditSource.RECORD,
        "chief",
    )
    assert line.evidence == "琼监罚〔2026〕7号 · 决定书已送达"
    assert (line.rules_version, line.event_id) == (RULES.version, record.event_id)
    assert score(world) == 80


def test_sent_twice_it_is_recorded_once(world: Connection) -> None:
    first = put(world)
    again = put_on_record(world, HERE, VENDOR, ENTRY, by=OTHER, shipped=RULES, now=NOW)
    assert (again.is_new, again.record) == (False, first)
    assert len(ledger(world)) == 1


def test_two_who_send_it_at_once_record_it_once(world: Connection, database_url: str) -> None:
    done: list[bool] = []

    def send() -> None:
        with psycopg.connect(database_url) as own:
            done.append(put_on_record(own, HERE, VENDOR, ENTRY, by=CHIEF, shipped=RULES, now=NOW).is_new)

    threads = [threading.Thread(target=send) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(done) == [False, False, False, True]
    assert len(ledger(world)) == 1


def test_the_same_document_with_other_content_is_refused_and_the_first_one_stands(world: Connection) -> None:
    first = put(world)
    for other in (replace(ENTRY, points="-30"), replace(ENTRY, evidence="另有说明")):
        with pytest.raises(FieldRefused) as error:
            put(world, other)
        assert (error.value.field, error.value.problem) == ("document_no", Problem.OTHER_CONTENT)
        assert error.value.facts == {"number": str(first.record_id)}
    assert len(ledger(world)) == 1


def test_it_is_withdrawn_by_another_regulator_with_a_reason_and_can_be_recorded_as_it_should_be(
    world: Connection,
) -> None:
    record = put(world)
    gone = take_back(world, record)
    assert (gone.withdrawn_by, gone.withdrawn_why) == ("other", "写错了商户")
    line = ledger(world)[-1]
    assert (line.reason, line.points, line.reverses, line.evidence) == (WITHDRAWN, 20, record.event_id, "写错了商户")
    assert score(world) == 100
    assert put(world, replace(ENTRY, points="-30")).record_id != record.record_id
    assert score(world) == 70


@pytest.mark.parametrize(
    ("by", "why", "refusal"),
    [
        (CHIEF, "写错了", FieldRefused),
        (OTHER, " ", FieldRefused),
        (MANAGER, "写错了", NotAllowed),
        (someone("far", Authority.MARKET, ELSEWHERE), "写错了", NotAllowed),
    ],
    ids=["who recorded it", "without a reason", "a manager", "another market's manager"],
)
def test_nobody_else_withdraws_it(world: Connection, by: Actor, why: str, refusal: type[Exception]) -> None:
    record = put(world)
    with pytest.raises(refusal):
        take_back(world, record, by, why)
    world.rollback()
    assert score(world) == 80


def test_it_is_withdrawn_once(world: Connection) -> None:
    record = put(world)
    take_back(world, record)
    with pytest.raises(IllegalTransition, match="withdrawn by other already"):
        take_back(world, record, someone("third"))
    with pytest.raises(NotFound):
        withdraw(world, 999, "x", by=OTHER, shipped=RULES, now=NOW)


def test_what_is_withdrawn_takes_back_what_was_repaired_of_it(world: Connection) -> None:
    record = put(world)
    line = ledger(world)[-1]
    credit.append(
        world,
        market_id=HERE,
        vendor_id=VENDOR,
        occurred_at=NOW,
        recorded_at=NOW,
        recorded_by="other",
        reason="repair",
        points=10,
        rule="repair",
        rules_version=RULES.version,
        alert_id=None,
        source=CreditSource.REPAIR,
        repairs=line.event_id,
    )
    assert score(world) == 90
    take_back(world, record)
    assert score(world) == 100


def test_a_manager_records_for_the_own_market_only(world: Connection) -> None:
    assert put(world, TAG, MANAGER).points == -2
    with pytest.raises(NotAllowed):
        put(world, ENTRY, MANAGER)
    with pytest.raises(NotFound):
        put_on_record(world, ELSEWHERE, HOSTILE_VENDOR, TAG, by=MANAGER, shipped=RULES, now=NOW)
    with pytest.raises(NotFound):
        put(world, TAG, CHIEF, VendorId("V999"))


def test_a_veto_item_on_record_is_one_in_the_ledger(world: Connection) -> None:
    from msgspec.structs import replace as changed

    rules = changed(RULES, recorded=tuple(changed(one, is_veto=True) for one in RULES.recorded))
    put_on_record(world, HERE, VENDOR, ENTRY, by=CHIEF, shipped=rules, now=NOW)
    assert ledger(world)[-1].is_veto
    assert score_at(ledger(world), rules, TODAY, "Asia/Shanghai").tier.name == "D"


def test_the_database_keeps_a_record_as_it_was_written(world: Connection) -> None:
    record = put(world)
    for statement in (
        "UPDATE credit_records SET points = -1",
        "DELETE FROM credit_records",
        "UPDATE credit_records SET withdrawn_at = now(), withdrawn_by = recorded_by, withdrawn_why = 'x'",
    ):
        with pytest.raises((errors.RestrictViolation, errors.CheckViolation, errors.DatabaseError)):
            world.execute(statement.encode())
        world.rollback()
    assert credit_records.by_id(world, record.record_id) == record
