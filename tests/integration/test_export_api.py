"""Destinations for programs, with a person's session."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from psycopg import Connection

from tests.export_acts import OPEN, charge, record
from tests.export_rig import Exporting
from tests.notice_rig import clerk_connection
from tests.web_service import config_for, serving
from tests.web_world import HERE, furnish, sign_in
from tests.webhook_receiver import receiving

PATH = "/api/v1/exports"
Program = tuple[httpx.Client, Connection]


@pytest.fixture
def program(database_url: str) -> Iterator[Program]:
    with clerk_connection(database_url) as conn:
        furnish(conn)
        record(conn)
        visitor = sign_in(conn, "regulator")
        with (
            serving(replace(config_for(database_url), exports_policy=OPEN)) as address,
            httpx.Client(base_url=f"{address}{PATH}", headers=visitor.bearer, timeout=120) as client,
        ):
            yield client, conn


def registered(client: httpx.Client, url: str, **changed: Any) -> dict[str, Any]:
    new = {"name": "信用平台", "url": url, "forms": ["credit_record"], "market_ids": [HERE], **changed}
    answer = client.post("/destinations", json=new)
    assert answer.status_code == 201
    made: dict[str, Any] = answer.json()
    return made


def test_a_destination_from_its_registration_to_its_ledger(program: Program) -> None:
    client, conn = program
    with receiving() as receiver:
        made = registered(client, receiver.url)
        one = f"/destinations/{made['destination_id']}"
        assert made["secret"].startswith("whsec_")
        assert "secret" not in client.get(one).json()
        assert client.get("/destinations").json() == [client.get(one).json()]
        assert client.post(f"{one}/test").status_code == 202
        assert client.post(f"{one}/test").status_code == 409
        for _ in range(2):
            Exporting(OPEN).run_once(conn, datetime.now(UTC))
        (trial,) = client.get(f"{one}/tests").json()
        assert (trial["status"], trial["error"]) == (200, "")
        changed = client.post(f"{one}/secret").json()
        assert changed["secret"] not in (made["secret"], "")
        assert changed["previous_until"] is not None
        (line,) = client.get(f"{one}/deliveries").json()
        assert (line["state"], line["vendor_id"], line["version"]) == ("accepted", "V001", 1)
        batch = client.get(f"/batches/{line['batch_id']}").json()
        assert batch["idempotency_key"] == receiver.received[1].headers["idempotency-key"]
        assert [one["status"] for one in batch["attempts"]] == [200]
        assert batch["records"] == [line]
    assert client.post(f"{one}/disable", json={"because": "系统迁移"}).json()["disabled_because"] == "系统迁移"
    assert client.post(f"{one}/disable", json={"because": "again"}).status_code == 409
    assert client.post(f"{one}/enable").json()["disabled_at"] is None
    actions = ["enabled", "disabled", "secret_changed", "tested", "registered"]
    assert [(step["action"], step["actor"]) for step in client.get(f"{one}/steps").json()] == [
        (action, "regulator") for action in actions
    ]


def test_what_was_refused_is_sent_again_and_the_ledger_is_read_page_by_page(program: Program) -> None:
    client, conn = program
    with receiving(status=422) as receiver:
        one = f"/destinations/{registered(client, receiver.url)['destination_id']}"
        Exporting(OPEN).run_once(conn, datetime.now(UTC))
        (line,) = client.get(f"{one}/deliveries", params={"state": "refused"}).json()
        again = f"/batches/{line['batch_id']}/send-again"
        assert client.post(again, json={"because": " "}).status_code == 422
        receiver.status = 200
        sent = client.post(again, json={"because": "their form was mended"})
        assert (sent.status_code, sent.json()["batch_id"] != line["batch_id"]) == (202, True)
        charge(conn)
        record(conn)
        for _ in range(2):
            Exporting(OPEN).run_once(conn, datetime.now(UTC))
        assert client.post(again, json={"because": "once more"}).status_code == 409
    (newest,) = client.get(f"{one}/deliveries", params={"limit": 1}).json()
    (older,) = client.get(f"{one}/deliveries", params={"before": newest["revision"]}).json()
    assert (newest["version"], older["version"], older["batch_id"]) == (2, 1, sent.json()["batch_id"])
    assert client.get(f"{one}/deliveries", params={"before": older["revision"]}).json() == []


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x\0"}, "name"),
        ({"url": "ftp://example.com/"}, "ftp"),
        ({"forms": []}, "forms"),
        ({"forms": ["everything"]}, "forms"),
        ({"market_ids": ["nowhere"]}, "markets"),
    ],
)
def test_what_cannot_be_registered_is_named(program: Program, changed: dict[str, Any], field: str) -> None:
    client, _ = program
    new = {"name": "信用平台", "url": "https://example.com/", **changed}
    answer = client.post("/destinations", json=new)
    assert answer.status_code == 422
    assert field in answer.text
    assert client.get("/destinations").json() == []


def test_who_is_not_there_is_not_found_and_a_number_that_is_none_is_refused(program: Program) -> None:
    client, _ = program
    of_nobody = ("", "/steps", "/deliveries", "/tests")
    assert {client.get(f"/destinations/7{part}").status_code for part in of_nobody} == {404}
    assert client.get("/batches/7").status_code == 404
    assert client.get("/batches/%00").status_code == 422
    assert client.get(f"/destinations/{'9' * 30}").status_code == 422
    registered(client, "", name="档案室")
    assert client.post("/destinations/1/test").status_code == 409
    assert client.post("/destinations/1/secret").status_code == 409
