"""The pages of exports: what is refused loses nothing typed, and lists and files are whole."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest
from psycopg import Connection

from db import export_tokens
from tests.export_rig import Exporting
from tests.integration.test_exports import OPEN, register
from tests.integration.test_web_exports import make
from tests.integration.test_web_world import config_for, furnish, serving, sign_in, visiting
from tests.notice_rig import clerk_connection
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
    of_nobody = client.get("/exports/accesses.csv?refused=true").content.decode("utf-8-sig")
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
