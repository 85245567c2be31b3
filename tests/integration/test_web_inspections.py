"""Inspections on the web: a plan frozen, drawn and repeated by a stranger, visits, and what a market sees of them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from db import inspection_lists, inspection_plans, inspections, inspectors
from domain.alert import AlertKind
from domain.ids import MarketId, VendorId
from domain.inspection import VisitAction
from domain.supervision_item import RiskClass
from supervision.inspections import planning, visiting
from supervision.inspections.draw_file import repeat
from tests.draw_acts import POLICY, put_inspectors
from tests.integration.test_items import published as publish_items
from tests.integration.test_web_daily_caps import Console
from tests.web_service import furnished_service
from tests.web_service import visiting as stranger
from tests.web_world import ELSEWHERE, HERE, VENDOR, raise_alert

NOW = datetime.now(UTC)
TODAY = NOW.astimezone().date()
SOURCE = "上证指数收盘价"


@pytest.fixture
def console(database_url: str) -> Iterator[Console]:
    with furnished_service(database_url) as (address, conn):
        publish_items(conn, at=NOW - timedelta(days=3))
        put_inspectors(conn)
        conn.commit()
        yield Console(address, conn)


def plan_form(**changes: str) -> dict[str, str]:
    days = {"first_day": TODAY.isoformat(), "last_day": (TODAY + timedelta(days=20)).isoformat()}
    form = {
        "title": "四季度计量抽查",
        "department": "market",
        "item": "M01",
        "market": HERE,
        "visits": "1",
        "most": "5",
    }
    return {**form, **days, **changes}


def drawn(console: Console, *, days: int = 20) -> int:
    """A visit that was drawn, of a plan frozen a day ago."""
    conn = console.conn
    new = inspection_plans.NewPlan(
        title="抽查",
        department="market",
        items=("M01",),
        market_ids=(HERE,),
        first_day=TODAY,
        last_day=TODAY + timedelta(days=days),
        visits=1,
        most=5,
    )
    plan_id = planning.plan(conn, new, by="regulator", at=NOW - timedelta(days=2))
    planning.freeze(
        conn,
        plan_id,
        public_source=SOURCE,
        public_from=NOW - timedelta(days=1),
        policy=POLICY,
        by="regulator",
        at=NOW - timedelta(days=2),
    )
    planning.draw(conn, plan_id, "3311.27", by="regulator", at=NOW)
    conn.commit()
    return inspection_lists.of_plan(conn, plan_id)[0].inspection_id


def test_a_plan_is_made_frozen_and_shown_to_strangers_by_its_hash_alone(console: Console) -> None:
    regulator = console.visit("regulator")
    bad = regulator.post("/inspections/plans", **plan_form(visits="many"))
    assert bad.status_code == 422
    assert "抽查户数：many 不是 1 到 100000 的整数" in bad.text
    assert "expected" not in bad.text
    assert 'value="四季度计量抽查"' in bad.text
    made = regulator.post("/inspections/plans", **plan_form())
    assert made.status_code == 303
    path = made.headers["location"]
    assert regulator.post(f"{path}/freeze", public_source=SOURCE, public_from="soon").status_code == 422
    tomorrow = (NOW + timedelta(days=1)).isoformat()
    assert regulator.post(f"{path}/freeze", public_source=SOURCE, public_from=tomorrow).status_code == 303
    assert regulator.post(f"{path}/freeze", public_source=SOURCE, public_from=tomorrow).status_code == 409
    console.conn.commit()
    found = inspection_plans.one(console.conn, 1)
    assert found is not None
    assert found.frozen_sha256
    assert found.secret
    with stranger(console.address) as client:
        page = client.get("/draws/1").text
        assert found.frozen_sha256 in client.get("/draws").text
        assert client.get("/draws/1/file").status_code == 409
        assert client.get("/draws/2").status_code == 404
    assert found.frozen_sha256 in page
    assert found.secret not in page
    assert regulator.post(f"{path}/draw", public_value="3311.27").status_code == 422
    unsaid = regulator.post(f"{path}/abandon", because=" ")
    assert unsaid.status_code == 422
    assert "请简要写明内容和原因" in unsaid.text
    assert regulator.post(f"{path}/abandon", because="漏列一个市场").status_code == 303
    late = regulator.post(f"{path}/abandon", because="我也要作废")
    assert late.status_code == 409
    assert "已有他人先行处理" in late.text
    with stranger(console.address) as client:
        assert "漏列一个市场" in client.get("/draws/1").text


def test_a_stranger_repeats_a_draw_and_learns_no_subject(console: Console) -> None:
    drawn(console)
    with stranger(console.address) as client:
        file, page = client.get("/draws/1/file"), client.get("/draws/1").text
    assert repeat(file.content, "draw-1.json").problems == ()
    for text in (file.text, page):
        assert VENDOR not in text
        assert "阿海" not in text
        assert "HN-market-" not in text


def test_a_market_hears_of_a_visit_once_it_is_told_and_reports_what_it_put_right(console: Console) -> None:
    visit = f"/inspections/visits/{drawn(console)}"
    regulator, manager = console.visit("regulator"), console.visit("manager")
    assert manager.get(visit).status_code == 404
    assert "阿海" not in manager.get("/inspections").text
    assert regulator.post(f"{visit}/day", day=(TODAY + timedelta(days=99)).isoformat()).status_code == 422
    assert regulator.post(f"{visit}/day", day=TODAY.isoformat()).status_code == 303
    assert regulator.post(f"{visit}/act/notify").status_code == 303
    assert "检定合格证是否在有效期内" in manager.get(visit).text
    assert "阿海" in manager.get("/inspections?view=week").text
    assert manager.post(f"{visit}/act/begin").status_code == 403
    assert regulator.post(f"{visit}/act/begin").status_code == 303
    refused = regulator.post(f"{visit}/act/order", note=" ", rectify_by="")
    assert refused.status_code == 422
    kept = regulator.post(f"{visit}/act/order", note="合格证过期", rectify_by="2020-01-01")
    assert (kept.status_code, "合格证过期" in kept.text) == (422, True)
    assert regulator.post(f"{visit}/act/order", note="合格证过期").status_code == 303
    assert manager.post(f"{visit}/act/report", note="已重新检定").status_code == 303
    again = manager.post(f"{visit}/act/report", note="已重新检定")
    assert (again.status_code, "已有他人先行处理" in again.text) == (409, True)
    assert regulator.post(f"{visit}/act/accept").status_code == 303
    assert "已重新检定" in regulator.get(visit).text
    assert regulator.post(f"{visit}/act/nonsense").status_code == 422


def test_two_visits_become_one_on_the_page_that_tells_the_saving(console: Console) -> None:
    first, second = drawn(console), drawn(console, days=10)
    regulator = console.visit("regulator")
    page = regulator.get("/inspections/combining").text
    assert "2 → 1" in page
    both = {"csrf_token": regulator.visitor.csrf, "visit": [str(first), str(second)]}
    with stranger(console.address, regulator.visitor) as client:
        assert client.post("/inspections/combining", data=both).status_code == 303
        again = client.post("/inspections/combining", data=both)
    assert again.status_code == 409
    assert "已并入其他检查" in regulator.get(f"/inspections/visits/{second}").text
    assert "没有可合并的检查" in regulator.get("/inspections/combining").text


def test_an_alert_opens_a_key_inspection_with_one_button_however_often(console: Console) -> None:
    alert_id = raise_alert(console.conn, kind=AlertKind.SHORT_WEIGHT)
    regulator = console.visit("regulator")
    opened = regulator.post(f"/inspections/alerts/{alert_id}", note="现场复称")
    assert regulator.post(f"/inspections/alerts/{alert_id}").headers["location"] == opened.headers["location"]
    visit = opened.headers["location"]
    assert f'href="/alerts/{alert_id}"' in regulator.get(visit).text
    assert regulator.post(f"{visit}/act/begin").status_code == 422
    one, two, barred, four = (str(person.user_id) for person in inspectors.listed(console.conn))
    inspectors.declare_conflict(
        console.conn, int(barred), MarketId(HERE), VendorId(VENDOR), reason="x", by="admin", at=NOW
    )
    console.conn.commit()
    with stranger(console.address, regulator.visitor) as client:
        form = {"csrf_token": regulator.visitor.csrf, "inspector": [one, barred]}
        refused = client.post(f"{visit}/send", data=form)
        assert (refused.status_code, "不得检查该商户" in refused.text) == (422, True)
        assert client.post(f"{visit}/send", data=form | {"inspector": [one, "991"]}).status_code == 422
        assert client.post(f"{visit}/send", data=form | {"inspector": [one, two]}).status_code == 303
        assert regulator.post(f"{visit}/recuse", recused=two, because="").status_code == 422
        kept = regulator.post(f"{visit}/recuse", recused="nobody", because="因病不能到场")
        assert (kept.status_code, "因病不能到场" in kept.text) == (422, True)
        assert regulator.post(f"{visit}/recuse", recused=two, because="因病不能到场").status_code == 303
        assert client.post(f"{visit}/send", data=form | {"inspector": [four]}).status_code == 303
    trail = regulator.get(visit).text
    assert "检查人员回避" in trail
    assert "(HN-market-2): 因病不能到场" in trail
    assert regulator.post(f"{visit}/act/begin").status_code == 303
    assert regulator.post("/inspections/alerts/999").status_code == 404


def test_people_conflicts_and_classes_are_kept_with_who_and_why(console: Console) -> None:
    regulator = console.visit("regulator")
    badge: dict[str, str | list[str]] = {"username": "regulator", "badge_no": "HN-9", "department": "market"}
    badge |= {"qualifications": ["price", "metrology"]}
    assert regulator.post("/inspections/inspectors", **badge | {"badge_no": "HN-market-1"}).status_code == 409
    refused = regulator.post("/inspections/inspectors", **badge | {"username": "nobody"})
    assert refused.status_code == 422
    assert 'value="price" checked' in refused.text
    assert regulator.post("/inspections/inspectors", **badge | {"qualifications": ""}).status_code == 422
    assert regulator.post("/inspections/inspectors", **badge).status_code == 303
    (me,) = inspectors.listed(console.conn, username="regulator")
    assert me.qualifications == ["price", "metrology"]
    conflict = {"inspector": str(me.user_id), "market": HERE, "vendor": VENDOR, "reason": "亲属"}
    assert regulator.post("/inspections/conflicts", **conflict | {"reason": ""}).status_code == 422
    assert regulator.post("/inspections/conflicts", **conflict | {"vendor": "V999"}).status_code == 422
    assert regulator.post("/inspections/conflicts", **conflict).status_code == 303
    assert "亲属" in regulator.get("/inspections/inspectors").text
    assert regulator.post("/inspections/conflicts/99/end").status_code == 409
    console.conn.commit()
    (declared,) = inspectors.conflicts(console.conn)
    assert regulator.post(f"/inspections/conflicts/{declared.conflict_id}/end").status_code == 303
    assert regulator.post(f"/inspections/inspectors/{me.user_id}/retire").status_code == 303
    assert regulator.post(f"/inspections/inspectors/{me.user_id}/retire").status_code == 409
    risk = {"market": HERE, "vendor": VENDOR, "risk_class": "D", "reason": "两次处罚"}
    assert regulator.post("/inspections/classes", **risk | {"risk_class": "E"}).status_code == 422
    assert regulator.post("/inspections/classes", **risk | {"market": ELSEWHERE}).status_code == 422
    assert regulator.post("/inspections/classes", **risk).status_code == 303
    console.conn.commit()
    (record,) = inspectors.classes_set(console.conn, vendor_id=VendorId(VENDOR))
    assert (record.risk_class, record.set_by) == (RiskClass.D, "regulator")
    assert "两次处罚" in regulator.get("/inspections/classes").text


@pytest.mark.parametrize("query", ["day=2026-13-01", "day=1999-01-01", "view=year", "inspector=x"])
def test_a_calendar_of_no_day_is_refused(console: Console, query: str) -> None:
    assert console.visit("regulator").get(f"/inspections?{query}").status_code == 422


def test_the_calendar_shows_what_is_late_and_whose_it_is(console: Console) -> None:
    visit = drawn(console)
    conn, regulator = console.conn, console.visit("regulator")
    for action, note in ((VisitAction.BEGIN, ""), (VisitAction.ORDER, "合格证过期")):
        visiting.act(
            conn, visit, action, actor="r", market_id=None, policy=POLICY, now=NOW - timedelta(days=30), note=note
        )
    conn.commit()
    assert 'id="late-title"' in regulator.get("/inspections").text
    going = inspections.one(conn, visit)
    assert going is not None
    resting = next(one.user_id for one in inspectors.listed(conn) if one.user_id not in going.inspector_ids)
    assert 'id="late-title"' in regulator.get(f"/inspections?inspector={going.inspector_ids[0]}").text
    assert 'id="late-title"' not in regulator.get(f"/inspections?inspector={resting}").text


def test_a_busy_day_says_how_many_it_has_and_leads_to_all_of_them(console: Console) -> None:
    for _ in range(8):
        drawn(console, days=0)
    regulator = console.visit("regulator")
    month = regulator.get("/inspections").text
    assert month.count('class="visit-card') == 6
    assert f"view=day&amp;day={TODAY.isoformat()}" in month
    assert "当日共 8 次" in month
    assert regulator.get(f"/inspections?view=day&day={TODAY.isoformat()}").text.count('class="visit-card') == 8
    assert "当日共" not in regulator.get("/inspections?view=week").text
    assert regulator.get("/inspections?view=late").text.count('class="visit-card') == 0
    assert regulator.get("/inspections?view=day&after=0").status_code == 422
