"""The pages of the daily calculation: from a file of references to a published list, slips, rates, exemptions."""

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import httpx
import pytest
from psycopg import Connection

from db import caps, markup_rates, purchase_records
from domain.purchase import PurchaseState
from pricing.price_sources import import_rates
from pricing.rate_file import Validity, parse_rates
from pricing.slip_photo import LARGEST_PHOTO
from steelyard.resources import data_directory
from tests.web_service import furnished_service, visiting
from tests.web_world import (
    CRAB,
    ELSEWHERE,
    HERE,
    HOSTILE_VENDOR,
    PHOTO,
    SHANGHAI,
    VENDOR,
    Visitor,
    enter_purchase,
    sign_in,
)

SCOPE = "eatery:sanya"
_DAY = timedelta(days=1)


def today() -> date:
    return datetime.now(UTC).astimezone(SHANGHAI).date()


@dataclass(frozen=True)
class Console:
    address: str
    conn: Connection

    def visit(self, username: str) -> "Session":
        return Session(self.address, sign_in(self.conn, username))


@dataclass(frozen=True)
class Session:
    address: str
    visitor: Visitor

    def get(self, path: str) -> httpx.Response:
        with visiting(self.address, self.visitor) as client:
            return client.get(path)

    def post(self, path: str, **form: str | list[str]) -> httpx.Response:
        return self.upload(path, None, **form)

    def upload(self, path: str, files: dict[str, tuple[str, bytes]] | None, **form: str | list[str]) -> httpx.Response:
        with visiting(self.address, self.visitor) as client:
            return client.post(path, data={"csrf_token": self.visitor.csrf, **form}, files=files)

    def api(self, method: str, path: str, json: object = None) -> httpx.Response:
        with visiting(self.address) as client:
            return client.request(method, f"/api/v1{path}", headers=self.visitor.bearer, json=json)


@pytest.fixture
def console(database_url: str) -> Iterator[Console]:
    with furnished_service(database_url) as (address, conn):
        rates = parse_rates(
            (data_directory() / "markup_rates_sanya.csv").read_text(encoding="utf-8"),
            "rates",
            Validity(valid_from=today() - 30 * _DAY, valid_until=None, source="the bureau"),
        )
        import_rates(conn, "sanya", rates.rates, by="regulator", at=datetime.now(UTC))
        conn.commit()
        yield Console(address, conn)


def test_from_a_file_of_references_to_a_list_that_a_second_person_published(console: Console) -> None:
    regulator, admin = console.visit("regulator"), console.visit("admin")
    yesterday = (today() - _DAY).isoformat()
    assert "没有该日的批发参考价" in regulator.get(f"/caps/daily?day={today()}").text
    form = {"scope": SCOPE, "day": yesterday, "source": "价格监测中心"}
    bad = regulator.upload(
        "/caps/daily/references",
        {"file": ("r.csv", "name,price_yuan_per_kg\n石斑,1\n东星斑,x\n".encode())},
        **form,
    )
    assert bad.status_code == 422
    assert "第 2 行：&#39;石斑&#39; 不是已知品种或别名" in bad.text
    assert "第 3 行：&#39;x&#39; 不是价格" in bad.text
    assert 'class="technical' not in bad.text
    file = {"file": ("r.csv", "name,price_yuan_per_500g\n东星斑,36\n和乐蟹,/\n".encode())}
    assert regulator.upload("/caps/daily/references", file, **form).status_code == 303
    page = regulator.get(f"/caps/daily?day={today()}").text
    for shown in ("36.00 × (1 + 10%) × (1 + 190%) = 114.84 → <b>115</b>", "315.00 → 115.00", "−63.5%", "请核对"):
        assert shown in page, shown
    assert "和乐蟹（大）" in page.replace("\n", "")
    drafted = regulator.post("/caps/daily/draft", scope=SCOPE, day=today().isoformat(), authority="发改委")
    assert drafted.status_code == 303
    path = drafted.headers["location"]
    assert "须由另一人核对并发布" in regulator.get(path).text
    assert regulator.post(f"{path}/publish").status_code == 409
    assert "114.84" in admin.get(path).text
    assert admin.post(f"{path}/publish").status_code == 303
    console.conn.commit()
    in_force = {one.market_id: one for one in caps.lists_in_force(console.conn, datetime.now(UTC))}
    assert path == f"/caps/daily/{in_force[HERE].cap_list_id}"
    assert in_force[HERE].authority == "发改委"
    assert "115.00" in admin.get("/caps").text


