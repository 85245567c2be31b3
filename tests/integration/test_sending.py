"""Who goes to a visit: nobody in conflict, retired or of another department, whoever asks; and who is recused."""

import pytest
from psycopg import Connection

from db import inspections, inspectors
from domain.errors import IllegalTransition, RuleViolation
from domain.ids import VendorId
from domain.inspection import VisitAction, VisitState
from supervision.inspections import sending, visiting
from tests.draw_acts import put_inspectors
from tests.factories import MARKET, NOW, put_market
from tests.integration.test_items import published as publish_items
from tests.integration.test_visits import a_visit, an_alert, recuse, send, step


@pytest.fixture
def world(conn: Connection) -> Connection:
    put_market(conn, scales=3)
    publish_items(conn, at=NOW)
    put_inspectors(conn)
    put_inspectors(conn, 2, department="commerce")
    return conn


def people(conn: Connection, department: str = "market") -> list[int]:
    return [one.user_id for one in inspectors.listed(conn) if one.department == department]


def test_who_must_not_go_is_refused_whoever_names_them_and_nobody_is_sent(world: Connection) -> None:
    visit = visiting.open_for_alert(world, an_alert(world), by="regulator", at=NOW)
    cousin, retired, third, fourth = people(world)
    inspectors.declare_conflict(world, cousin, MARKET, VendorId("V-1"), reason="a cousin", by="admin", at=NOW)
    inspectors.declare_conflict(world, fourth, MARKET, VendorId("V-2"), reason="another vendor", by="admin", at=NOW)
    assert inspectors.retire(world, retired, by="admin", at=NOW)
    for named, said in (
        ((cousin, third), "has a declared conflict"),
        ((third, retired), "is retired"),
        ((third, people(world, "commerce")[0]), "is of commerce; expected market"),
        ((third, 991), "inspector is 991; expected one of the inspectors"),
    ):
        with pytest.raises(RuleViolation, match=said):
            send(world, visit, *named)
    found = visiting.seen(world, visit, None)
    assert found.inspectors == []
    assert {one.user_id for one in sending.staffing(world, found, 2).free} == {third, fourth}
    send(world, visit, third, fourth)
    last = inspections.events_of(world, visit)[-1]
    assert (last.action, last.to_state) == (VisitAction.SEND, VisitState.DRAWN)
    assert "HN-market-3" in last.note


def test_a_conflict_found_after_the_draw_keeps_the_visit_from_beginning_until_another_one_goes(
    world: Connection,
) -> None:
    visit = a_visit(world, "M01")
    first, second, third, _ = people(world)
    inspectors.declare_conflict(world, first, MARKET, None, reason="own market", by="admin", at=NOW)
    with pytest.raises(RuleViolation, match="recuse and name another inspector first"):
        step(world, visit, VisitAction.BEGIN)
    with pytest.raises(RuleViolation, match="say why"):
        recuse(world, visit, first, " ")
    with pytest.raises(RuleViolation, match="expected one who goes to this visit"):
        recuse(world, visit, third)
    recuse(world, visit, first, "own market")
    with pytest.raises(RuleViolation, match="1 inspectors go to this visit; expected 2"):
        step(world, visit, VisitAction.BEGIN)
    with pytest.raises(RuleViolation, match="who goes already"):
        send(world, visit, second)
    with pytest.raises(RuleViolation, match="has a declared conflict"):
        send(world, visit, first)
    send(world, visit, third)
    assert visiting.seen(world, visit, None).inspector_ids == [second, third]
    assert step(world, visit, VisitAction.BEGIN) is VisitState.VISITING
    trail = inspections.events_of(world, visit)
    assert [one.action for one in trail] == ["open", "recuse", "send", "begin"]
    assert "(HN-market-1): own market" in trail[1].note


def test_somebody_is_replaced_while_it_takes_place_and_nobody_once_it_is_over(world: Connection) -> None:
    visit = a_visit(world, "M01")
    first, _, third, _ = people(world)
    step(world, visit, VisitAction.BEGIN)
    recuse(world, visit, first)
    send(world, visit, third)
    step(world, visit, VisitAction.PASS)
    with pytest.raises(IllegalTransition, match="nobody is recused"):
        recuse(world, visit, third)
    with pytest.raises(IllegalTransition, match="is passed and has its inspectors"):
        send(world, visit, first)


def test_a_combined_visit_gets_its_people_of_the_department_that_lacks_them(world: Connection) -> None:
    first = a_visit(world, "M01")
    visiting.combine_visits(world, [first, a_visit(world, "C01", department="commerce", sent=0)], by="r", at=NOW)
    assert sending.staffing(world, visiting.seen(world, first, None), 2).lacking == {"commerce": 2}
    with pytest.raises(RuleViolation, match="expected 2 of commerce"):
        send(world, first, *people(world)[2:4])
    send(world, first, *people(world, "commerce"))
    assert len(visiting.seen(world, first, None).inspectors) == 4
