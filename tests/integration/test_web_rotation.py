"""Stall rotation on the web: a round from draft to the register, what a change costs, why, lists, the public file."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from credit.rotation import planning
from credit.rotation.round_file import repeat
from db import accounts, rotation_needs, rotation_rounds
from domain.ids import StallId, VendorId
from domain.register.records import StallFacts
from domain.rotation import RoundState
from supervision.inspections import vendor_page
from supervision.register import changing
from tests.factories import place as place_stall
from tests.integration.test_web_daily_caps import Console
from tests.register_acts import because
from tests.rotation_acts import classed, confirmed, deduct, proposed
from tests.web_service import furnished_service
from tests.web_service import visiting as stranger
from tests.web_world import ELSEWHERE, HERE, password_hash

NOW = datetime.now(UTC)
SOURCE = "上证指数收盘价"


@pytest.fixture
def console(database_url: str) -> Iterator[Console]:
    """Market HERE with stall A-01 of class B and A-1 … A-5 of vendors V-1 … V-5; V-1 has fewer points."""
    with furnished_service(database_url) as (address, conn):
        for n in range(1, 6):
            place_stall(conn, n, market_id=HERE, since=NOW - timedelta(days=2))
            classed(conn, n, "ABCD"[n % 4], market_id=HERE)
        known = StallFacts(position_class="B")
        changing.correct_stall(conn, HERE, StallId("A-01"), known, revision=1, change=because(at=NOW))
        deduct(conn, 1, 10, market_id=HERE, at=NOW)
        accounts.put_user(
            conn,
            username="second",
            display_name="第二人",
            password_hash=password_hash(),
            role="regulator",
            market_id=None,
        )
        conn.commit()
        yield Console(address, conn)


def of_yesterday(console: Console) -> int:
    """A round proposed by li two days ago."""
    of = proposed(console.conn, market_id=HERE, now=NOW - timedelta(hours=3))
    console.conn.commit()
    return of.round_id


def test_a_round_goes_from_draft_to_confirmed_on_the_page(console: Console) -> None:
    manager = console.visit("manager")
    day = (NOW + timedelta(days=5)).date().isoformat()
    bad = manager.post("/rotation", market=HERE, title="四季度轮换", takes_effect_on="soon")
    assert bad.status_code == 422
    assert "请选择生效日期" in bad.text
    assert 'value="四季度轮换"' in bad.text
    made = manager.post("/rotation", market=HERE, title="四季度轮换", takes_effect_on=day)
    assert made.status_code == 303
    path = made.headers["location"]
    assert manager.post(f"{path}/freeze", public_source="", public_from="2099-01-01T15:00").status_code == 422
    soon = (NOW + timedelta(days=1)).isoformat()
    refused = manager.post(f"{path}/freeze", public_source=SOURCE, public_from="whenever")
    assert refused.status_code == 422
    assert f'value="{SOURCE}"' in refused.text
    assert manager.post(f"{path}/freeze", public_source=SOURCE, public_from=soon).status_code == 303
    early = manager.post(f"{path}/propose", public_value="3127.45")
    assert early.status_code == 422
    assert 'value="3127.45"' in early.text
    of = rotation_rounds.listed(console.conn, HERE)[0]
    assert of.state is RoundState.FROZEN
    with stranger(console.address) as anybody:
        assert str(of.frozen_sha256) in anybody.get("/rounds").text
        assert anybody.get(f"/rounds/{of.round_id}/file").status_code == 409


def test_a_stall_without_a_class_is_named_before_anything_is_frozen(console: Console) -> None:
    classed(console.conn, 2, "", market_id=HERE)
    console.conn.commit()
    manager = console.visit("manager")
    day = (NOW + timedelta(days=5)).date().isoformat()
    path = manager.post("/rotation", market=HERE, title="t", takes_effect_on=day).headers["location"]
    soon = (NOW + timedelta(days=1)).isoformat()
    told = manager.post(f"{path}/freeze", public_source=SOURCE, public_from=soon)
    assert told.status_code == 422
    assert "有 1 个摊位的位置等级不在 A, B, C, D 之列：A-2" in told.text


def test_what_a_change_costs_is_seen_before_it_is_kept(console: Console) -> None:
    round_id = of_yesterday(console)
    manager = console.visit("manager")
    low = next(one for one in rotation_rounds.places(console.conn, round_id, 1) if one.vendor_id == "V-1")
    best = next(
        one.stall_id
        for one in rotation_rounds.places(console.conn, round_id, 1)
        if one.stall_id == "A-4"  # the only one of class A
    )
    query = f"/rotation/{round_id}/change?kind=pin&stall_id={best}&number={low.number}&other="
    told = manager.get(query)
    assert told.status_code == 200
    assert "位置变差" in told.text
    assert rotation_rounds.listed(console.conn, HERE)[0].version == 1
    form = {"kind": "pin", "stall_id": str(best), "number": str(low.number), "seen": "1"}
    unreasoned = manager.post(f"/rotation/{round_id}/change", **form, because=" ")
    assert unreasoned.status_code == 422
    assert manager.post(f"/rotation/{round_id}/change", **form, because="租约未到期").status_code == 303
    assert manager.post(f"/rotation/{round_id}/change", **form, because="租约未到期").status_code == 409
    page = manager.get(f"/rotation/{round_id}").text
    assert "租约未到期" in page
    assert "比不作人工调整少" in page
    refused = manager.get(f"/rotation/{round_id}/change?kind=pin&stall_id=Z-9&number=1")
    assert refused.status_code == 422
    assert "摊位 Z-9 不参加本轮" in refused.text
    assert 'value="Z-9"' in refused.text


def test_it_is_confirmed_by_a_second_person_and_put_into_the_register(console: Console) -> None:
    round_id = of_yesterday(console)
    manager, second = console.visit("manager"), console.visit("second")
    places = {one.number: one.stall_id for one in rotation_rounds.places(console.conn, round_id, 1)}
    form = {"kind": "exchange", "number": "1", "other": "2", "seen": "1", "because": "both asked"}
    assert manager.post(f"/rotation/{round_id}/change", **form).status_code == 303
    own = manager.post(f"/rotation/{round_id}/confirm", seen="2")
    assert own.status_code == 422
    assert "须由他人确认" in own.text
    assert second.post(f"/rotation/{round_id}/confirm", seen="2").status_code == 303
    moment = (NOW + timedelta(days=1)).isoformat()
    assert second.post(f"/rotation/{round_id}/in-force", moment="x", scales_follow="yes").status_code == 422
    assert second.post(f"/rotation/{round_id}/in-force", moment=moment, scales_follow="yes").status_code == 303
    held = rotation_needs.holders(console.conn, HERE, NOW + timedelta(days=2))
    kept = rotation_rounds.places(console.conn, round_id, 2)
    assert {one.stall_id: one.vendor_id for one in kept} == held
    assert {1: places[2], 2: places[1]} == {one.number: one.stall_id for one in kept if one.number in (1, 2)}
    assert "已写入登记" in manager.get(f"/rotation/{round_id}").text


def test_the_file_of_a_round_is_repeated_by_a_stranger_and_names_nobody(console: Console) -> None:
    round_id = of_yesterday(console)
    with stranger(console.address) as anybody:
        page = anybody.get(f"/rounds/{round_id}")
        file = anybody.get(f"/rounds/{round_id}/file")
        assert anybody.get("/rounds/99").status_code == 404
    assert page.status_code == file.status_code == 200
    assert repeat(file.content, "round.json").problems == ()
    assert b"V-1" not in file.content
    assert "V-1" not in page.text


def test_the_list_is_printed_whole_and_downloaded(console: Console) -> None:
    round_id = of_yesterday(console)
    manager = console.visit("manager")
    printed = manager.get(f"/rotation/{round_id}/list").text
    told = manager.get(f"/rotation/{round_id}/list.csv")
    for one in rotation_rounds.places(console.conn, round_id, 1):
        assert one.vendor_name in printed
        assert f"{one.number},{one.vendor_id}," in told.text
    assert told.text.startswith("\ufeff编号,商户编号")
    assert len(told.text.splitlines()) == 7


def test_a_vendor_sees_why_without_the_names_of_others(console: Console) -> None:
    round_id = of_yesterday(console)
    manager = console.visit("manager")
    number = next(one for one in rotation_rounds.places(console.conn, round_id, 1) if one.vendor_id == "V-1").number
    seen = manager.get(f"/rotation/{round_id}/claims/{number}")
    assert seen.status_code == 200
    assert "对方信用分更高" in seen.text
    assert manager.get(f"/rotation/{round_id}/claims/99").status_code == 404
    code = vendor_page.issue(console.conn, HERE, VendorId("V-1"), by="manager", at=NOW)
    console.conn.commit()
    with stranger(console.address) as vendor:
        own = vendor.get(f"/v/{code}/stall")
        assert own.status_code == 200
        assert "对方信用分更高" in own.text
        assert "vendor V-2" not in own.text
        assert vendor.get("/v/nobody/stall").status_code == 404


def test_a_vendor_without_a_round_is_told_so(console: Console) -> None:
    code = vendor_page.issue(console.conn, HERE, VendorId("V-1"), by="manager", at=NOW)
    console.conn.commit()
    with stranger(console.address) as vendor:
        assert "还没有为您提出过轮换摊位" in vendor.get(f"/v/{code}/stall").text


def test_needs_and_neighbours_are_entered_with_a_reason(console: Console) -> None:
    manager = console.visit("manager")
    form = {"market": HERE, "vendor_id": "V-2", "goods_zone": "活鲜", "needs_tank": "yes", "least_area": "many"}
    bad = manager.post("/rotation/needs", **form, because="卖活鱼")
    assert bad.status_code == 422
    assert 'value="活鲜"' in bad.text
    assert "面积应为平方米数" in bad.text
    assert manager.post("/rotation/needs", **{**form, "least_area": "6.5"}, because="").status_code == 422
    assert manager.post("/rotation/needs", **{**form, "least_area": "6.5"}, because="卖活鱼").status_code == 303
    [kept] = rotation_needs.needs(console.conn, HERE)
    assert (kept.goods_zone, kept.needs_tank, kept.least_area_dm2, kept.hardship) == ("活鲜", True, 650, False)
    assert "卖活鱼" in manager.get("/rotation/needs").text
    pair = {"market": HERE, "one": "V-2", "other": "V-1"}
    assert manager.post("/rotation/apart", **{**pair, "other": "V-99"}, because="x").status_code == 422
    assert manager.post("/rotation/apart", **{**pair, "other": "V-2"}, because="x").status_code == 422
    assert manager.post("/rotation/apart", **pair, because="有纠纷").status_code == 303
    assert "有纠纷" in manager.get("/rotation/needs").text
    assert manager.post("/rotation/apart", **pair, holds="no", because="已和解").status_code == 303
    assert rotation_needs.apart(console.conn, HERE) == []


def test_a_manager_meets_no_round_of_another_market(console: Console) -> None:
    for n in range(1, 3):
        place_stall(console.conn, 10 + n, market_id=ELSEWHERE, since=NOW - timedelta(days=2))
        classed(console.conn, 10 + n, "A", market_id=ELSEWHERE)
    changing.correct_stall(
        console.conn, ELSEWHERE, StallId("A-01"), StallFacts(position_class="A"), revision=1, change=because(at=NOW)
    )
    theirs = confirmed(console.conn, market_id=ELSEWHERE, now=NOW - timedelta(hours=3)).round_id
    console.conn.commit()
    manager = console.visit("manager")
    for path in ("", "/list", "/list.csv", "/claims/1", "/change?kind=keep_back&stall_id=A-11"):
        assert manager.get(f"/rotation/{theirs}{path}").status_code == 404, path
    for path in ("freeze", "propose", "confirm", "in-force", "abandon", "change"):
        assert manager.post(f"/rotation/{theirs}/{path}", because="x").status_code == 404, path
    assert "红沙" not in manager.get("/rotation").text
    assert manager.get(f"/rotation/needs?market={ELSEWHERE}").status_code == 404
    assert manager.post("/rotation", market=ELSEWHERE, title="t", takes_effect_on="2099-01-01").status_code == 404
    assert planning.known(console.conn, theirs).state is RoundState.CONFIRMED


def test_a_round_that_is_given_up_says_why_to_everybody(console: Console) -> None:
    round_id = of_yesterday(console)
    manager = console.visit("manager")
    assert manager.post(f"/rotation/{round_id}/abandon", because="").status_code == 422
    assert manager.post(f"/rotation/{round_id}/abandon", because="市场改造").status_code == 303
    with stranger(console.address) as anybody:
        assert "市场改造" in anybody.get(f"/rounds/{round_id}").text
