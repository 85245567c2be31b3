"""Lists of visits: no page leaves one out, and what a day has more of than it shows is said."""

from datetime import timedelta

import pytest
from psycopg import Connection

from db import inspection_lists, inspections, inspectors
from db.inspection_lists import Which
from domain.ids import VendorId
from domain.inspection import VisitAction, VisitState
from supervision.inspections import visiting
from tests.factories import MARKET, NOW
from tests.integration.test_visits import TODAY, a_visit, step, world

__all__ = ["world"]

DAY = timedelta(days=1)
SHOWN = frozenset(VisitState) - {VisitState.COMBINED, VisitState.CANCELLED}


@pytest.fixture
def seven(world: Connection) -> list[int]:
    return [a_visit(world, "M01", days=(0, 10)) for _ in range(7)]


def test_a_day_shows_its_first_visits_and_says_how_many_there_are(world: Connection, seven: list[int]) -> None:
    inspections.plan_day(world, seven[0], TODAY + DAY, NOW)
    found = inspection_lists.days(world, Which(market_id=MARKET, states=SHOWN), TODAY, TODAY + 30 * DAY, each=2)
    assert list(found) == [TODAY + DAY, TODAY + 10 * DAY]
    assert [one.inspection_id for one in found[TODAY + 10 * DAY].visits] == seven[1:3]
    assert (found[TODAY + DAY].total, found[TODAY + 10 * DAY].total) == (1, 6)


@pytest.mark.parametrize("name", ["due", "late", "listed", "listed of a market"])
def test_page_after_page_every_visit_is_told_once(world: Connection, seven: list[int], name: str) -> None:
    which = Which(market_id=None if name == "listed" else MARKET, states=SHOWN)
    inspections.plan_day(world, seven[5], TODAY, NOW)
    told: list[int] = []
    while True:
        after, limit = (told[-1] if told else None), 3
        if name == "due":
            page = inspection_lists.due(world, which, TODAY, TODAY + 30 * DAY, after=after, limit=limit)
        elif name == "late":
            page = inspection_lists.late(world, which, TODAY + 30 * DAY, after=after, limit=limit)
        else:
            page = inspection_lists.listed(world, which, after=after, limit=limit)
        if not page:
            break
        told += [one.inspection_id for one in page]
    by_day = [seven[5], *seven[:5], seven[6]]
    assert told == (by_day if name in ("due", "late") else seven)


def test_what_is_late_is_open_and_counted_no_further_than_asked(world: Connection, seven: list[int]) -> None:
    for action in (VisitAction.NOTIFY, VisitAction.BEGIN, VisitAction.PASS):
        step(world, seven[0], action)
    which = Which(states=SHOWN)
    assert inspection_lists.late(world, which, TODAY + 10 * DAY) == []
    assert len(inspection_lists.late(world, which, TODAY + 11 * DAY)) == 6
    assert inspection_lists.count_late(world, which, TODAY + 11 * DAY, most=4) == 4
    told = Which(states=SHOWN - {VisitState.DRAWN})
    assert inspection_lists.count_late(world, told, TODAY + 11 * DAY, most=4) == 0


def test_the_day_a_visit_is_due_on_moves_with_what_is_asked(world: Connection) -> None:
    visit = a_visit(world, "M01", days=(0, 10))

    def due_on() -> object:
        found = inspections.one(world, visit)
        return None if found is None else (found.due_on - TODAY).days

    assert due_on() == 10
    inspections.plan_day(world, visit, TODAY + 3 * DAY, NOW)
    assert due_on() == 3
    step(world, visit, VisitAction.NOTIFY)
    step(world, visit, VisitAction.BEGIN)
    step(world, visit, VisitAction.ORDER, "no certificate")
    assert due_on() == 15
    step(world, visit, VisitAction.REPORT, "verified")
    assert due_on() == 45


def test_whose_a_visit_is_narrows_every_list(world: Connection) -> None:
    mine = a_visit(world, "M01", sent=1)
    sent = inspections.one(world, mine)
    assert sent is not None
    (goes,) = sent.inspector_ids
    rests = next(one.user_id for one in inspectors.listed(world) if one.user_id != goes)
    for user_id, n in ((goes, 1), (rests, 0)):
        which = Which(states=SHOWN, user_id=user_id)
        assert len(inspection_lists.days(world, which, TODAY, TODAY + 30 * DAY, each=5)) == n
        assert len(inspection_lists.due(world, which, TODAY, TODAY + 30 * DAY)) == n
        assert inspection_lists.count_late(world, which, TODAY + 30 * DAY, most=9) == n


def test_the_visits_of_a_vendor_are_the_newest_first(world: Connection, seven: list[int]) -> None:
    newest = a_visit(world, "M01", days=(20, 30))
    found = inspection_lists.of_vendor(world, MARKET, VendorId("V-1"), SHOWN, 3)
    assert [one.inspection_id for one in found] == [newest, seven[6], seven[5]]


def test_what_can_be_one_goes_vendor_by_vendor(world: Connection) -> None:
    pairs = [
        {a_visit(world, "M01", vendor=vendor), a_visit(world, "C01", department="commerce", vendor=vendor)}
        for vendor in ("V-1", "V-2", "V-3")
    ]
    found, after = [], None
    for _ in range(4):
        page = visiting.suggestions(world, after=after, limit=2)
        found += [{one.inspection_id for one in each.visits} for each in page.found]
        after = page.next
        if after is None:
            break
    assert found == pairs
