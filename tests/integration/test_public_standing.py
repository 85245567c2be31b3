"""What the market's screen and a vendor's public page are put together from, at moments of a decision's life."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from psycopg import Connection

from credit.market_screen import MarketScreen, market_screen
from credit.public_standing import publicly, score_of_vendor, scores_of_market
from credit.scoring import cycle_of
from credit.vendor_public import VendorPublic, vendor_public
from db import credit
from domain.alert import AlertKind
from domain.alert_step import AlertAction
from domain.credit import CreditSource
from domain.errors import NotFound
from domain.ids import JournalId, MarketId, ScaleId, SpeciesCode, VendorId
from domain.price_cap import CapStatus, CapUnit, Verdict
from domain.weighing import WeighingKey
from pricing import publishing
from supervision.publicity.publishing import publish_final
from tests.alert_acts import POLICIES, REGULATOR, act
from tests.factories import CAP, MARKET, NOW, publish_caps, put_market
from tests.integration.test_alert_life import raised
from tests.integration.test_publicity import SHIPPED, penalised
from tests.stored import store_rows
from tests.web_world import weighing_row

DAY = timedelta(days=1)
#: A Sunday's decision: five working days later is Friday the 27th, and the day after that it is final.
BEFORE, AFTER = NOW + 5 * DAY, NOW + 6 * DAY
FIRST = VendorId("V-1")


@pytest.fixture
def market(conn: Connection) -> Connection:
    put_market(conn)
    conn.commit()
    return conn


def screen(conn: Connection, now: datetime) -> MarketScreen:
    return market_screen(conn, MARKET, shipped=POLICIES.credit, policy=POLICIES.supervision, now=now)


def page(conn: Connection, now: datetime, vendor_id: VendorId = FIRST) -> VendorPublic:
    return vendor_public(conn, MARKET, vendor_id, shipped=POLICIES.credit, policy=POLICIES.supervision, now=now)


def praised(conn: Connection, now: datetime) -> list[tuple[str, ...]]:
    return [tuple(one.stalls) for one in screen(conn, now).praised]


def tier(conn: Connection, now: datetime) -> str | None:
    told = page(conn, now).tier
    return None if told is None else told.name


def broken_seal(conn: Connection) -> int:
    """A veto: the last tier, once it is final."""
    alert_id = raised(conn, AlertKind.SEAL_BROKEN)
    act(conn, alert_id, AlertAction.CONFIRM)
    return alert_id


def test_a_deduction_shows_the_day_after_its_days_of_appeal(market: Connection) -> None:
    broken_seal(market)
    assert (praised(market, BEFORE), tier(market, BEFORE)) == ([("A-1",), ("A-2",)], "A")
    assert (praised(market, AFTER), tier(market, AFTER)) == ([("A-2",)], None)


def test_under_appeal_it_does_not_show_and_upheld_it_does(market: Connection) -> None:
    alert_id = broken_seal(market)
    act(market, alert_id, AlertAction.APPEAL, note="x", now=NOW + DAY)
    assert (praised(market, AFTER), tier(market, AFTER)) == ([("A-1",), ("A-2",)], "A")
    act(market, alert_id, AlertAction.UPHOLD, by=REGULATOR, note="x", now=NOW + 2 * DAY)
    assert (praised(market, NOW + 2 * DAY), tier(market, NOW + 2 * DAY)) == ([("A-2",)], None)


def test_what_was_overturned_never_shows(market: Connection) -> None:
    alert_id = broken_seal(market)
    act(market, alert_id, AlertAction.APPEAL, note="x", now=NOW + DAY)
    act(market, alert_id, AlertAction.OVERTURN, by=REGULATOR, note="x", now=NOW + 2 * DAY)
    assert (praised(market, AFTER), tier(market, AFTER)) == ([("A-1",), ("A-2",)], "A")


def test_who_has_no_stall_any_more_is_not_praised(market: Connection) -> None:
    market.execute("UPDATE scale_bindings SET valid = tstzrange(lower(valid), %s) WHERE vendor_id = 'V-1'", [NOW])
    market.execute("UPDATE stall_occupancies SET valid = tstzrange(lower(valid), %s) WHERE vendor_id = 'V-1'", [NOW])
    assert praised(market, NOW) == [("A-2",)]
    assert page(market, NOW).stalls == ()


def test_a_final_penalty_is_on_the_page_until_it_comes_off(market: Connection) -> None:
    penalised(market)
    publish_final(market, NOW + 30 * DAY, policy=SHIPPED, supervision=POLICIES.supervision)
    market.execute("UPDATE vendors SET legal_representative = '违规', kind = 'individual' WHERE vendor_id = 'V-1'")
    (shown,) = page(market, NOW + 30 * DAY).penalties
    assert shown.document_no
    assert "违规" not in shown.decision
    assert page(market, NOW + 30 * DAY, VendorId("V-2")).penalties == []
    assert page(market, NOW + 4000 * DAY).penalties == []


def test_the_lists_of_the_day_and_none_at_all(market: Connection) -> None:
    shown = screen(market, NOW)
    assert shown.cap_list is not None
    assert [(item.species_code, item.status, item.cap_fen) for item in shown.items] == [
        ("F01", CapStatus.CAPPED, CAP),
        ("F02", CapStatus.OUT_OF_STOCK, None),
        ("X01", CapStatus.UNCAPPED, None),
    ]
    changed = publish_caps(market, CAP + 200, NOW + timedelta(hours=1))
    assert screen(market, NOW).items == shown.items
    later = screen(market, NOW + timedelta(hours=1))
    assert later.cap_list is not None
    assert (later.cap_list.cap_list_id, later.items[0].cap_fen) == (changed, CAP + 200)
    for one in (changed, shown.cap_list.cap_list_id):
        publishing.withdraw(market, one, by="publisher", at=NOW, because="x")
    empty = screen(market, NOW)
    assert (empty.cap_list, empty.items, empty.ended_at) == (None, (), None)


def test_a_list_that_ended_is_said_to_have_and_is_not_shown(market: Connection) -> None:
    ends = NOW - timedelta(hours=1)
    market.execute("UPDATE cap_lists SET effective = tstzrange(lower(effective), %s)", [ends])
    shown = screen(market, NOW)
    assert (shown.cap_list, shown.items, shown.ended_at) == (None, (), ends)


def sell(conn: Connection, seq: int, price: int, at: datetime, *, species: str = "F01", vendor: str = "V-1") -> None:
    key = WeighingKey(MARKET, ScaleId("S-1"), JournalId("j"), seq, at)
    row = weighing_row(key, VendorId(vendor), SpeciesCode(species), CapUnit.KG, CAP, price - CAP)
    verdict = "over" if price > CAP else "within"
    store_rows(conn, [{**row, "verdict": verdict, "paid_verdict": verdict, "excess_fen": max(0, price - CAP)}])


def test_the_latest_price_of_each_of_its_goods_today(market: Connection) -> None:
    hour = timedelta(hours=1)
    sell(market, 1, CAP + 500, NOW - 2 * hour)
    sell(market, 2, CAP - 100, NOW - hour)
    sell(market, 3, CAP + 900, NOW - hour, species="F02")
    sell(market, 4, CAP + 900, NOW - DAY)
    sell(market, 5, CAP + 900, NOW - hour, vendor="V-2")
    assert [(one.species_code, one.price_fen, one.cap_fen, one.verdict) for one in page(market, NOW).prices] == [
        ("F01", CAP - 100, CAP, Verdict.WITHIN),
        ("F02", CAP + 900, CAP, Verdict.OVER),
    ]
    # The last sale of F01 is taken back: the one before is the latest again.
    market.execute("UPDATE weighings SET voids_seq = 2, verdict = NULL, paid_verdict = NULL WHERE seq = 4")
    market.execute("UPDATE weighings SET weighed_at = %s WHERE seq = 4", [NOW])
    assert [one.price_fen for one in page(market, NOW).prices] == [CAP + 500, CAP + 900]


def test_of_what_there_is_not_nothing_is_shown(market: Connection) -> None:
    with pytest.raises(NotFound):
        market_screen(market, MarketId("nowhere"), shipped=POLICIES.credit, policy=POLICIES.supervision, now=NOW)
    with pytest.raises(NotFound):
        page(market, NOW, VendorId("nobody"))


@pytest.mark.parametrize("seed", range(4))
def test_the_scores_of_a_market_are_those_of_its_vendors(market: Connection, seed: int) -> None:
    """Read all at once, of the running cycle only, they come to the same."""
    random = Random(seed)
    by = publicly(POLICIES.credit, POLICIES.supervision, "Asia/Shanghai", NOW)
    begins = datetime.combine(cycle_of(by.day, by.rules)[0], datetime.min.time(), UTC)
    fact: dict[str, Any] = {"market_id": MARKET, "recorded_by": "m", "rule": "r", "rules_version": "1", "evidence": "d"}
    for _ in range(40):
        at = random.choice((begins, NOW - 9 * DAY, NOW)) + timedelta(hours=random.randint(-30, 30))
        fact |= {"vendor_id": VendorId(random.choice(("V-1", "V-2"))), "occurred_at": at, "recorded_at": at}
        fact |= {"reason": random.choice(("price_over_cap", "tare_abuse", "clean_month"))}
        points = 1 if fact["reason"] == "clean_month" else random.choice((-6, -3))
        event = credit.append(market, **fact, points=points, alert_id=None, source=CreditSource.RECORD)
        if random.random() < 0.3:
            undoing: dict[str, Any] = {
                "points": -points,
                "alert_id": None,
                "reverses": event,
                "source": CreditSource.RECORD,
            }
            credit.append(market, **fact | {"recorded_at": at + random.randint(0, 9) * DAY}, **undoing)
    vendors = [FIRST, VendorId("V-2")]
    assert scores_of_market(market, MARKET, vendors, by) == {
        one: score_of_vendor(market, MARKET, one, by) for one in vendors
    }
