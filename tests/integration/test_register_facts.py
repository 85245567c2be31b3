"""A scale's verification and facts, who sees a person in full, and how everybody is found."""

from datetime import date
from typing import Any

import pytest
from psycopg import Connection

from db import scale_facts
from db.register import scales, search, vendors, views
from domain.errors import RuleViolation
from domain.ids import MarketId, ScaleId, StallId, VendorId
from domain.register.records import (
    ScaleIdentity,
    SealState,
    StallFacts,
    Verification,
)
from domain.scale import ScaleFacts
from supervision.register import changing, occupying, placing
from supervision.register.moments import When
from supervision.register.seeing import see_in_full
from tests.factories import MARKET, NOW, place, put_market
from tests.register_acts import COMPANY, S1, because


@pytest.fixture
def market(conn: Connection) -> Connection:
    put_market(conn)
    return conn


def test_the_newest_verification_is_in_force_and_rules_read_it(market: Connection) -> None:
    def verified(on: date, until: date | None, certificate: str, *, passed: bool = True) -> None:
        new = Verification(
            verified_on=on,
            valid_until=until,
            certificate_no=certificate,
            verifier="三亚市计量所",
            passed=passed,
            verification_code="J-1",
            seal_no="F-1",
            seal_state=SealState.INTACT,
        )
        changing.verify_scale(
            market, MARKET, S1, new, today=date(2026, 11, 22), revision=None, change=because("yearly")
        )

    verified(date(2026, 6, 30), date(2027, 6, 29), "C-2")
    verified(date(2025, 6, 30), date(2026, 6, 29), "C-1")
    facts = scale_facts.of_market(market, MARKET)[S1]
    assert (facts.verified_until, facts.verification_code, facts.seal_no) == (date(2027, 6, 29), "J-1", "F-1")
    found = scales.one(market, MARKET, S1)
    assert found is not None
    assert (found.certificate_no, found.verified_on) == ("C-2", date(2026, 6, 30))
    verified(date(2026, 11, 1), None, "C-3", passed=False)
    assert scale_facts.of_market(market, MARKET)[S1].verified_until == date(2026, 10, 31)
    assert [one.verification.certificate_no for one in scales.verifications(market, MARKET, S1)] == [
        "C-3",
        "C-2",
        "C-1",
    ]
    with pytest.raises(RuleViolation, match="certificate C-3 of scale S-1 is registered already"):
        verified(date(2026, 11, 1), None, "C-3", passed=False)
    with pytest.raises(RuleViolation, match="expected a day until today"):
        verified(date(2026, 11, 23), date(2027, 11, 22), "C-4")


def test_a_scale_is_corrected_and_its_facts_with_it(market: Connection) -> None:
    identity = ScaleIdentity(serial_number="SN-1", maker="凯士", facts=ScaleFacts(division_g=5, max_g=15_000))
    changing.correct_scale(market, MARKET, S1, identity, revision=1, change=because("read from the plate"))
    assert scale_facts.of_market(market, MARKET)[S1].max_g == 15_000
    changing.register_scale(market, MARKET, ScaleId("S-9"), identity, because())
    with pytest.raises(RuleViolation, match="scale S-9 is registered"):
        changing.register_scale(market, MARKET, ScaleId("S-9"), identity, because())


def test_seeing_a_person_in_full_is_logged_with_its_reason(market: Connection) -> None:
    changing.register_vendor(market, MARKET, VendorId("V-9"), COMPANY, because())
    with pytest.raises(RuleViolation, match="for a reason"):
        see_in_full(market, MARKET, VendorId("V-9"), how="page", seen_by=because(" "))
    assert views.newest(market, limit=10) == []
    found = see_in_full(market, MARKET, VendorId("V-9"), how="page", seen_by=because("a complaint"))
    assert found.identity.phone == "13812345678"
    [seen] = views.newest(market, limit=10)
    assert (seen.by, seen.because, seen.vendor_id) == ("zhou", "a complaint", "V-9")
    assert sorted(seen.fields) == ["legal_representative", "phone"]
    assert views.of_vendor(market, MARKET, VendorId("V-9")) == [seen]


@pytest.mark.parametrize(
    "text",
    [
        "阿海",
        "海鲜",
        "鲜档",
        "AHAI",
        "ahaihaixian",
        "haixian",
        "ahhxd",
        "hxd",
        "v-9",
        "91350100m0",
        "B-7",
        "b-",
        "S-9",
        "阿 海",
    ],
)
def test_a_vendor_is_found_by_any_part_of_its_name_by_sound_by_code_by_stall_and_by_scale(
    market: Connection, text: str
) -> None:
    changing.register_vendor(market, MARKET, VendorId("V-9"), COMPANY, because())
    changing.register_stall(market, MARKET, StallId("B-7"), StallFacts(), because())
    occupying.occupy_stall(
        market, MARKET, StallId("B-7"), VendorId("V-9"), When(moment=NOW), revision=1, change=because()
    )
    changing.register_scale(market, MARKET, ScaleId("S-9"), ScaleIdentity(), because())
    placing.bind_scale(
        market, MARKET, ScaleId("S-9"), StallId("B-7"), None, When(moment=NOW), revision=1, change=because()
    )
    [found] = search.vendors(market, text, MARKET, NOW, limit=10)
    assert (found.vendor_id, found.stalls, found.scales) == ("V-9", "B-7", 1)
    assert search.vendors(market, text, MarketId("elsewhere"), NOW, limit=10) == []


@pytest.mark.parametrize("text", ["'", "\\", "%", "_", "a' | 'b", ":*", "&", "<script>"])
def test_no_text_that_is_searched_for_means_more_than_itself(market: Connection, text: str) -> None:
    assert search.vendors(market, text, None, NOW, limit=10) == []
    assert search.stalls(market, text, None, NOW, limit=10) == []
    assert search.scales(market, text, None, NOW, limit=10) == []


def test_without_a_text_everything_is_listed_by_pages(market: Connection) -> None:
    def ids(**page: Any) -> list[str]:
        return [one.vendor_id for one in search.vendors(market, "", MARKET, NOW, **page)]

    assert (ids(limit=10), ids(limit=1, offset=1)) == (["V-1", "V-2"], ["V-2"])
    assert [one.vendor_name for one in search.stalls(market, "", None, NOW, limit=9)] == ["vendor V-1", "vendor V-2"]
    assert [one.stall_id for one in search.scales(market, "s-2", None, NOW, limit=9)] == ["A-2"]


def test_vendors_of_before_are_given_their_sound(market: Connection) -> None:
    place(market, 3, vendor="V-3")
    market.execute("UPDATE vendors SET name = '陈记', pinyin = '{}' WHERE vendor_id = 'V-3'")
    assert search.vendors(market, "chenji", None, NOW, limit=9) == []
    assert vendors.learn_sounds(market) == 1
    assert [one.vendor_id for one in search.vendors(market, "chenji", None, NOW, limit=9)] == ["V-3"]
    assert vendors.learn_sounds(market) == 0
