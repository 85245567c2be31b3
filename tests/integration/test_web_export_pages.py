"""The pages of exports: what is refused loses nothing typed, and lists and files are whole."""

import csv
import html
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from psycopg import Connection

from db import export_accesses, export_tokens
from db.export_accesses import Access, Where
from tests.export_acts import OPEN, record, register
from tests.export_rig import Exporting
from tests.integration.test_web_exports import asking, make
from tests.notice_rig import clerk_connection, prefer, work
from tests.web_service import config_for, serving, visiting
from tests.web_world import ELSEWHERE, HERE, furnish, sign_in
from tests.webhook_receiver import receiving


@pytest.fixture
def office(database_url: str) -> Iterator[tuple[httpx.Client, Connection, dict[str, str]]]:
    """A regulator's browser, a connection to look behind the pages, and the token their forms carry."""
    with clerk_connection(database_url) as conn:
        furnish(conn)
        visitor = sign_in(conn, "regulator")
        with (
            serving(replace(config_for(database_url), exports_policy=OPEN)) as address,
            visiting(address, visitor) as client,
        ):
            yield client, conn, {"csrf_token": visitor.csrf}


Office = tuple[httpx.Client, Connection, dict[str, str]]


def fill_log(conn: Connection, count: int, token_id: int) -> None:
    """That many accesses, the oldest of all being of nobody."""
    conn.execute(
        """INSERT INTO export_accesses (at, token_id, address, asked, status, records, identities, problem)
           SELECT %(now)s + n * interval '1 second', CASE WHEN n > 1 THEN %(token_id)s END, '10.0.0.1', '/' || n,
                  CASE WHEN n > 1 THEN 200 ELSE 401 END, 1, false, ''
           FROM generate_series(1, %(count)s) n""",
        {"now": datetime.now(UTC), "token_id": token_id, "count": count},
    )


@pytest.mark.parametrize("text", ["9" * 20, "-1", "²", "x", "7"])
def test_a_destination_that_there_cannot_be_is_no_filter_and_no_error(office: Office, text: str) -> None:
    client, _, _ = office
    assert client.get("/exports", params={"destination": text}).status_code == 200
    assert client.get("/exports/accesses", params={"token": text}).status_code == 200


@pytest.mark.parametrize("days", ["", "x", "0", "-3", "1.5", "400", "99999", "9" * 30])
def test_a_number_of_days_that_cannot_be_taken_loses_nothing_of_the_form(office: Office, days: str) -> None:
    client, conn, token = office
    form = {**token, "department": "税务局", "contact": "王", "scopes": "credit:read", "networks": "10.1.0.0/16"}
    answer = client.post("/exports/tokens", data={**form, "days": days})
    assert answer.status_code == 422
    for kept in ('value="税务局"', 'value="王"', 'value="10.1.0.0/16"', 'value="credit:read" checked', f'"{days}"'):
        assert kept in answer.text
    assert export_tokens.tokens(conn) == []


def test_a_refused_revocation_keeps_the_reason_beside_its_token(office: Office) -> None:
    client, conn, token = office
    first, other = make(conn), make(conn)
    long = "因" * 501
    refused = client.post(f"/exports/tokens/{other.token_id}/revoke", data={**token, "because": long})
    assert refused.status_code == 422
    assert f'id="because-{other.token_id}" name="because" value="{long}"' in refused.text
    assert f'id="because-{first.token_id}" name="because" value=""' in refused.text
    assert refused.text.count('<details class="action" open>') == 1


def test_the_file_of_accesses_is_whole_however_many_there_are(office: Office) -> None:
    client, conn, _ = office
    made = make(conn)
    fill_log(conn, 4500, made.token_id)
    rows = list(csv.DictReader(io.StringIO(client.get("/exports/accesses.csv").content.decode("utf-8-sig"))))
    assert [row["asked"] for row in rows] == [f"/{n}" for n in range(4500, 0, -1)]
    of_nobody = client.get("/exports/accesses.csv?status=refused").content.decode("utf-8-sig")
    assert [row["token_id"] for row in csv.DictReader(io.StringIO(of_nobody))] == [""]


def test_a_changed_secret_is_shown_once_and_who_takes_files_is_offered_none(office: Office) -> None:
    client, conn, token = office
    made, of_files = register(conn, "http://127.0.0.1:9/"), register(conn, "", name="档案室")
    path = f"/exports/destinations/{made.destination_id}"
    changed = client.post(f"{path}/secret", data=token)
    secret = re.search(r'id="secret">(whsec_[^<]+)<', changed.text)
    assert secret is not None
    assert made.secret not in changed.text
    page = client.get(path).text
    assert secret[1] not in page
    assert ("更换密钥" in page, "旧密钥" in page) == (True, True)
    path = f"/exports/destinations/{of_files.destination_id}"
    assert f"{path}/secret" not in client.get(path).text
    assert client.post(f"{path}/secret", data=token).status_code == 422


def test_a_trial_message_is_asked_for_and_its_answer_is_on_the_page(office: Office) -> None:
    client, conn, token = office
    with receiving(status=503) as receiver:
        receiver.said = "<b>maintenance</b>"
        path = f"/exports/destinations/{register(conn, receiver.url).destination_id}"
        assert client.post(f"{path}/test", data=token).status_code == 303
        assert "等待发送" in client.get(path).text
        assert client.post(f"{path}/test", data=token).status_code == 422
        Exporting(OPEN).run_once(conn, datetime.now(UTC))
        page = client.get(path).text
    assert "answered 503: &lt;b&gt;maintenance&lt;/b&gt;" in page
    assert "重新加载" not in page


