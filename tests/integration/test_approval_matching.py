"""Whom approvals are about: found by codes at once or later, said by a person, and ended where a code went."""

from datetime import timedelta

import psycopg
import pytest
from psycopg import Connection, errors

from db.approvals import checks, records
from domain.approval import MatchedHow
from domain.errors import FieldRefused, NotFound
from domain.ids import MarketId, VendorId
from domain.register.records import VendorIdentity
from supervision.alerts.handling import SYSTEM
from supervision.approvals import checking
from supervision.approvals.duty import MatchingApprovals
from supervision.approvals.receiving import Taken
from supervision.register import changing
from tests.approval_acts import CHANGE, CODE, OTHER_CODE, give, register
from tests.factories import MARKET, NOW, put_market


@pytest.fixture
def market(conn: Connection) -> Connection:
    put_market(conn)
    return conn


def correct(conn: Connection, vendor_id: VendorId, code: str, *, revision: int) -> None:
    identity = VendorIdentity(name="阿海", credit_code=code)
    changing.correct_vendor(conn, MARKET, vendor_id, identity, revision=revision, change=CHANGE)


def whose(conn: Connection, taken: Taken) -> list[tuple[str, str]]:
    assert taken.approval_id is not None
    return [(one.market_id, one.vendor_id) for one in records.matches(conn, taken.approval_id)]


def test_who_is_registered_is_matched_at_once_and_who_comes_later_by_the_clerk(market: Connection) -> None:
    vendor_id = register(market, CODE)
    taken = give(market)
    assert taken.approval_id is not None
    [match] = records.matches(market, taken.approval_id)
    assert (match.vendor_id, match.how, match.by) == (vendor_id, MatchedHow.CREDIT_CODE, SYSTEM)
    later = give(market, number="N-2", credit_code=OTHER_CODE)
    assert later.approval_id is not None
    assert checks.unmatched(market) == [later.approval_id]
    register(market, OTHER_CODE, "V-78")
    duty = MatchingApprovals()
    assert duty.run_once(market, NOW) == NOW + timedelta(minutes=1)
    assert [one.vendor_id for one in records.matches(market, later.approval_id)] == ["V-78"]
    assert (checks.unmatched(market), checking.match_late(market, NOW)) == ([], 0)


def test_who_is_registered_later_in_another_market_is_matched_too(market: Connection) -> None:
    other = MarketId("hongsha")
    put_market(market, market_id=other, scales=0)
    register(market, CODE)
    taken = give(market)
    register(market, CODE, "V-9", market_id=other)
    assert checking.match_late(market, NOW) == 1
    assert whose(market, taken) == [(other, "V-9"), (MARKET, "V-77")]
    assert checking.match_late(market, NOW) == 0


def test_a_corrected_code_ends_a_match_and_finds_another(market: Connection) -> None:
    vendor_id = register(market, CODE)
    first, second = give(market), give(market, number="N-2", credit_code=OTHER_CODE)
    correct(market, vendor_id, OTHER_CODE, revision=1)
    assert checking.match_late(market, NOW) == 1
    assert (whose(market, first), whose(market, second)) == ([], [(MARKET, vendor_id)])
    assert checks.unmatched(market) == [first.approval_id]
    correct(market, vendor_id, CODE, revision=2)
    checking.match_late(market, NOW)
    assert (whose(market, first), whose(market, second)) == ([(MARKET, vendor_id)], [])


def test_a_licence_number_counts_only_where_a_credit_code_is_missing(market: Connection) -> None:
    licence_no = "110108000000016"
    other, old = (
        register(market, OTHER_CODE, licence_no=licence_no),
        register(market, "", "V-78", licence_no=licence_no),
    )
    assert whose(market, give(market, licence_no=licence_no)) == [(MARKET, old)]
    without_code = give(market, number="N-2", credit_code="", licence_no=licence_no)
    assert whose(market, without_code) == [(MARKET, other), (MARKET, old)]


def test_whoever_takes_approvals_in_meanwhile_is_waited_for(database_url: str) -> None:
    """Of a vendor and an approval that come at once, neither misses the other."""
    with psycopg.connect(database_url) as office, psycopg.connect(database_url) as registry:
        put_market(registry)
        registry.commit()
        with office.transaction():
            taken = give(office)
            register(registry, CODE)
            registry.commit()
            registry.execute("SET lock_timeout = '200ms'")
            with pytest.raises(errors.LockNotAvailable), registry.transaction():
                checking.match_late(registry, NOW)
        assert checking.match_late(registry, NOW) == 1
        assert whose(registry, taken) == [(MARKET, "V-77")]


def test_a_person_matches_and_unmatches_with_a_reason_and_is_not_overruled(market: Connection) -> None:
    vendor_id = register(market, CODE)
    taken = give(market)
    assert taken.approval_id is not None
    with pytest.raises(FieldRefused, match="because is missing"):
        checking.unmatch(market, taken.approval_id, MARKET, vendor_id, because=" ", by="li", at=NOW)
    assert checking.unmatch(market, taken.approval_id, MARKET, vendor_id, because="sold", by="li", at=NOW) == []
    assert checks.unmatched(market) == [taken.approval_id]
    assert checking.match_late(market, NOW) == 0
    with pytest.raises(NotFound):
        checking.unmatch(market, taken.approval_id, MARKET, vendor_id, because="sold", by="li", at=NOW)
    with pytest.raises(NotFound):
        checking.match(market, taken.approval_id, MARKET, VendorId("V-none"), because="x", by="li", at=NOW)
    [match] = checking.match(market, taken.approval_id, MARKET, vendor_id, because="bought back", by="li", at=NOW)
    assert (match.how, match.because) == (MatchedHow.PERSON, "bought back")


def test_another_code_is_another_vendor(market: Connection) -> None:
    register(market, CODE)
    register(market, OTHER_CODE, "V-78")
    give(market)
    taken = give(market, credit_code=OTHER_CODE, changed_at="2026-11-10", act="changed")
    assert taken.approval_id is not None
    assert [one.vendor_id for one in records.matches(market, taken.approval_id)] == ["V-78"]
    give(market, changed_at="2026-11-11", act="changed")
    assert [one.vendor_id for one in records.matches(market, taken.approval_id)] == ["V-77"]