def test_a_list_that_was_not_calculated_and_a_day_that_is_none_have_no_page(console: Console) -> None:
    regulator = console.visit("regulator")
    assert regulator.get("/caps/daily/1").status_code == 404
    assert regulator.get("/caps/daily?day=0001-01-01").status_code == 422
    assert regulator.get("/caps/daily?scope=stall:nowhere").status_code == 404
    assert regulator.post("/caps/daily/draft", scope=SCOPE, day=today().isoformat()).status_code == 422


def test_rates_are_entered_and_ended(console: Console) -> None:
    regulator = console.visit("regulator")
    rate = {
        "scope": SCOPE,
        "category": "fish",
        "markup": "140",
        "allowance": "10",
        "ceiling": "300",
        "source": "发改委",
    }
    first = today() + _DAY
    refused = regulator.post("/caps/rates", first_day=first.isoformat(), **rate)
    assert refused.status_code == 422
    assert "一个类别每日只能有一个差价率" in refused.text
    assert regulator.post("/caps/rates", first_day=first.isoformat(), **{**rate, "markup": "x"}).status_code == 422
    ended = regulator.post("/caps/rates/end", scope=SCOPE, category="fish", last_day=today().isoformat())
    assert ended.status_code == 303
    assert regulator.post("/caps/rates/end", scope=SCOPE, category="fish", last_day="2001-01-01").status_code == 422
    assert regulator.post("/caps/rates", first_day=first.isoformat(), **rate).status_code == 303
    fish = [one for one in markup_rates.rates(console.conn, "sanya") if one.category == "fish"]
    assert [(one.markup_permille, one.valid_from, one.valid_until) for one in fish] == [
        (1400, first, None),
        (1900, today() - 30 * _DAY, first),
    ]


def slip(**changed: str) -> dict[str, str]:
    values = {"vendor": VENDOR, "species": CRAB, "price": "88.5", "unit": "kg", "purchased_on": today().isoformat()}
    return {**values, "slip_no": "N-7", **changed}


def test_a_slip_with_its_photo_is_entered_by_the_manager_and_accepted_by_a_regulator(console: Console) -> None:
    manager, regulator = console.visit("manager"), console.visit("regulator")
    entered = manager.upload("/caps/purchases", {"photo": ("p.png", PHOTO)}, **slip())
    assert entered.status_code == 303
    path = entered.headers["location"]
    page = manager.get(path).text
    for shown in ("88.5 元/公斤", "44.25", "N-7", "由监管人员审核", f'src="{path}/photo"'):
        assert shown in page, shown
    photo = regulator.get(f"{path}/photo")
    assert (photo.content, photo.headers["content-type"]) == (PHOTO, "image/jpeg")
    assert "N-7" in regulator.get("/caps/purchases").text
    assert regulator.post(f"{path}/refuse", note=" ").status_code == 422
    assert regulator.post(f"{path}/accept").status_code == 303
    late = regulator.post(f"{path}/refuse", note="no")
    assert late.status_code == 409
    assert "已接受" in late.text
    assert path in regulator.get("/caps/purchases?state=accepted").text


def test_a_slip_that_cannot_be_kept_says_why_in_the_language_of_the_page_and_keeps_what_was_typed(
    console: Console,
) -> None:
    manager = console.visit("manager")
    refused = manager.upload(
        "/caps/purchases",
        {"photo": ("p.jpg", b"GIF89a")},
        **slip(vendor="V-9", species="石斑", price="0", slip_no="", purchased_on=(today() + _DAY).isoformat()),
    )
    assert refused.status_code == 422
    for shown in (
        "“石斑”不是已知的品种或别名",
        "价格为“0”",
        "尚未到",
        "照片不是 JPEG 或 PNG",
        'value="石斑"',
        'value="V-9"',
    ):
        assert shown in refused.text, shown
    assert "本市场没有商户“V-9”" in manager.post("/caps/purchases", **slip(vendor="V-9")).text
    huge = manager.upload("/caps/purchases", {"photo": ("p.jpg", PHOTO + b"\0" * LARGEST_PHOTO)}, **slip())
    assert (huge.status_code, "照片过大" in huge.text) == (422, True)
    larger = manager.upload("/caps/purchases", {"photo": ("p.jpg", b"\0" * 2 * LARGEST_PHOTO)}, **slip())
    assert larger.status_code == 413
    assert purchase_records.counts(console.conn, None)[PurchaseState.ENTERED] == 0


