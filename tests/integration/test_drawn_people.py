"""Who is sent by a draw: nobody with a conflict, nobody who retired, and what is frozen stays."""

from datetime import timedelta

import msgspec
import pytest
from psycopg import Connection, errors

from db import inspection_lists, inspection_plans, inspections, inspectors
from db.inspection_lists import Which
from domain.errors import NotFound
from domain.ids import StallId, VendorId
from domain.inspection import VisitState
from domain.register.records import StallFacts, VendorIdentity
from domain.supervision_item import RiskClass
from supervision.inspections import planning
from supervision.inspections.draw_file import (
    file_of,
    repeat,
)
from supervision.register import changing, occupying
from supervision.register.moments import When
from tests.draw_acts import LATER, POLICY, a_plan, frozen, put_inspectors
from tests.factories import MARKET, NOW, put_market
from tests.integration.test_items import published as publish_items
from tests.register_acts import because


@pytest.fixture
def world(conn: Connection) -> Connection:
    put_market(conn, scales=12)
    publish_items(conn, at=NOW)
    put_inspectors(conn)
    return conn


def test_nobody_with_a_conflict_is_sent_and_nobody_goes_twice_in_a_row(world: Connection) -> None:
    one, two, three, four = (person.user_id for person in inspectors.listed(world))
    inspectors.declare_conflict(world, one, MARKET, None, reason="the own market", by="admin", at=NOW)
    gone = inspectors.declare_conflict(world, two, MARKET, VendorId("V-1"), reason="a cousin", by="admin", at=NOW)
    assert inspectors.end_conflict(world, gone, by="admin", at=NOW)
    inspectors.declare_conflict(world, two, MARKET, VendorId("V-2"), reason="a cousin", by="admin", at=NOW)
    planning.draw(world, frozen(world, a_plan(visits=12)), "1", by="r", at=LATER)
    visits = {str(found.vendor_id): found for found in inspection_lists.listed(world, Which())}
    assert len(visits) == 12
    assert all(one not in found.inspector_ids for found in visits.values())
    assert visits["V-2"].inspector_ids == sorted((three, four))
    first = visits["V-5"]
    inspections.move(world, first.inspection_id, VisitState.CLOSED, at=NOW)
    second = planning.draw(world, frozen(world, a_plan(visits=12)), "2", by="r", at=LATER)
    again = {str(found.vendor_id): found for found in inspection_lists.of_plan(world, second.plan_id)}
    # Of three who may go at all, two went: too few are left, and the visit waits for somebody to be named.
    assert again["V-5"].inspector_ids == []
    assert len(again["V-6"].inspector_ids) == 2
    lenient = msgspec.structs.replace(POLICY, same_inspectors_again=True)
    third = planning.draw(world, frozen(world, a_plan(visits=12), policy=lenient), "3", by="r", at=LATER)
    assert all(len(found.inspector_ids) == 2 for found in inspection_lists.of_plan(world, third.plan_id))


def test_badges_changed_after_the_freezing_change_nobody_who_goes(world: Connection) -> None:
    plan_id = frozen(world, a_plan(visits=12))
    for n in (1, 2, 3):
        inspectors.add(
            world,
            f"market-{n}",
            badge_no=f"NEW-{n}",
            department="market",
            qualifications=["price"],
            by="admin",
            at=NOW,
        )
    drawn = planning.draw(world, plan_id, "1", by="r", at=LATER)
    assert all(len(one.inspectors) == 2 for one in inspection_lists.of_plan(world, plan_id))
    assert repeat(file_of(planning.published_draw(world, drawn)), "f").problems == ()
    with pytest.raises(errors.RestrictViolation):
        world.execute("DELETE FROM draw_inspectors")


def test_who_retired_or_declared_a_conflict_after_the_freezing_does_not_go_and_the_visit_says_so(
    world: Connection,
) -> None:
    one, two, *_ = (person.user_id for person in inspectors.listed(world))
    plan_id = frozen(world, a_plan(visits=12))
    assert inspectors.retire(world, one, by="admin", at=NOW)
    inspectors.declare_conflict(world, two, MARKET, VendorId("V-2"), reason="a cousin", by="admin", at=NOW)
    told = planning.published_draw(world, planning.draw(world, plan_id, "1", by="r", at=LATER))
    assert repeat(file_of(told), "f").problems == ()
    people = inspection_plans.inspectors_of(world, plan_id)
    whose = inspection_plans.subjects_of(world, plan_id, [visit.key for visit in told.drawn])
    by_vendor = {found.vendor_id: found for found in inspection_lists.of_plan(world, plan_id)}
    left_to_people = 0
    for visit in told.drawn:
        ids = {people[badge] for badge in visit.badges}
        found = by_vendor[whose[visit.key].vendor_id]
        (opened,) = inspections.events_of(world, found.inspection_id)
        if one in ids or (two in ids and found.vendor_id == "V-2"):
            left_to_people += 1
            assert found.inspector_ids == []
            assert "nobody is sent: " in opened.note
        else:
            assert set(found.inspector_ids) == ids
            assert opened.note == f"plan {plan_id}"
    assert left_to_people


def test_a_vendor_with_a_stall_and_no_scale_can_be_drawn(world: Connection) -> None:
    changing.register_vendor(world, MARKET, VendorId("V-none"), VendorIdentity(name="无秤户"), because())
    changing.register_stall(world, MARKET, StallId("Z-9"), StallFacts(), because())

    def is_there() -> bool:
        return "V-none" in {one.vendor_id for one in inspectors.subjects(world, [MARKET], LATER)}

    assert not is_there()
    occupying.occupy_stall(
        world, MARKET, StallId("Z-9"), VendorId("V-none"), When(moment=NOW), revision=None, change=because()
    )
    assert is_there()
    plan_id = frozen(world, a_plan(visits=13), at=LATER)
    planning.draw(world, plan_id, "1", by="r", at=LATER + timedelta(days=2))
    (found,) = [one for one in inspection_lists.of_plan(world, plan_id) if one.vendor_id == "V-none"]
    assert found.stalls == "Z-9"


def test_a_class_is_dated_and_never_edited(world: Connection) -> None:
    inspectors.set_class(world, MARKET, VendorId("V-1"), RiskClass.D, reason="penalty", by="r", at=NOW)
    inspectors.set_class(world, MARKET, VendorId("V-1"), RiskClass.C, reason="repaired", by="r", at=LATER)
    by_vendor = {one.vendor_id: one.risk_class for one in inspectors.subjects(world, [MARKET], NOW)}
    assert (by_vendor[VendorId("V-1")], by_vendor[VendorId("V-2")]) == (RiskClass.D, None)
    assert [one.reason for one in inspectors.classes_set(world, market_id=MARKET)] == ["repaired", "penalty"]
    with pytest.raises(NotFound):
        inspectors.set_class(world, MARKET, VendorId("nobody"), RiskClass.A, reason="x", by="r", at=NOW)
