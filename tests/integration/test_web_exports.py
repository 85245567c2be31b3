"""The pull API with tokens, what is logged of it, and the pages."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import msgspec
import pytest
from psycopg import Connection

from db import export_accesses, export_tokens
from db.export_accesses import Access, Where
from db.export_tokens import NewToken
from domain.errors import FieldRefused, IllegalTransition
from domain.export import TokenScope
from supervision.exports import tokens
from tests.export_acts import OPEN, RECORDING, by, charge, penalise
from tests.notice_rig import clerk_connection
from tests.web_service import config_for, serving, visiting
from tests.web_world import ELSEWHERE, HERE, furnish, sign_in

API = "/api/v1/exports"
READER = frozenset({TokenScope.CREDIT})


@pytest.fixture
def service(database_url: str) -> Iterator[tuple[str, Connection]]:
    with clerk_connection(database_url) as connection:
        yield from _service(database_url, connection)


def _service(database_url: str, connection: Connection) -> Iterator[tuple[str, Connection]]:
    furnish(connection)
    licensed = "UPDATE vendors SET kind = 'individual', licence_no = '460200600123456' WHERE vendor_id = 'V001'"
    connection.execute(licensed)
    RECORDING.run_once(connection, datetime.now(UTC))
    policy = msgspec.structs.replace(OPEN, requests_per_minute=20, refused_per_minute=5)
    with serving(replace(config_for(database_url), exports_policy=policy)) as address:
        yield address, connection


def make(conn: Connection, **changed: Any) -> tokens.Made:
    values: dict[str, Any] = {
        "department": "税务局",
        "contact": "王某",
        "scopes": READER,
        "expires_at": datetime.now(UTC) + timedelta(days=30),
        **changed,
    }
    return tokens.make(conn, NewToken(**values), OPEN, by=by())


def asking(address: str, token: str) -> httpx.Client:
    return httpx.Client(base_url=address, headers={"Authorization": f"Bearer {token}"}, timeout=60)


def logged(conn: Connection) -> list[Access]:
    return export_accesses.page(conn, Where(), limit=100)


def test_records_are_pulled_page_by_page_masked_and_each_access_is_logged(service: tuple[str, Connection]) -> None:
    address, conn = service
    made = make(conn)
    with asking(address, made.text) as client:
        first = client.get(f"{API}/credit-records?limit=1")
        rest = client.get(f"{API}/credit-records", params={"after": first.json()["next_after"]})
        end = client.get(f"{API}/credit-records", params={"after": rest.json()["next_after"]})
    assert (first.status_code, first.json()["is_more"], rest.json()["is_more"]) == (200, True, False)
    records = [*first.json()["records"], *rest.json()["records"]]
    assert {one["vendor_id"]: one["licence_no"] for one in records} == {"V001": "4602*******3456", "V666": ""}
    assert end.json()["records"] == []
    assert [(one.status, one.records, one.identities) for one in logged(conn)] == [(200, 0, False)] + [
        (200, 1, False)
    ] * 2
    assert logged(conn)[-1].asked == f"{API}/credit-records?limit=1"
    (token,) = export_tokens.tokens(conn)
    assert token.last_used_at is not None
    stored = conn.execute("SELECT to_jsonb(t)::text FROM export_tokens t").fetchone()
    assert stored is not None
    assert made.text.rsplit("_", 1)[1] not in stored[0]


def test_a_token_sees_identities_and_markets_only_as_it_was_given(service: tuple[str, Connection]) -> None:
    address, conn = service
    made = make(conn, scopes=READER | {TokenScope.IDENTITIES}, market_ids=(HERE,))
    with asking(address, made.text) as client:
        (one,) = client.get(f"{API}/credit-records").json()["records"]
        assert (one["vendor_id"], one["licence_no"]) == ("V001", "460200600123456")
        assert client.get(f"{API}/credit-records?market={ELSEWHERE}").status_code == 404
        refused = client.get(f"{API}/penalties")
    assert refused.status_code == 403
    assert "penalties:read" in refused.json()["detail"]
    assert 'scope="penalties:read"' in refused.headers["www-authenticate"]
    assert [(one.status, one.identities) for one in logged(conn)] == [(403, False), (404, False), (200, True)]


def test_an_unchanged_page_is_not_sent_again_and_a_changed_one_is(service: tuple[str, Connection]) -> None:
    address, conn = service
    with asking(address, make(conn).text) as client:
        tag = client.get(f"{API}/credit-records").headers["etag"]
        same = client.get(f"{API}/credit-records", headers={"If-None-Match": tag})
        charge(conn)
        RECORDING.run_once(conn, datetime.now(UTC))
        other = client.get(f"{API}/credit-records", headers={"If-None-Match": tag})
    assert (same.status_code, same.content, other.status_code) == (304, b"", 200)


def test_csv_has_the_same_fields_and_no_formula(service: tuple[str, Connection]) -> None:
    address, conn = service
    penalise(conn)
    conn.execute("UPDATE vendors SET name = '=cmd()' WHERE vendor_id = 'V001'")
    RECORDING.run_once(conn, datetime.now(UTC))
    scopes = frozenset({TokenScope.PENALTIES})
    with asking(address, make(conn, scopes=scopes).text) as client:
        as_json = client.get(f"{API}/penalties").json()["records"]
        by_accept = client.get(f"{API}/penalties", headers={"Accept": "text/csv"})
    (row,) = csv.DictReader(io.StringIO(by_accept.content.decode("utf-8-sig")))
    assert row["vendor_name"] == "'=cmd()"
    assert set(row) == set(as_json[0])
    assert row["sha256"] == as_json[0]["sha256"]


def test_a_parameter_that_cannot_be_read_is_named(service: tuple[str, Connection]) -> None:
    address, conn = service
    with asking(address, make(conn).text) as client:
        for query in (
            "after=x",
            "after=-1",
            "limit=0",
            "limit=99999",
            "format=xml",
            "befor=1",
            "after=²",
            "market=%00",
            "market=%ED%A0%80",
        ):
            answer = client.get(f"{API}/credit-records?{query}")
            assert answer.status_code == 422
            assert query.partition("=")[0] in answer.json()["detail"]
            assert logged(conn)[0].status == 422
        # A name that no database takes is a request like the others: answered, counted, written down.
        assert client.get(f"{API}/credit-records?%00=1").status_code == 422
    assert len(logged(conn)) == 10


def test_a_token_in_the_address_is_not_written_down(service: tuple[str, Connection]) -> None:
    address, conn = service
    made = make(conn)
    key, secret = made.text.split("_", 2)[1:]
    with asking(address, made.text) as client:
        for query in (f"access_token={made.text}", f"after={made.text}", f"{made.text}=1", f"a=sye%5F{key}%5f{secret}"):
            assert client.get(f"{API}/credit-records?{query}").status_code == 422
    for one in logged(conn):
        assert f"sye_{key}_***" in one.asked
        assert secret[:12] not in one.asked + one.problem


def test_a_token_that_is_not_good_is_refused_with_its_reason(service: tuple[str, Connection]) -> None:
    address, conn = service
    revoked, elsewhere = make(conn), make(conn, networks=("10.9.0.0/16",))
    tokens.revoke(conn, revoked.token_id, "their man left", by=by())
    with pytest.raises(IllegalTransition):
        tokens.revoke(conn, revoked.token_id, "again", by=by())
    expired = make(conn, expires_at=datetime.now(UTC) + timedelta(milliseconds=30))
    wrong = f"{elsewhere.text[:-1]}{'A' if elsewhere.text[-1] != 'A' else 'B'}"
    said = []
    for text in (revoked.text, elsewhere.text, expired.text, wrong):
        with asking(address, text) as client:
            answer = client.get(f"{API}/credit-records")
            while text == expired.text and answer.status_code == 200:
                answer = client.get(f"{API}/credit-records")
        assert answer.status_code == 401
        assert 'error="invalid_token"' in answer.headers["www-authenticate"]
        said.append(answer.json()["detail"])
    assert "revoked" in said[0]
    assert "not used from 127.0.0.1" in said[1]
    assert "expired" in said[2]
    assert logged(conn)[0].token_id is None


def test_a_sessions_token_is_none_and_who_tries_on_is_not_even_written_down(service: tuple[str, Connection]) -> None:
    address, conn = service
    session = sign_in(conn, "admin").token
    with asking(address, session) as client:
        statuses = [client.get(f"{API}/credit-records").status_code for _ in range(8)]
        last = client.get(f"{API}/credit-records")
    assert statuses == [401] * 5 + [429] * 3
    assert int(last.headers["retry-after"]) >= 1
    assert len(logged(conn)) == 5
    with asking(address, make(conn).text) as client:
        assert client.get("/api/v1/alerts").status_code == 401
        assert client.get(f"{API}/credit-records").status_code == 200


def test_a_token_has_a_rate_and_what_is_beyond_it_is_logged(service: tuple[str, Connection]) -> None:
    address, conn = service
    with asking(address, make(conn).text) as client:
        statuses = [client.get(f"{API}/credit-records").status_code for _ in range(21)]
        assert statuses == [200] * 20 + [429]
        assert logged(conn)[0].status == 429
        assert [client.get(f"{API}/credit-records").status_code for _ in range(6)] == [429] * 6
        assert len(logged(conn)) == 20 + 5  # refused_per_minute
        token_id = logged(conn)[0].token_id
        assert token_id is not None
        # What was turned away took nobody's room: the window is that of what was answered.
        since, oldest = datetime.now(UTC) - timedelta(minutes=1), logged(conn)[-1].at
        assert export_tokens.in_the_way(conn, token_id, since=since, most=20) == oldest
        assert export_tokens.in_the_way(conn, token_id, since=since, most=21) is None


def test_a_token_that_cannot_be_made_is_refused_by_its_field(database_url: str) -> None:
    wrong: list[dict[str, Any]] = [
        {"department": " "},
        {"contact": "x" * 201},
        {"scopes": frozenset()},
        {"networks": ("10.0.0.999",)},
        {"market_ids": ("nowhere",)},
        {"expires_at": datetime(2020, 1, 1, tzinfo=UTC)},
        {"expires_at": datetime(2999, 1, 1, tzinfo=UTC)},
    ]
    with clerk_connection(database_url) as conn:
        for changed in wrong:
            with pytest.raises(FieldRefused) as refused:
                make(conn, **changed)
            assert refused.value.field in {*changed, "markets"}
        assert export_tokens.tokens(conn) == []


def test_the_pages_make_show_once_revoke_and_list(service: tuple[str, Connection]) -> None:
    address, conn = service
    with visiting(address, sign_in(conn, "regulator")) as client:
        csrf = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/exports/tokens").text)
        assert csrf is not None
        token = {"csrf_token": csrf[1]}
        form = {**token, "department": "税务局", "contact": "王", "scopes": "credit:read", "days": "30"}
        bad = client.post("/exports/tokens", data={**form, "networks": "nowhere"})
        assert bad.status_code == 422
        assert 'value="税务局"' in bad.text
        made = client.post("/exports/tokens", data=form)
        text = re.search(r'id="secret">(sye_[^<]+)<', made.text)
        assert text is not None
        assert text[1] not in client.get("/exports/tokens").text
        with asking(address, text[1]) as other:
            assert other.get(f"{API}/credit-records").status_code == 200
        file = client.get("/exports/accesses.csv")
        assert "税务局" in file.content.decode("utf-8-sig")
        assert "税务局" in client.get("/exports/accesses").text
        client.post("/exports/tokens/1/revoke", data={**token, "because": "no longer needed"})
        assert "no longer needed" in client.get("/exports/tokens").text
        with asking(address, text[1]) as other:
            assert other.get(f"{API}/credit-records").status_code == 401
        destination = {**token, "name": "信用平台", "url": "http://127.0.0.1:9/", "forms": "credit_record"}
        registered = client.post("/exports/destinations", data=destination)
        assert "whsec_" in registered.text
        taken = client.post("/exports/destinations", data=destination)
        assert taken.status_code == 422
        assert "信用平台" in client.get("/exports").text
        assert "whsec_" not in client.get("/exports/destinations/1").text
