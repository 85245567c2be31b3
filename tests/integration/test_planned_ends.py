"""What ends at a moment that is known before: take-overs for a time, planned releases, exchanged stalls."""

from datetime import datetime, timedelta

import pytest
from psycopg import Connection

from db import registry
from db.register import scales, search, stalls
from db.register.events import Change
from domain.ids import ScaleId, StallId, VendorId
from domain.register.records import Source, VendorIdentity, VendorKind
from supervision.register import changing, occupying, placing
from supervision.register.moments import When
from tests.factories import MARKET, NOW, put_market

DAY = timedelta(days=1)
ONE, TWO = VendorId("V-1"), VendorId("V-2")
S1, A1, A2 = ScaleId("S-1"), StallId("A-1"), StallId("A-2")
CHANGE = Change(by="zhou", at=NOW, because="said why", source=Source.PAGE)


@pytest.fixture
def market(conn: Connection) -> Connection:
    put_market(conn)
    return conn


def holder(conn: Connection, at: datetime) -> tuple[str, str] | None:
    [binding] = registry.bindings_at(conn, [(MARKET, S1, at)])
    return None if binding is None or binding.stall_id is None else (binding.stall_id, str(binding.vendor_id))


def occupant(conn: Connection, stall: StallId, at: datetime) -> str | None:
    return stalls.occupant_at(conn, MARKET, stall, at)


def test_who_takes_a_stall_over_for_a_time_has_its_scales_no_longer(market: Connection) -> None:
    occupying.occupy_stall(
        *(market, MARKET, A1, TWO, When(moment=NOW + DAY)),
        until=NOW + 10 * DAY,
        takes_over=True,
        revision=None,
        change=CHANGE,
    )
    assert holder(market, NOW + 9 * DAY) == (A1, TWO)
    assert (occupant(market, A1, NOW + 11 * DAY), holder(market, NOW + 11 * DAY)) == (None, None)


def test_a_planned_release_stands_when_the_scale_is_moved_before(market: Connection) -> None:
    placing.release_scale(market, MARKET, S1, When(moment=NOW + 10 * DAY), revision=None, change=CHANGE)
    placing.bind_scale(market, MARKET, S1, A2, TWO, When(moment=NOW + DAY), revision=None, change=CHANGE)
    assert holder(market, NOW + 9 * DAY) == (A2, TWO)
    assert holder(market, NOW + 11 * DAY) is None


def test_a_vendor_takes_the_end_of_an_occupancy_along(market: Connection) -> None:
    occupying.vacate_stall(
        market, MARKET, A1, When(moment=NOW + 10 * DAY), scales_go=False, revision=None, change=CHANGE
    )
    occupying.exchange_stalls(market, MARKET, A1, A2, When(moment=NOW + DAY), scales_follow=False, change=CHANGE)
    assert [occupant(market, stall, NOW + 9 * DAY) for stall in (A1, A2)] == [TWO, ONE]
    assert [occupant(market, stall, NOW + 11 * DAY) for stall in (A1, A2)] == [TWO, None]


def test_of_many_stays_the_one_of_today_is_found(market: Connection) -> None:
    later = range(2, 60)
    for number in later:
        moment = When(moment=NOW + number * DAY)
        at = (A2, TWO) if number % 2 == 0 else (A1, ONE)
        placing.bind_scale(market, MARKET, S1, *at, moment, revision=None, change=CHANGE)
    assert [one.scale_id for one in scales.with_vendor(market, MARKET, ONE, NOW, limit=21)] == [S1]


def test_a_licence_number_is_found_by_all_of_it_and_not_by_its_beginning(market: Connection) -> None:
    number = "110108000000016"
    identity = VendorIdentity(name="阿海", kind=VendorKind.INDIVIDUAL, licence_no=number)
    changing.correct_vendor(market, MARKET, ONE, identity, revision=1, change=CHANGE)

    def found(text: str) -> list[str]:
        return [one.vendor_id for one in search.vendors(market, text, MARKET, NOW, limit=10)]

    assert found(f" {number} ") == [ONE]
    assert [found(number[:length]) for length in range(1, len(number))] == [[]] * (len(number) - 1)