def asked_for(client: httpx.Client, **query: str) -> list[str]:
    """What stands in the file of what is looked for, the last first."""
    answer = client.get("/exports/accesses.csv", params=query)
    assert answer.status_code == 200
    return [row["asked"] for row in csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))]


def log_line(conn: Connection, asked: str, at: str, *markets: str, **changed: Any) -> None:
    values = {"token_id": None, "address": "10.0.0.1", "status": 200, **changed}
    access = Access(at=datetime.fromisoformat(at), asked=asked, **values)
    export_accesses.add(conn, access, markets)


def test_accesses_are_found_by_day_token_market_and_status(office: Office) -> None:
    client, conn, _ = office
    made = make(conn)
    # Days are of the clock of the place, +08:00; both that are named belong to it.
    log_line(conn, "/late", "2026-11-20T23:59:59+08:00", HERE, token_id=made.token_id)
    log_line(conn, "/early", "2026-11-21T00:00:00+08:00", HERE, ELSEWHERE, token_id=made.token_id)
    log_line(conn, "/refused", "2026-11-21T23:59:59+08:00", status=403, token_id=made.token_id)
    log_line(conn, "/nobody", "2026-11-22T00:00:00+08:00", status=401)
    token = str(made.token_id)
    for query, found in (
        ({}, ["/nobody", "/refused", "/early", "/late"]),
        ({"since": "2026-11-21"}, ["/nobody", "/refused", "/early"]),
        ({"until": "2026-11-20"}, ["/late"]),
        ({"since": "2026-11-21", "until": "2026-11-21"}, ["/refused", "/early"]),
        ({"since": "0001-01-01", "until": "9999-12-30"}, ["/nobody", "/refused", "/early", "/late"]),
        ({"token": token}, ["/refused", "/early", "/late"]),
        ({"market": HERE}, ["/early", "/late"]),
        ({"market": ELSEWHERE, "token": token, "since": "2026-11-21"}, ["/early"]),
        ({"market": HERE, "status": "refused"}, []),
        ({"status": "answered"}, ["/early", "/late"]),
        ({"status": "refused"}, ["/nobody", "/refused"]),
        ({"status": "401"}, ["/nobody"]),
        ({"status": "9" * 15}, []),
    ):
        assert asked_for(client, **query) == found
        page = client.get("/exports/accesses", params=query).text
        assert re.findall(r'data-label="请求内容">([^<]+)<', page) == found


def test_pages_of_accesses_show_each_once_also_where_many_are_of_one_moment(office: Office) -> None:
    client, conn, _ = office
    for number in range(250):
        log_line(conn, f"/{number}", f"2026-11-21T00:00:0{number // 150}+08:00", HERE)
    for path in ("/exports/accesses", f"/exports/accesses?market={HERE}&status=200"):
        seen: list[str] = []
        page = client.get(path).text
        while True:
            seen += re.findall(r'data-label="请求内容">/(\d+)<', page)
            older = re.search(r'rel="next" href="([^"]+)"', page)
            if older is None:
                break
            page = client.get(html.unescape(older[1])).text
        assert seen == [str(number) for number in range(249, -1, -1)]


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ({"since": "21.11.2026", "token": "1"}, "21.11.2026"),
        ({"until": "9999-12-31"}, "9999-12-31"),
        ({"status": "many"}, ""),
        ({"before": "yesterday~1"}, ""),
        ({"before": "2026-11-21T00:00:00~1"}, ""),
        ({"before": "2026-11-21T00:00:00+08:00~x"}, ""),
    ],
)
def test_what_cannot_be_looked_for_is_named_and_stays_in_the_form(
    office: Office, query: dict[str, str], kept: str
) -> None:
    client, _, _ = office
    answer = client.get("/exports/accesses", params=query)
    assert answer.status_code == 422
    assert f"{next(iter(query))} is" in answer.text
    assert f'value="{kept}"' in answer.text
    if "before" not in query:
        assert client.get("/exports/accesses.csv", params=query).status_code == 422


def test_an_access_says_of_which_markets_records_were_given(database_url: str) -> None:
    with clerk_connection(database_url) as conn:
        furnish(conn)
        record(conn)
        with serving(replace(config_for(database_url), exports_policy=OPEN)) as address:
            with asking(address, make(conn).text) as client:
                client.get("/api/v1/exports/credit-records")
                client.get(f"/api/v1/exports/credit-records?market={ELSEWHERE}")
                client.get("/api/v1/exports/credit-records?after=999999")
            found = {
                market: [one.records for one in export_accesses.page(conn, Where(market_id=market), limit=9)]
                for market in (HERE, ELSEWHERE, "nowhere")
            }
    assert found == {HERE: [2], ELSEWHERE: [1, 2], "nowhere": []}


def test_a_regulator_is_told_that_a_destination_was_switched_off_with_a_link_to_it(office: Office) -> None:
    client, conn, _ = office
    prefer(conn, "regulator", datetime.now(UTC), quiet=None)
    record(conn)
    with receiving(status=410) as receiver:
        made = register(conn, receiver.url)
        Exporting(OPEN).run_once(conn, datetime.now(UTC))
    work(conn, datetime.now(UTC))
    page = client.get("/notices").text
    assert f'href="/exports/destinations/{made.destination_id}"' in page
    assert "数据共享接收方已停用" in page
    assert "已停用" in client.get("/exports").text