def test_a_manager_enters_for_the_own_market_whatever_the_form_says(console: Console) -> None:
    manager = console.visit("manager")
    foreign = slip(market=ELSEWHERE, vendor=HOSTILE_VENDOR)
    assert manager.post("/caps/purchases", **foreign).status_code == 422
    body = {**slip(), "market_id": ELSEWHERE, "vendor_id": HOSTILE_VENDOR}
    del body["vendor"]
    assert manager.api("POST", "/purchases", body).status_code == 404


def test_purchases_through_the_api(console: Console) -> None:
    manager, regulator, admin = console.visit("manager"), console.visit("regulator"), console.visit("admin")
    body = {
        "market_id": HERE,
        "vendor_id": VENDOR,
        "species": "和乐蟹",
        "purchased_on": today().isoformat(),
        "price": "40",
    }
    entered = manager.api("POST", "/purchases", {**body, "photo_base64": b64encode(PHOTO).decode()})
    assert entered.status_code == 201, entered.text
    assert (entered.json()["price_fen"], entered.json()["unit"], entered.json()["state"]) == (8000, "kg", "entered")
    number = entered.json()["purchase_id"]
    for wrong in ({"photo_base64": "?"}, {"price": "-1", "slip_no": "1"}, {}):
        assert manager.api("POST", "/purchases", {**body, **wrong}).status_code == 422
    assert admin.api("GET", f"/purchases/{number}/photo").content == PHOTO
    assert regulator.api("POST", f"/purchases/{number}/refuse", {"note": "blurred"}).json()["state"] == "refused"
    again = regulator.api("POST", f"/purchases/{number}/accept", {})
    assert (again.status_code, again.json()["type"]) == (409, "illegal_transition")
    other = enter_purchase(console.conn, market_id=ELSEWHERE, vendor_id=HOSTILE_VENDOR)
    assert [one["purchase_id"] for one in regulator.api("GET", "/purchases").json()] == [other, number]
    assert [one["purchase_id"] for one in manager.api("GET", "/purchases").json()] == [number]
    assert regulator.api("GET", f"/purchases?before={other}&state=entered").json() == []


def test_an_exemption_is_granted_and_revoked(console: Console) -> None:
    regulator, manager = console.visit("regulator"), console.visit("manager")
    form = {
        "market": HERE,
        "vendor": VENDOR,
        "first_day": today().isoformat(),
        "reason": "五星级",
        "document_no": "1号",
    }
    assert regulator.post("/caps/exemptions", **{**form, "reason": " "}).status_code == 422
    assert regulator.post("/caps/exemptions", **{**form, "vendor": "V-9"}).status_code == 404
    assert regulator.post("/caps/exemptions", **form).status_code == 303
    overlapping = regulator.post("/caps/exemptions", **form)
    assert (overlapping.status_code, "已获豁免" in overlapping.text) == (422, True)
    seen = manager.get("/caps/exemptions").text
    assert "豁免中" in seen
    assert "/revoke" not in seen
    (exemption,) = caps.exemptions(console.conn)
    row = console.conn.execute("SELECT exemption_id FROM vendor_exemptions WHERE revoked_by IS NULL").fetchone()
    assert row is not None
    assert regulator.post(f"/caps/exemptions/{row[0]}/revoke", because="").status_code == 422
    assert regulator.post(f"/caps/exemptions/{row[0]}/revoke", because="降星").status_code == 303
    assert regulator.post(f"/caps/exemptions/{row[0]}/revoke", because="降星").status_code == 409
    assert "降星" in regulator.get("/caps/exemptions").text
    console.conn.commit()
    (ended,) = caps.exemptions(console.conn)
    assert ended.since == exemption.since
    assert ended.until is not None
