"""An answer to a complaint confirms its alerts, and may offer a promise with them just as the page of an alert may."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import httpx
import msgspec
import psycopg
import pytest
from psycopg import Connection

from db import promises
from domain.alert import AlertKind
from domain.promise import PromiseState
from tests.complaint_acts import NOW, entry, file, sell
from tests.web_service import config_for, serving, visiting
from tests.web_world import HERE, VENDOR, Visitor, furnish, sign_in

A_DAY = timedelta(days=1)
#: As the reference example, and a complaint may end in a promise.
FAMILY = "prices"


@dataclass(frozen=True)
class Desk:
    """A manager who answers complaints, and a look behind them."""

    conn: Connection
    client: httpx.Client
    visitor: Visitor

    def complaint(self, *sales: int) -> str:
        """Return where a complaint is that was taken on, about sales of as many days."""
        tickets = [sell(self.conn, seq, at=NOW - n * A_DAY) for n, seq in enumerate(sales)]
        filed = file(self.conn, entry(ticket=tickets[0]))
        for seq in sales[1:]:
            found = self.conn.execute("SELECT weighed_at FROM weighings WHERE seq = %s", [seq]).fetchone()
            assert found is not None
            link = {"scale": f"{HERE}-s01", "journal": "j", "seq": str(seq), "weighed_at": found[0].isoformat()}
            assert self.send(f"/complaints/{filed.complaint_id}/links", **link).status_code == 303
        assert self.send(f"/complaints/{filed.complaint_id}/accept").status_code == 303
        return f"/complaints/{filed.complaint_id}"

    def send(self, path: str, **fields: Any) -> httpx.Response:
        return self.client.post(path, data={"csrf_token": self.visitor.csrf, **fields})

    def answer(self, where: str, **fields: Any) -> httpx.Response:
        said = {"outcome": "upheld", "note": "查实了", "decide_alerts": "true"}
        return self.send(f"{where}/answer", **(said | fields))

    def states(self) -> list[str]:
        return [row[0] for row in self.conn.execute("SELECT state FROM alerts ORDER BY alert_id")]

    def points(self) -> list[int]:
        return [row[0] for row in self.conn.execute("SELECT points FROM credit_events ORDER BY event_id")]


@pytest.fixture
def desk(database_url: str) -> Iterator[Desk]:
    config = config_for(database_url)
    shipped = config.promises_policy
    families = tuple(
        msgspec.structs.replace(one, kinds=(*one.kinds, AlertKind.COMPLAINT), scope=(*one.scope, AlertKind.COMPLAINT))
        if one.name == FAMILY
        else one
        for one in shipped.family
    )
    policy = msgspec.structs.replace(shipped, family=families)
    with psycopg.connect(database_url, autocommit=True) as conn:
        furnish(conn)
        visitor = sign_in(conn, "manager")
        with serving(replace(config, promises_policy=policy)) as address, visiting(address, visitor) as client:
            yield Desk(conn, client, visitor)


def test_a_promise_is_offered_with_the_answer_instead_of_the_deduction(desk: Desk) -> None:
    where = desk.complaint(7)
    page = desk.client.get(where).text
    assert 'name="offer_promise" value="1"' in page
    assert "确认将扣 3 分" in page
    assert "绝不突破调控价格" in page
    assert desk.answer(where, offer_promise="1").status_code == 303
    [promise] = promises.of_vendor(desk.conn, HERE, VENDOR)
    assert (promise.alert_id, promise.state, promise.waived_points) == (1, PromiseState.OFFERED, -3)
    assert (desk.states(), desk.points()) == (["confirmed"], [])
    [step] = promises.steps_of(desk.conn, promise.promise_id)
    assert (step.actor, step.note) == ("manager", "complaint 1: 查实了")
    assert 'id="promise-title"' in desk.client.get("/alerts/1").text


def test_without_the_tick_it_costs_what_it_costs(desk: Desk) -> None:
    assert desk.answer(desk.complaint(7)).status_code == 303
    assert (desk.states(), desk.points()) == (["confirmed"], [-3])
    assert promises.of_vendor(desk.conn, HERE, VENDOR) == []


def test_of_two_alerts_each_is_asked_for_and_a_second_promise_is_refused_with_everything(desk: Desk) -> None:
    where = desk.complaint(7, 8)
    assert len(desk.states()) == 2
    refused = desk.answer(where, offer_promise=["1", "2"])
    assert refused.status_code == 422
    assert "该预警已不能以承诺代替扣分" in refused.text
    assert "查实了" in refused.text
    assert refused.text.count("checked") >= 3, "both ticks and that of the alerts stay"
    assert (desk.states(), desk.points()) == (["open", "open"], [])
    assert desk.conn.execute("SELECT state FROM complaints").fetchone() == ("accepted",)
    assert desk.answer(where, offer_promise="2").status_code == 303
    assert (desk.states(), desk.points()) == (["confirmed", "confirmed"], [-3])
    assert [one.alert_id for one in promises.of_vendor(desk.conn, HERE, VENDOR)] == [2]


def test_where_it_may_not_be_offered_the_page_says_why(desk: Desk) -> None:
    desk.answer(desk.complaint(7), offer_promise="1")
    desk.conn.execute("UPDATE alerts SET business_day = business_day - 9")
    page = desk.client.get(desk.complaint(9)).text
    assert 'name="offer_promise"' not in page
    assert "不能以承诺代替扣分：" in page


@pytest.mark.parametrize(
    "changed",
    [{"decide_alerts": ""}, {"outcome": "not_upheld"}, {"offer_promise": "999"}],
    ids=["the alerts are left open", "it is not right", "another alert"],
)
def test_a_promise_with_what_is_not_confirmed_leaves_the_answer_unsent(desk: Desk, changed: dict[str, str]) -> None:
    where = desk.complaint(7)
    refused = desk.answer(where, **({"offer_promise": "1"} | changed))
    assert refused.status_code == 422
    assert "只有投诉属实且同时处理未决预警时" in refused.text
    assert "查实了" in refused.text
    assert (desk.states(), desk.points()) == (["open"], [])
    assert desk.conn.execute("SELECT state FROM complaints").fetchone() == ("accepted",)


def test_a_program_does_the_same_and_is_told_what_is_wrong(desk: Desk) -> None:
    where = f"/api/v1{desk.complaint(7)}/answer"
    said = {"outcome": "upheld", "note": "查实了", "offer_promises": [1]}
    refused = desk.client.post(where, json=said, headers=desk.visitor.bearer)
    assert refused.status_code == 422
    assert "offer_promises" in refused.text
    done = desk.client.post(where, json=said | {"decide_alerts": True}, headers=desk.visitor.bearer)
    assert done.status_code == 200
    assert promises.of_alert(desk.conn, 1) is not None
    assert desk.points() == []
