"""What anybody reads without signing in: a market's screen, and the page behind the code at a stall."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import msgspec
import pytest
from psycopg import Connection, errors

from domain.errors import NotFound
from domain.ids import VendorId
from supervision.register.public_codes import LENGTH, SIGNS, issue, tidy
from tests.web_service import config_for, furnished_service, serving, visiting
from tests.web_world import (
    ELSEWHERE,
    HERE,
    HOSTILE_NAME,
    HOSTILE_VENDOR,
    VENDOR,
    place,
    publish,
    raise_alert,
    sign_in,
)

PERSON, PHONE, CODE = "王小明", "13812345678", "92460200MA5T0A1X3P"
PUBLIC = "public, max-age=60"
NOINDEX = "noindex, nofollow, noarchive"


@pytest.fixture
def world(database_url: str) -> Iterator[tuple[httpx.Client, Connection]]:
    with furnished_service(database_url) as (address, conn), visiting(address) as client:
        yield client, conn


def issued(conn: Connection, vendor: VendorId = VENDOR) -> str:
    market = HERE if vendor == VENDOR else ELSEWHERE
    code = issue(conn, market, vendor, by="manager", at=datetime.now(UTC))
    conn.commit()
    return code


def identify(conn: Connection, kind: str, name: str = f"{PERSON}海鲜档") -> None:
    conn.execute(
        "UPDATE vendors SET name = %s, kind = %s, credit_code = %s, legal_representative = %s, phone = %s"
        " WHERE vendor_id = %s",
        [name, kind, CODE, PERSON, PHONE, VENDOR],
    )
    conn.commit()


@contextmanager
def limited(database_url: str, purpose: str) -> Iterator[tuple[Connection, httpx.Client]]:
    """The service, where three of a purpose are let through."""
    config = config_for(database_url)
    policy = config.complaints_policy
    limits = tuple(msgspec.structs.replace(one, most=3) if one.purpose == purpose else one for one in policy.limit)
    config = replace(config, complaints_policy=msgspec.structs.replace(policy, limit=limits))
    with furnished_service(database_url) as (_, conn), serving(config) as address, visiting(address) as client:
        yield conn, client


def test_the_screen_shows_the_caps_the_good_and_where_both_are_from(world: tuple[httpx.Client, Connection]) -> None:
    client, _ = world
    answer = client.get(f"/screen/{HERE}")
    assert answer.status_code == 200
    for shown in ("三亚第一市场", "东星斑", ">315<", ">630<", "和乐蟹", "99</b> 元/个", "最高销售价格", "演示用"):
        assert shown in answer.text, shown
    for shown in ("阿海海鲜档", "A-01", "守信", "参考样式", "生成于"):
        assert shown in answer.text, shown
    assert (answer.headers["cache-control"], answer.headers["x-robots-tag"]) == (PUBLIC, NOINDEX)
    assert "vary" not in answer.headers, "one copy for everybody: its address says the language"
    assert "set-cookie" not in answer.headers
    assert "csrf" not in answer.text


def test_the_screen_speaks_the_language_of_its_address(world: tuple[httpx.Client, Connection]) -> None:
    client, _ = world
    client.get("/language/en")
    assert "今日调控价" in client.get(f"/screen/{HERE}").text, "a cookie decides nothing: a cache has one copy"
    english = client.get(f"/screen/{HERE}?lang=en").text
    assert "Today's caps" in english
    assert "leopard coral grouper" in english
    assert "今日调控价" in client.get(f"/screen/{HERE}?lang=xx").text


def test_a_changed_list_shows_and_so_does_that_there_is_none(world: tuple[httpx.Client, Connection]) -> None:
    client, conn = world
    before = client.get(f"/screen/{HERE}").text
    changed = publish(conn, datetime.now(UTC))
    conn.execute("UPDATE cap_items SET cap_fen = 64000 WHERE cap_list_id = %s AND species_code = 'F01'", [changed])
    conn.commit()
    after = client.get(f"/screen/{HERE}").text
    assert (">315<" in before, ">320<" in before) == (True, False)
    assert (">315<" in after, ">320<" in after) == (False, True)
    conn.execute("UPDATE cap_lists SET effective = 'empty' WHERE cap_list_id <> %s", [changed])
    conn.execute(
        "UPDATE cap_lists SET effective = tstzrange(lower(effective), now()) WHERE cap_list_id = %s", [changed]
    )
    conn.commit()
    none = client.get(f"/screen/{HERE}").text
    assert "今天没有生效的调控价清单" in none
    assert "东星斑" not in none, "what binds nobody is not on the screen"


@pytest.mark.parametrize("kind", ["individual", ""], ids=["an individual", "not registered which"])
def test_no_personal_data_is_on_either_page(world: tuple[httpx.Client, Connection], kind: str) -> None:
    client, conn = world
    identify(conn, kind)
    for address in (f"/screen/{HERE}", f"/q/{issued(conn)}"):
        for language in ("zh", "en"):
            client.get(f"/language/{language}")
            text = client.get(address, params={"lang": language}).text
            assert "王**海鲜档" in text
            for personal in (PERSON, PHONE, CODE):
                assert personal not in text


def test_a_company_is_told_by_its_name_and_code(world: tuple[httpx.Client, Connection]) -> None:
    client, conn = world
    identify(conn, "company", "三亚海之韵水产有限公司")
    text = client.get(f"/q/{issued(conn)}").text
    assert "三亚海之韵水产有限公司" in text
    assert CODE in text
    assert PERSON not in text
    assert PHONE not in text


def test_the_page_of_a_stall_shows_prices_scales_and_the_way_to_complain(
    world: tuple[httpx.Client, Connection],
) -> None:
    client, conn = world
    raise_alert(conn)
    conn.execute("UPDATE scales SET verified_until = current_date - 3 WHERE market_id = %s", [HERE])
    code = issued(conn)
    client.get("/language/en")
    answer = client.get(f"/q/{code}")
    assert answer.status_code == 200
    for shown in (
        "阿海海鲜档",
        "A-01",
        "trustworthy",
        "leopard coral grouper",
        "432.00",
        "864.00",
        "315.00",
        "above the cap",
    ):
        assert shown in answer.text, shown
    for shown in ("verification overdue", "not a penalty", "None at present.", "a reference example"):
        assert shown in answer.text, shown
    assert (answer.headers["cache-control"], answer.headers["x-robots-tag"]) == (PUBLIC, NOINDEX)
    assert answer.headers["vary"] == "Cookie"
    link = re.search(r'href="(/complain\?[^"]+)"', answer.text)
    assert link is not None
    form = client.get(link[1].replace("&amp;", "&")).text
    assert f'<option value="{HERE}" selected>' in form
    assert 'name="stall" value="A-01"' in form


def test_who_has_several_stalls_is_complained_about_at_one_of_them(world: tuple[httpx.Client, Connection]) -> None:
    client, conn = world
    code = issued(conn)
    yesterday = datetime.now(UTC) - timedelta(days=1)
    place(conn, HERE, VENDOR, "阿海海鲜档", yesterday, scale="s02", stall="A-02")
    conn.commit()
    text = client.get(f"/q/{code}").text
    for stall in ("A-01", "A-02"):
        assert f'href="/complain?market={HERE}&amp;stall={stall}">投诉摊位 {stall}</a>' in text
    conn.execute("DELETE FROM scale_bindings")
    conn.execute("DELETE FROM stall_occupancies")
    conn.commit()
    text = client.get(f"/q/{code}").text
    assert f'href="/complain?market={HERE}">投诉该摊位</a>' in text
    assert "目前没有摊位" in text


def test_a_single_sale_is_not_told_apart(world: tuple[httpx.Client, Connection]) -> None:
    """Neither when, nor how much, nor on which ticket: only a price of the day."""
    client, conn = world
    raise_alert(conn)
    row = conn.execute("SELECT weighed_at AT TIME ZONE 'Asia/Shanghai', seq FROM weighings").fetchone()
    assert row is not None
    text = client.get(f"/q/{issued(conn)}").text
    made = text.index("生成于")
    assert row[0].strftime("%H:%M:%S") not in text[:made]
    assert "1.000 kg" not in text


@pytest.mark.parametrize("public", [("A", "B", "C"), ("B", "C"), ()], ids=["told", "not that one", "none"])
def test_a_tier_that_is_not_told_is_absent(database_url: str, public: tuple[str, ...]) -> None:
    config = config_for(database_url)
    told = msgspec.structs.replace(config.credit_rules.publicity, tiers=public, praised=public[:1])
    config = replace(config, credit_rules=msgspec.structs.replace(config.credit_rules, publicity=told))
    with furnished_service(database_url) as (_, conn), serving(config) as address, visiting(address) as client:
        page, screen = client.get(f"/q/{issued(conn)}").text, client.get(f"/screen/{HERE}").text
    assert ('id="tier-title"' in page) is ("A" in public)
    assert ("信用等级不对外公示" in page) is (public == ())
    assert ("阿海海鲜档" in screen) is ("A" in public)
    assert ('class="praise"' in screen) is bool(public)


def test_an_unknown_code_says_so_and_a_replaced_one_too(world: tuple[httpx.Client, Connection]) -> None:
    client, conn = world
    for wrong in ("ABCDEFGH", "x", "0" * 64, "<script>"):
        answer = client.get(f"/q/{wrong}")
        assert (answer.status_code, "没有这个码" in answer.text) == (404, True), wrong
        assert answer.headers["cache-control"] == "no-store"
    assert client.get("/q/ABCDEFGH/qr.svg").status_code == 404
    old, new = issued(conn), issued(conn)
    answer = client.get(f"/q/{old}")
    assert (answer.status_code, "该码已更换" in answer.text, "阿海海鲜档" in answer.text) == (410, True, False)
    assert client.get(f"/q/{old}/qr.svg").status_code == 410
    assert client.get(f"/q/{new.lower()}").status_code == 200
    assert client.get(f"/q/{new[:4]}-{new[4:]}").status_code == 200
    assert client.get("/screen/nowhere").status_code == 404


def test_trying_codes_is_ended_after_some_misses(database_url: str) -> None:
    with limited(database_url, "miss") as (conn, client):
        code = issued(conn)
        assert [client.get(f"/q/ABCDEFG{n}").status_code for n in range(2, 6)] == [404, 404, 404, 429]
        assert client.get(f"/q/{code}").status_code == 429, "the right one too: else a guess would be told from a miss"
        assert client.get(f"/screen/{HERE}").status_code == 200, "the hall's screen has missed nothing"


def test_pages_are_limited_by_address(database_url: str) -> None:
    with limited(database_url, "public_page") as (conn, client):
        code = issued(conn)
        asked = [f"/screen/{HERE}", f"/q/{code}", f"/q/{code}/qr.svg", f"/screen/{HERE}", f"/q/{code}"]
        assert [client.get(one).status_code for one in asked] == [200, 200, 200, 429, 429]
        refused = client.get(f"/screen/{HERE}")
        assert 0 < int(refused.headers["retry-after"]) <= 600
        assert refused.headers["cache-control"] == "no-store"


def test_codes_are_drawn_and_are_no_sequence(world: tuple[httpx.Client, Connection]) -> None:
    _, conn = world
    codes = [issued(conn) for _ in range(40)]
    assert len(set(codes)) == 40
    assert all(len(code) == LENGTH and set(code) <= set(SIGNS) for code in codes)
    assert len({code[:2] for code in codes}) > 20
    living = conn.execute("SELECT count(*) FROM public_vendor_codes WHERE ended_at IS NULL").fetchone()
    assert living == (1,)
    with pytest.raises(NotFound):
        issue(conn, HERE, VendorId("nobody"), by="manager", at=datetime.now(UTC))
    with pytest.raises(errors.CheckViolation):
        conn.execute(
            "INSERT INTO public_vendor_codes (code, market_id, vendor_id, issued_by, issued_at)"
            " VALUES ('ABCDEFG0', %s, %s, 'm', now())",
            [HERE, VENDOR],
        )


@pytest.mark.parametrize(
    ("typed", "code"),
    [("abcd efgh", "ABCDEFGH"), ("ABCD-EFGH", "ABCDEFGH"), ("ABCDEFG", None), ("ABCDEFG0", None), ("", None)],
)
def test_a_code_may_be_typed_as_it_is_read(typed: str, code: str | None) -> None:
    assert tidy(typed) == code


def test_the_market_prints_its_vendors_codes_and_nobody_elses(world: tuple[httpx.Client, Connection]) -> None:
    client, conn = world
    visitor = sign_in(conn, "manager")
    client.cookies.update(visitor.cookie)
    here, there = f"/vendors/{HERE}/{VENDOR}/public-code", f"/vendors/{ELSEWHERE}/{HOSTILE_VENDOR}/public-code"
    assert "还没有摊位码" in client.get(here).text
    assert client.post(here, data={"csrf_token": visitor.csrf}).status_code == 303
    card = client.get(here).text
    (code,) = set(re.findall(r'src="/q/(\w{8})/qr.svg"', card))
    assert f"{client.base_url}/q/{code}" in card
    drawn = client.get(f"/q/{code}/qr.svg")
    assert drawn.headers["content-type"] == "image/svg+xml"
    assert drawn.text.startswith("<svg")
    assert client.get(there).status_code == 404
    assert client.post(there, data={"csrf_token": visitor.csrf}).status_code == 404
    assert client.post(here).status_code == 403
    assert client.get(f"/vendors/{HERE}/nobody/public-code").status_code == 404


def test_the_cards_of_a_market_are_made_at_once_and_replace_nobodys(world: tuple[httpx.Client, Connection]) -> None:
    client, conn = world
    place(conn, HERE, VendorId("V002"), "第二档", datetime.now(UTC) - timedelta(days=1), scale="s02", stall="A-02")
    first = issued(conn)
    visitor = sign_in(conn, "manager")
    client.cookies.update(visitor.cookie)
    cards = f"/registry/markets/{HERE}/public-codes"
    assert "为 1 个经营者生成摊位码" in client.get(cards).text
    assert client.post(cards, data={"csrf_token": visitor.csrf}).status_code == 303
    printed = client.get(cards).text
    codes = re.findall(r"/q/(\w{8})</p>", printed)
    assert (len(codes), codes[0]) == (2, first)
    assert "个经营者生成摊位码" not in printed
    assert [client.get(f"/q/{code}").status_code for code in codes] == [200, 200]
    assert client.get(f"/registry/markets/{ELSEWHERE}/public-codes").status_code == 404
    assert (
        client.post(f"/registry/markets/{ELSEWHERE}/public-codes", data={"csrf_token": visitor.csrf}).status_code == 404
    )


def test_names_are_text_whatever_they_hold(world: tuple[httpx.Client, Connection]) -> None:
    client, conn = world
    for address in (f"/screen/{ELSEWHERE}", f"/q/{issued(conn, HOSTILE_VENDOR)}"):
        text = client.get(address).text
        assert HOSTILE_NAME not in text
        assert "&lt;script&gt;" in text


def test_the_register_leads_to_the_screen_and_the_file_to_the_code(world: tuple[httpx.Client, Connection]) -> None:
    client, conn = world
    client.cookies.update(sign_in(conn, "regulator").cookie)
    assert f'href="/screen/{HERE}"' in client.get(f"/registry/markets/{HERE}").text
    assert f'href="/vendors/{HERE}/{VENDOR}/public-code"' in client.get(f"/vendors/{HERE}/{VENDOR}/file").text
