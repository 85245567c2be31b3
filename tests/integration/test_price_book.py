"""Publishing cap lists in whatever order and at whatever moment: never two in force, never a gap, never a traceback."""

from datetime import timedelta

import pytest
from psycopg import Connection

from db import caps
from db.cap_lists import NewCapList
from domain.errors import RuleViolation
from domain.price_cap import Channel
from pricing.list_import import ListFile, keep_draft
from pricing.price_book import load_book
from tests.factories import MARKET, NOW, publish_caps, put_market

DAY = timedelta(days=1)


def lists(conn: Connection) -> list[tuple[int, str, bool]]:
    """Number, status, and whether it has an end, in the order of publication."""
    rows = conn.execute("SELECT cap_list_id, status, NOT upper_inf(effective) FROM cap_lists ORDER BY cap_list_id")
    return rows.fetchall()


def test_a_list_with_the_same_beginning_replaces_the_first_one(conn: Connection) -> None:
    put_market(conn, with_caps=False)
    first = publish_caps(conn, 23000, NOW)
    second = publish_caps(conn, 24000, NOW)
    assert lists(conn) == [(first, "corrected", False), (second, "published", False)]
    in_force = load_book(conn).list_in_force(MARKET, NOW)
    assert in_force is not None
    assert in_force.cap_list_id == second


def test_a_list_of_today_after_tomorrows_ends_where_tomorrows_begins(conn: Connection) -> None:
    put_market(conn, with_caps=False)
    tomorrow = publish_caps(conn, 25000, NOW + DAY)
    today = publish_caps(conn, 23000, NOW)
    book = load_book(conn)
    found = [book.list_in_force(MARKET, moment) for moment in (NOW, NOW + DAY - timedelta(seconds=1), NOW + DAY)]
    assert [one.cap_list_id if one else None for one in found] == [today, today, tomorrow]
    assert book.list_in_force(MARKET, NOW - timedelta(seconds=1)) is None


def test_a_correction_of_a_list_between_two_others_keeps_its_place(conn: Connection) -> None:
    put_market(conn, with_caps=False)
    for day in range(3):
        publish_caps(conn, 23000 + day, NOW + day * DAY)
    corrected = publish_caps(conn, 22000, NOW + DAY)
    book = load_book(conn)
    found = [book.list_in_force(MARKET, NOW + day * DAY) for day in range(3)]
    assert [one.cap_list_id == corrected if one else None for one in found] == [False, True, False]
    assert caps.lists_in_force(conn, NOW + DAY)[0].effective_to == NOW + 2 * DAY


def new_list(area: str, channel: Channel = Channel.EATERY) -> NewCapList:
    return NewCapList(area=area, channel=channel, source="a test", effective_from=NOW)


def list_file(new: NewCapList) -> ListFile:
    return ListFile(name="caps.csv", content="name,grade,cap_yuan_per_500g\n东星斑,,115\n".encode(), new=new)


@pytest.mark.parametrize(
    ("area", "channel"), [("sania", Channel.EATERY), ("sanya", Channel.STALL)], ids=["typo", "other channel"]
)
def test_a_list_that_would_bind_no_market_is_refused(conn: Connection, area: str, channel: Channel) -> None:
    put_market(conn, with_caps=False)
    with pytest.raises(RuleViolation, match=rf"area '{area}' with the channel {channel}; there are: sanya \(eatery\)"):
        keep_draft(conn, list_file(new_list(area, channel)), by="drafter", at=NOW)
    assert lists(conn) == []
    assert keep_draft(conn, list_file(new_list("sanya")), by="drafter", at=NOW) == lists(conn)[0][0]


def test_without_any_market_the_refusal_says_so(conn: Connection) -> None:
    with pytest.raises(RuleViolation, match="there are: none yet"):
        keep_draft(conn, list_file(new_list("sanya")), by="drafter", at=NOW)
