"""Pages and API of notices: the bell, the list, one's own wishes, webhooks with their log."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import msgspec
import psycopg
import pytest
from psycopg import Connection

from credit.promises.reminding import RemindingOfOffers
from db import notice_people
from supervision.approvals.reminding import RemindingOfChecks
from supervision.notices.couriers import Courier
from supervision.notices.webhook_carrier import WebhookCarrier
from tests.approval_acts import FEEDING, give
from tests.factories import NOW
from tests.integration import test_promises
from tests.integration.test_web_stream import expect, listening
from tests.notice_rig import POLICY, prefer, work
from tests.web_service import config_for, serving, visiting
from tests.web_world import ELSEWHERE, HOSTILE_NAME, HOSTILE_VENDOR, Visitor, furnish, raise_alert, sign_in
from tests.webhook_receiver import receiving

OPEN = msgspec.structs.replace(POLICY, webhook=msgspec.structs.replace(POLICY.webhook, allow_private=True, timeout_s=3))
SETTINGS = {
    "language": "en",
    "email": "wang@example.com",
    "quiet_from": "22:00",
    "quiet_until": "06:30",
    "breaks_through": True,
    "page": {"minimum": "medium", "first_after_s": 0, "window_s": 900},
    "by_email": {"minimum": None, "first_after_s": 600, "window_s": 3600},
}
FORM = {
    "language": "zh",
    "email": "wang@example.com",
    "has_quiet": "true",
    "quiet_from": "22:00",
    "quiet_until": "06:30",
    "page_minimum": "",
    "page_first_after_s": "0",
    "page_window_s": "1800",
    "email_minimum": "high",
    "email_first_after_s": "600",
    "email_window_s": "14400",
}


@pytest.fixture
def world(database_url: str) -> Iterator[tuple[str, Connection]]:
    with psycopg.connect(database_url, autocommit=True) as conn:
        furnish(conn)
        for username in ("manager", "regulator"):
            prefer(conn, username, datetime.now(UTC), quiet=None)
        with serving(replace(config_for(database_url), notices_policy=OPEN)) as address:
            yield address, conn


def bell(client: httpx.Client) -> Any:
    return client.get("/notices/bell").json()


def post(client: httpx.Client, visitor: Visitor, path: str, **fields: Any) -> httpx.Response:
    return client.post(path, data={"csrf_token": visitor.csrf, **fields})


def test_the_bell_counts_and_says_the_newest_in_the_language_of_the_page(world: tuple[str, Connection]) -> None:
    address, conn = world
    visitor = sign_in(conn, "manager")
    with visiting(address, visitor) as client:
        assert bell(client) == {"unread": 0, "is_more": False, "newest": None}
        raise_alert(conn)
        work(conn, datetime.now(UTC))
        assert bell(client)["newest"]["text"] == "新预警：标价超过调控价，阿海海鲜档"
        client.cookies.set("steelyard-language", "en")
        said = bell(client)
        assert said["unread"] == 1
        assert said["newest"]["text"] == "New alert: Declared price above the cap, 阿海海鲜档"
        letter_id = said["newest"]["id"]
        assert post(client, visitor, f"/notices/{letter_id}/read").status_code == 303
        assert bell(client) == {"unread": 0, "is_more": False, "newest": None}


def test_an_open_page_hears_of_a_notice_of_its_person_and_of_no_other(world: tuple[str, Connection]) -> None:
    address, conn = world
    manager, regulator = sign_in(conn, "manager"), sign_in(conn, "regulator")
    with (
        listening(address, manager, "/notices/stream") as mine,
        listening(address, regulator, "/notices/stream") as theirs,
    ):
        expect(mine, "event: notices")
        expect(theirs, "event: notices")
        raise_alert(conn, market_id=ELSEWHERE, vendor_id=HOSTILE_VENDOR)
        work(conn, datetime.now(UTC))
        assert expect(theirs, "event: notices") < 5
        assert "event: notices" not in list(mine.queue)


def test_the_list_shows_what_came_and_marks_it_read(world: tuple[str, Connection]) -> None:
    address, conn = world
    visitor = sign_in(conn, "regulator")
    alert_id = raise_alert(conn)
    raise_alert(conn, market_id=ELSEWHERE, vendor_id=HOSTILE_VENDOR)
    work(conn, datetime.now(UTC))
    with visiting(address, visitor) as client:
        page = client.get("/notices").text
        assert f'href="/alerts/{alert_id}"' in page
        assert "2 条通知" in page
        assert HOSTILE_NAME not in page
        newest = re.search(r'name="up_to" value="(\d+)"', page)
        assert newest is not None
        raise_alert(conn)  # worse, and after the page was shown
        assert post(client, visitor, "/notices/read", up_to=newest[1]).status_code == 303
        page = client.get("/notices/list").text
        assert "letter-unread" not in page
        client.cookies.set("steelyard-language", "en")
        assert "2 notices" in client.get("/notices").text


def test_news_of_a_check_and_of_a_promise_leads_to_its_page(world: tuple[str, Connection]) -> None:
    address, conn = world
    approval_id = give(conn, subject_name="<b>阿海</b>").approval_id
    RemindingOfChecks(FEEDING.policy, FEEDING.calendar, 60).run_once(conn, NOW)
    promise = test_promises.offered(conn)
    RemindingOfOffers(timedelta(days=30)).run_once(conn, datetime.now(UTC))
    work(conn, datetime.now(UTC))
    with visiting(address, sign_in(conn, "regulator")) as client:
        page = client.get("/notices").text
        assert f'href="/registry/approvals/{approval_id}">批后核查即将到期</a>' in page
        assert "&lt;b&gt;阿海&lt;/b&gt; · 三亚市行政审批服务局 JY14602000012345 · 期限 2026-12-18 · 待核查" in page
        assert "promise-title" not in page
        client.cookies.set("steelyard-language", "en")
        assert bell(client)["newest"]["text"] == "Check after an approval due soon: <b>阿海</b>"
        [item] = [
            one
            for notice in client.get("/api/v1/notices").json()["notices"]
            for one in notice["named"]
            if one["kind"] == "check_near"
        ]
        assert (item["approval_id"], item["check_due_on"], item["alert_id"]) == (approval_id, "2026-12-18", None)
    with visiting(address, sign_in(conn, "manager")) as client:
        page = client.get("/notices").text
        assert f'href="/alerts/{promise.alert_id}#promise-title">承诺答复即将到期</a>' in page
        assert "registry/approvals/" not in page


def test_somebody_elses_notice_is_not_found(world: tuple[str, Connection]) -> None:
    address, conn = world
    raise_alert(conn)
    work(conn, datetime.now(UTC))
    theirs = sign_in(conn, "regulator")
    mine = sign_in(conn, "manager")
    with visiting(address, theirs) as client:
        letter_id = bell(client)["newest"]["id"]
    with visiting(address, mine) as client:
        assert post(client, mine, f"/notices/{letter_id}/read").status_code == 404
    with visiting(address, theirs) as client:
        assert bell(client)["unread"] == 1


def test_what_is_chosen_on_the_page_holds(world: tuple[str, Connection]) -> None:
    address, conn = world
    visitor = sign_in(conn, "manager")
    with visiting(address, visitor) as client:
        assert post(client, visitor, "/notices/settings", **FORM).status_code == 303
        page = client.get("/notices/settings").text
        assert 'value="wang@example.com"' in page
        api = client.get("/api/v1/notices/settings").json()
    assert (api["email"], api["quiet_from"], api["quiet_until"]) == ("wang@example.com", "22:00", "06:30")
    assert (api["page"]["minimum"], api["by_email"]["minimum"], api["breaks_through"]) == (None, "high", False)
    raise_alert(conn)
    work(conn, datetime.now(UTC))
    with visiting(address, visitor) as client:
        assert bell(client)["unread"] == 0


def test_what_cannot_be_used_stays_in_the_form_with_every_reason(world: tuple[str, Connection]) -> None:
    address, conn = world
    visitor = sign_in(conn, "manager")
    wrong = {"email": "wang@", "quiet_from": "25:00", "page_minimum": "awful", "email_window_s": "99999999"}
    with visiting(address, visitor) as client:
        answer = post(client, visitor, "/notices/settings", **{**FORM, **wrong})
        assert answer.status_code == 422
        for said in ("“wang@”不是邮箱地址", "“25:00”不是时刻", "“awful”不是严重程度", "“99999999”不是"):
            assert said in answer.text
        assert 'value="wang@"' in answer.text
    person = notice_people.by_username(conn, "manager")
    assert person is not None
    assert person.preferences is not None
    assert person.preferences.email == ""


def test_the_api_keeps_and_says_everything(world: tuple[str, Connection]) -> None:
    address, conn = world
    with visiting(address) as client:
        headers = sign_in(conn, "manager").bearer
        assert client.put("/api/v1/notices/settings", json=SETTINGS, headers=headers).json() == SETTINGS
        assert client.get("/api/v1/notices/settings", headers=headers).json() == SETTINGS
        wrong = {**SETTINGS, "email": "no address", "quiet_until": "22:00"}
        answer = client.put("/api/v1/notices/settings", json=wrong, headers=headers)
        assert (answer.status_code, answer.json()["type"]) == (422, "rule_violation")
        assert "email is 'no address'; expected an e-mail address" in answer.json()["detail"]
        assert "quiet_until is '22:00'; expected another time" in answer.json()["detail"]
        raise_alert(conn)
        prefer(conn, "manager", datetime.now(UTC), quiet=None)
        work(conn, datetime.now(UTC))
        page = client.get("/api/v1/notices", headers=headers).json()
        [notice] = page["notices"]
        assert (page["unread"], notice["items"], notice["worst"]) == (1, 1, "high")
        assert notice["counts"] == [
            {"kind": "alert_opened", "alert_kind": "price_over_cap", "severity": "high", "count": 1}
        ]
        assert notice["named"][0]["vendor_name"] == "阿海海鲜档"
        up_to = {"up_to": notice["letter_id"]}
        assert client.post("/api/v1/notices/read", json=up_to, headers=headers).json() == {"marked": 1}
        assert client.get("/api/v1/notices", headers=headers).json()["unread"] == 0


def test_a_trial_mail_needs_an_address_and_is_listed(world: tuple[str, Connection]) -> None:
    address, conn = world
    visitor = sign_in(conn, "manager")
    with visiting(address, visitor) as client:
        refused = post(client, visitor, "/notices/settings/trial")
        assert refused.status_code == 422
        assert "请先保存邮箱地址" in refused.text
        post(client, visitor, "/notices/settings", **FORM)
        assert post(client, visitor, "/notices/settings/trial").status_code == 303
        assert "待投递" in client.get("/notices/settings").text
        [mail] = client.get("/api/v1/notices/mails").json()
        assert (mail["state"], mail["items"]) == ("waiting", 0)


def test_a_webhook_from_its_registration_to_its_log(world: tuple[str, Connection]) -> None:
    address, conn = world
    visitor = sign_in(conn, "regulator")
    with receiving() as receiver, visiting(address, visitor) as client:
        made = post(
            client,
            visitor,
            "/notices/webhooks",
            name="市平台",
            url=receiver.url,
            minimum="low",
            kinds=["alert_opened", "alert_graver"],
        )
        assert made.status_code == 200
        secret = re.search(r"whsec_[A-Za-z0-9+/=]+", made.text)
        assert secret is not None
        endpoint = client.get("/api/v1/webhooks").json()[0]
        path = f"/notices/webhooks/{endpoint['endpoint_id']}"
        assert "whsec_" not in client.get(path).text
        assert post(client, visitor, f"{path}/test").status_code == 303
        Courier(WebhookCarrier(OPEN.webhook)).run_once(conn, datetime.now(UTC))
        page = client.get(path).text
        assert "已送达" in page
        assert "200" in page
        [letter] = client.get(f"/api/v1/webhooks/{endpoint['endpoint_id']}/deliveries").json()
        assert [one["status"] for one in letter["attempts"]] == [200]
        assert letter["message_id"] == receiver.received[0].headers["webhook-id"]
        again = post(client, visitor, f"{path}/letters/{letter['letter_id']}/redeliver")
        assert again.status_code == 303
        Courier(WebhookCarrier(OPEN.webhook)).run_once(conn, datetime.now(UTC))
        assert len(receiver.received) == 2
        newer = post(client, visitor, f"{path}/secret")
        assert secret[0] not in newer.text
        assert post(client, visitor, f"{path}/disable", because=" ").status_code == 422
        assert post(client, visitor, f"{path}/disable", because="系统迁移").status_code == 303
        assert "系统迁移" in client.get(path).text
        assert post(client, visitor, f"{path}/test").status_code == 422
        assert post(client, visitor, f"{path}/enable").status_code == 303
    steps = conn.execute("SELECT action, actor FROM webhook_steps ORDER BY step_id").fetchall()
    taken = ["registered", "tested", "redelivered", "secret_changed", "disabled", "enabled"]
    assert steps == [(action, "regulator") for action in taken]
    assert json.loads(receiver.received[0].body)["type"] == "test"


def test_what_was_typed_stays_where_a_webhook_is_refused(world: tuple[str, Connection]) -> None:
    address, conn = world
    visitor = sign_in(conn, "admin")
    with visiting(address, visitor) as client:
        answer = post(client, visitor, "/notices/webhooks", name="市平台", url="ftp://x", kinds=["assigned"])
        assert answer.status_code == 422
        assert 'value="市平台"' in answer.text
        assert 'value="ftp://x"' in answer.text
        assert re.findall(r'value="(\w+)" checked', answer.text) == ["assigned"]
        api = client.post(
            "/api/v1/webhooks", json={"name": "n", "url": "ftp://x"}, headers={"x-csrf-token": visitor.csrf}
        )
        assert (api.status_code, api.json()["type"]) == (422, "rule_violation")
        assert "expected http:// or https://" in api.json()["detail"]
        assert client.get("/api/v1/webhooks").json() == []
        assert client.get("/notices/webhooks/7").status_code == 404
        assert client.get("/api/v1/webhooks/7/deliveries").status_code == 404
