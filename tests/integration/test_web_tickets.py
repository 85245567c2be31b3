"""The public page of a ticket, complaining from it, and what became of it: for strangers, over HTTP."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import msgspec
import pytest
from psycopg import Connection

from db import complaints
from domain.ids import ScaleId
from ingest.reweighing import reweigh
from supervision.complaints.limits import ByWhat, key_of
from tests.complaint_acts import sell
from tests.web_service import config_for, furnished_service, serving, visiting
from tests.web_world import HERE, SHANGHAI
from web.client_address import networks_of
from web.ticket_view import path_of

NOW = datetime.now(UTC).replace(microsecond=412_000)


@pytest.fixture
def world(database_url: str) -> Iterator[tuple[httpx.Client, Connection]]:
    with furnished_service(database_url) as (address, conn), visiting(address) as client:
        yield client, conn


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of the first form that sends something."""
    form = page[page.index('<form method="post"') :]
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form[: form.index("</form>")])
    return dict(found)


FILLED = {"reason": "over_cap", "words": "比牌价贵", "contact": "138 0013 8000", "website": ""}


def test_a_ticket_shows_the_sale_the_cap_and_no_person(world: tuple[httpx.Client, Connection]) -> None:
    client, conn = world
    ticket = sell(conn, 7)
    conn.execute("UPDATE scales SET verified_until = current_date + 30")
    conn.commit()
    client.get("/language/en")
    answer = client.get(path_of(ticket))
    assert answer.status_code == 200
    names = ("阿海海鲜档", "A-01", "三亚第一市场", "verified until")
    for shown in (*names, "0.100 kg", "432.00", "864.00", "315.00", "¥86.40"):
        assert shown in answer.text, shown
    assert "The price is above the cap of that moment." in answer.text
    assert "¥23.40 more than the cap allows" in answer.text
    assert answer.headers["x-robots-tag"] == "noindex, nofollow, noarchive"
    assert answer.headers["cache-control"] == "no-store"
    assert "main-nav" not in answer.text


@pytest.mark.parametrize(
    ("verdict", "paid", "words"),
    [
        ("within", "within", "within the cap of that moment"),
        ("within", "over", "although the unit price is not"),
        ("uncapped", "uncapped", "the stall sets its own price"),
        ("out_of_stock", "out_of_stock", "plus a markup is their cap"),
        ("unlisted", "unlisted", "not in the cap list"),
        ("no_list", "no_list", "not known yet"),
    ],
)
def test_every_verdict_has_plain_words(
    world: tuple[httpx.Client, Connection], verdict: str, paid: str, words: str
) -> None:
    client, conn = world
    ticket = sell(conn, 7, verdict=verdict, paid_verdict=paid)
    conn.commit()
    client.get("/language/en")
    assert words in client.get(path_of(ticket)).text


def test_a_sale_that_was_taken_back_is_told(world: tuple[httpx.Client, Connection]) -> None:
    client, conn = world
    ticket = sell(conn, 7)
    void = sell(conn, 8, at=NOW + timedelta(seconds=9), voids_seq=7, verdict=None, paid_verdict=None, cap_fen=None)
    conn.commit()
    client.get("/language/en")
    assert "This sale was taken back at" in client.get(path_of(ticket)).text
    of_void = client.get(path_of(void)).text
    assert "It is no sale itself" in of_void
    assert "/complain?" not in of_void


def test_a_number_without_its_code_shows_nothing(world: tuple[httpx.Client, Connection]) -> None:
    client, conn = world
    ticket = sell(conn, 7)
    conn.commit()
    for path, status in (
        (path_of(replace(ticket, code="")), 200),
        (path_of(replace(ticket, code="0" * 22)), 404),
        (path_of(replace(ticket, code=ticket.code[:-1] + ("0" if ticket.code[-1] != "0" else "1"))), 404),
        (path_of(replace(ticket, seq=8)), 404),
    ):
        answer = client.get(path)
        assert answer.status_code == status, path
        assert "86.40" not in answer.text
        assert "阿海海鲜档" not in answer.text


@pytest.mark.parametrize("path", ["/t/first/s/j/0/x", "/t/first/s/j/x/x", "/t/nowhere/s/j/1/" + "0" * 22])
def test_an_address_of_no_ticket_is_not_found(world: tuple[httpx.Client, Connection], path: str) -> None:
    assert world[0].get(path).status_code == 404


def test_what_is_printed_finds_the_sale(world: tuple[httpx.Client, Connection]) -> None:
    client, conn = world
    ticket = sell(conn, 7)
    conn.commit()
    printed = {"market": HERE, "stall": "A-01", "amount": "¥86.40"}
    local = NOW.astimezone(SHANGHAI)
    near, far = ((local - timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M") for minutes in (3, 30))
    found = client.get("/t", params={**printed, "sold_at": near})
    assert (found.status_code, found.headers["location"]) == (303, path_of(ticket))
    for wrong, status in (
        ({"amount": "86.41"}, 404),
        ({"sold_at": far}, 404),
        ({"stall": ""}, 422),
        ({"amount": "x"}, 422),
    ):
        answer = client.get("/t", params={**printed, "sold_at": near, **wrong})
        assert answer.status_code == status, wrong
        assert 'value="A-01"' in answer.text or wrong == {"stall": ""}, "what was typed stays"


def test_guessing_is_ended_after_some_misses(database_url: str) -> None:
    config = config_for(database_url)
    policy = config.complaints_policy
    limits = tuple(msgspec.structs.replace(one, most=3) if one.purpose == "miss" else one for one in policy.limit)
    config = replace(config, complaints_policy=msgspec.structs.replace(policy, limit=limits))
    with furnished_service(database_url) as (_, conn), serving(config) as address, visiting(address) as client:
        ticket = sell(conn, 7)
        conn.commit()
        wrong = path_of(replace(ticket, code="0" * 22))
        assert [client.get(wrong).status_code for _ in range(4)] == [404, 404, 404, 429]
        right = client.get(path_of(ticket))
        assert right.status_code == 429, "the right one too: else a guess would be told from a miss"
        assert 3500 < int(right.headers["retry-after"]) <= 3600
        assert "86.40" not in right.text


def test_x_forwarded_for_is_believed_from_named_proxies_only(database_url: str) -> None:
    config = config_for(database_url)
    behind = replace(config, trusted_proxies=networks_of("127.0.0.0/8"))
    with furnished_service(database_url) as (plain, conn), serving(behind) as proxied:
        for address, forwarded in ((plain, "198.51.100.1"), (proxied, "203.0.113.9, 198.51.100.2")):
            with visiting(address) as client:
                client.get("/t/first/s/j/1/" + "0" * 22, headers={"x-forwarded-for": forwarded})
        keys = {bytes(row[0]) for row in conn.execute("SELECT key FROM taken_attempts WHERE purpose = 'miss'")}
    assert keys == {key_of(ByWhat.ADDRESS, "127.0.0.1/32"), key_of(ByWhat.ADDRESS, "198.51.100.2/32")}


def test_a_complaint_from_a_ticket_is_kept_and_answered_on_its_page(world: tuple[httpx.Client, Connection]) -> None:
    client, conn = world
    ticket = sell(conn, 7)
    conn.commit()
    link = re.search(r'href="(/complain\?[^"]+)"', client.get(path_of(ticket)).text)
    assert link is not None
    page = client.get(link[1].replace("&amp;", "&"))
    assert "阿海海鲜档" in page.text, "one sees what one complains about"
    sent = client.post("/complain", data={**hidden(page.text), **FILLED})
    assert sent.status_code == 303
    status = client.get(sent.headers["location"])
    assert "您的投诉已收到" in status.text
    assert "138" not in status.text, "the contact is not on the page that a shared link shows"
    assert (
        client.post("/complain", data={**hidden(page.text), **FILLED}).headers["location"] == sent.headers["location"]
    )
    row = conn.execute("SELECT channel, reason, linked, vendor_name FROM complaints_in_words").fetchall()
    assert row == [("ticket", "over_cap", 1, "阿海海鲜档")]


def test_a_ticket_that_has_not_arrived_may_be_complained_about(world: tuple[httpx.Client, Connection]) -> None:
    client, conn = world
    ticket = sell(conn, 7)
    conn.execute("DELETE FROM weighings")
    conn.commit()
    page = client.get(path_of(ticket))
    assert (page.status_code, "尚未到达" in page.text) == (404, True)
    link = re.search(r'href="(/complain\?[^"]+)"', page.text)
    assert link is not None
    form = client.get(link[1].replace("&amp;", "&"))
    sent = client.post("/complain", data={**hidden(form.text), **FILLED})
    assert sent.status_code == 303
    stored = conn.execute("SELECT scale_id, journal_id, seq, ticket_code FROM complaints").fetchone()
    assert stored == (ticket.scale_id, ticket.journal_id, 7, ticket.code)


def test_what_is_refused_stays_in_the_form(world: tuple[httpx.Client, Connection]) -> None:
    client, conn = world
    page = client.get("/complain", params={"market": HERE})
    bad = {**hidden(page.text), **FILLED, "market": HERE, "contact": "打我电话", "words": "少了二两", "stall": "Z-9"}
    answer = client.post("/complain", data=bad)
    assert answer.status_code == 422
    for shown in ("打我电话", "少了二两", "Z-9", "不是电话号码或电子邮箱", "没有“Z-9”摊位"):
        assert shown in answer.text, shown
    assert conn.execute("SELECT count(*) FROM complaints").fetchone() == (0,)


def test_a_form_that_is_not_ours_keeps_what_was_typed(world: tuple[httpx.Client, Connection]) -> None:
    client, conn = world
    fields = hidden(client.get("/complain", params={"market": HERE}).text)
    answer = client.post("/complain", data={**fields, **FILLED, "market": HERE, "csrf_token": "of yesterday"})
    assert answer.status_code == 403
    assert "比牌价贵" in answer.text
    again = client.post("/complain", data={**hidden(answer.text), **FILLED, "market": HERE})
    assert again.status_code == 303
    assert conn.execute("SELECT count(*) FROM complaints").fetchone() == (1,)


def test_too_many_are_told_when_and_lose_nothing(world: tuple[httpx.Client, Connection]) -> None:
    client, conn = world
    for n in range(6):
        fields = hidden(client.get("/complain", params={"market": HERE}).text)
        answer = client.post("/complain", data={**fields, **FILLED, "market": HERE, "words": f"第{n}次"})
    assert answer.status_code == 429
    assert 86_000 < int(answer.headers["retry-after"]) <= 86_400
    assert "第5次" in answer.text
    assert "该联系方式已提交多件投诉" in answer.text
    assert conn.execute("SELECT count(*) FROM complaints").fetchone() == (5,)


def test_a_program_that_fills_in_everything_keeps_nothing(world: tuple[httpx.Client, Connection]) -> None:
    client, conn = world
    fields = hidden(client.get("/complain", params={"market": HERE}).text)
    answer = client.post("/complain", data={**fields, **FILLED, "market": HERE, "website": "http://buy.example"})
    assert answer.status_code == 303
    assert conn.execute("SELECT count(*) FROM complaints").fetchone() == (0,)


def test_what_the_fair_scale_found_is_one_key_away(world: tuple[httpx.Client, Connection]) -> None:
    client, conn = world
    ticket = sell(conn, 7)
    reweigh(
        conn,
        HERE,
        ScaleId(ticket.scale_id),
        7,
        actual_g=60,
        fair_scale="公平秤1号",
        by="manager",
        now=NOW,
        policy=config_for("").rules_policy.findings,
    )
    conn.commit()
    page = client.get(path_of(ticket)).text
    assert "公平秤1号" in page
    link = re.search(r'href="(/complain\?[^"]+reweighing=\d+)"', page)
    assert link is not None
    where = link[1].replace("&amp;", "&")
    assert parse_qs(urlsplit(where).query)["reason"] == ["short_weight"]
    form = client.get(where)
    assert re.search(r'value="short_weight" checked', form.text)
    sent = client.post("/complain", data={**hidden(form.text), **FILLED, "reason": "short_weight"})
    assert sent.status_code == 303
    row = conn.execute(
        "SELECT c.channel, r.is_short, w.seq FROM complaints c JOIN reweighings r USING (reweighing_id)"
        " JOIN complaint_weighings w USING (complaint_id)"
    ).fetchall()
    assert row == [("fair_scale", True, 7)]


@pytest.mark.parametrize("number", ["4711", "9" * 5000], ids=["another", "endless"])
def test_another_loads_reweighing_is_not_taken(world: tuple[httpx.Client, Connection], number: str) -> None:
    client, conn = world
    ticket = sell(conn, 7)
    conn.commit()
    query = {"market": HERE, "scale": ticket.scale_id, "journal": "j", "seq": "7", "code": ticket.code}
    form = client.get("/complain", params={**query, "reweighing": "4711"})
    fields = {**hidden(form.text), **FILLED}
    assert client.post("/complain", data=fields | {"reweighing": number}).status_code == 303
    assert conn.execute("SELECT reweighing_id, channel FROM complaints").fetchone() == (None, "ticket")


def test_the_complainant_withdraws_and_reopens_on_the_status_page(world: tuple[httpx.Client, Connection]) -> None:
    client, conn = world
    fields = hidden(client.get("/complain", params={"market": HERE}).text)
    where = client.post("/complain", data={**fields, **FILLED, "market": HERE}).headers["location"]
    page = client.get(where).text
    assert client.post(f"{where}/accept", data=hidden(page)).status_code == 409, "staff's steps are not theirs"
    conn.execute(
        "UPDATE complaints SET state = 'answered', outcome = 'not_upheld', answer = '秤没有问题', answered_at = now()"
    )
    conn.commit()
    page = client.get(where).text
    assert "秤没有问题" in page
    refused = client.post(f"{where}/reopen", data={**hidden(page), "note": " "})
    assert refused.status_code == 422
    assert client.post(f"{where}/reopen", data={**hidden(page), "note": "没有复称"}).status_code == 303
    assert "核查中" in client.get(where).text
    assert client.post(f"{where}/withdraw", data={**hidden(page), "csrf_token": "x"}).status_code == 403
    assert client.post(f"{where}/withdraw", data=hidden(page)).status_code == 303
    stored = complaints.steps_of(conn, 1)
    assert [(one.action, one.actor, one.note) for one in stored][1:] == [
        ("reopen", "complainant", "没有复称"),
        ("withdraw", "complainant", ""),
    ]


def test_a_status_address_is_unguessable_and_says_nothing_otherwise(world: tuple[httpx.Client, Connection]) -> None:
    client, _ = world
    answer = client.get("/c/" + "a" * 32)
    assert answer.status_code == 404
    assert answer.headers["x-robots-tag"].startswith("noindex")
    assert client.get("/robots.txt").text == "User-agent: *\nDisallow: /\n"
