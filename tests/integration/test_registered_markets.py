"""Markets are registered and corrected with their trail; what was judged by them stays as it is."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from psycopg import Connection

from db.register import events, markets
from domain.errors import NotFound, RuleViolation
from domain.ids import MarketId
from domain.price_cap import Channel
from domain.register.records import MarketFacts, RegisterAction, SubjectKind
from ingest.batch import take_batch
from pricing.policy import read_rules_policy
from pricing.price_book import BookKeeper
from steelyard.resources import policy_directory
from supervision.register.fields import Unreadable
from supervision.register.markets import correct_market, register_market
from supervision.register.trail import ChangedMeanwhile
from tests.factories import MARKET, NOW, delivery, message, put_market, weighing
from tests.register_acts import because
from tests.web_service import furnished_service, visiting
from tests.web_world import ELSEWHERE, HERE, sign_in

NEW = MarketId("haikou-3")
FACTS = MarketFacts(
    market_name="海口板桥", area="haikou", channel=Channel.STALL, timezone="Asia/Shanghai", operator="板桥公司"
)


def test_a_market_is_registered_once_and_corrected_with_who_when_and_why(conn: Connection) -> None:
    register_market(conn, NEW, FACTS, because("a new hall"))
    with pytest.raises(RuleViolation, match="registered already"):
        register_market(conn, NEW, FACTS, because())
    better = replace(FACTS, market_name="海口板桥海鲜市场", area="hainan", phone="0898-88271234")
    changed = correct_market(conn, NEW, better, revision=1, change=because("its sign", by="lin"))
    assert changed == {
        "market_name": ("海口板桥", "海口板桥海鲜市场"),
        "area": ("haikou", "hainan"),
        "phone": ("", "0898-88271234"),
    }
    known = markets.one(conn, NEW)
    assert known is not None
    assert (known.facts, known.revision) == (better, 2)
    steps = events.of_subject(conn, NEW, SubjectKind.MARKET, NEW)
    assert [(one.action, one.by, one.because) for one in steps] == [
        (RegisterAction.CORRECTED, "lin", "its sign"),
        (RegisterAction.REGISTERED, "zhou", "a new hall"),
    ]


def test_the_same_changes_nothing_and_the_second_of_two_is_told_of_the_first(conn: Connection) -> None:
    register_market(conn, NEW, FACTS, because())
    assert correct_market(conn, NEW, FACTS, revision=1, change=because("")) == {}
    correct_market(conn, NEW, replace(FACTS, address="海秀路"), revision=1, change=because(by="lin"))
    with pytest.raises(ChangedMeanwhile) as late:
        correct_market(conn, NEW, replace(FACTS, address="龙华路"), revision=1, change=because())
    assert late.value.meanwhile[0].by == "lin"


def test_without_a_reason_nothing_is_changed_and_nothing_that_is_not_there(conn: Connection) -> None:
    register_market(conn, NEW, FACTS, because())
    with pytest.raises(RuleViolation, match="for a reason"):
        correct_market(conn, NEW, replace(FACTS, address="x"), revision=1, change=because(" "))
    with pytest.raises(NotFound):
        correct_market(conn, MarketId("none"), FACTS, revision=1, change=because())


@pytest.mark.parametrize(
    "changed", [{"area": "haikou"}, {"channel": Channel.STALL}, {"timezone": "UTC"}], ids=lambda one: next(iter(one))
)
def test_what_was_judged_by_it_stays_as_it_is(conn: Connection, changed: dict[str, Any]) -> None:
    put_market(conn)
    known = markets.one(conn, MARKET)
    assert known is not None
    policy = read_rules_policy(policy_directory() / "rules.toml")
    take_batch(conn, [delivery(message(weighing(1)))], books=BookKeeper(), policy=policy, now=NOW)
    with pytest.raises(Unreadable) as refused:
        correct_market(conn, MARKET, replace(known.facts, **changed), revision=known.revision, change=because())
    assert [problem.field for problem in refused.value.problems] == list(changed)
    assert markets.one(conn, MARKET) == known
    correct_market(conn, MARKET, replace(known.facts, operator="x"), revision=known.revision, change=because())


def test_a_list_tells_what_is_registered_in_each(conn: Connection) -> None:
    put_market(conn)
    register_market(conn, NEW, FACTS, because())
    found = {one.market_id: (one.stalls > 0, one.vendors > 0, one.scales > 0) for one in markets.listed(conn)}
    assert found == {MARKET: (True, True, True), NEW: (False, False, False)}
    assert [one.market_id for one in markets.listed(conn, NEW)] == [NEW]


@pytest.fixture
def world(database_url: str) -> Iterator[tuple[str, Connection]]:
    with furnished_service(database_url) as furnished:
        yield furnished


def send(world: tuple[str, Connection], who: str, path: str, **fields: str) -> httpx.Response:
    address, conn = world
    visitor = sign_in(conn, who)
    with visiting(address, visitor) as client:
        client.cookies.set("steelyard-language", "en")
        return client.post(path, data={"csrf_token": visitor.csrf, **fields})


def look(world: tuple[str, Connection], who: str, path: str) -> httpx.Response:
    address, conn = world
    with visiting(address, sign_in(conn, who)) as client:
        client.cookies.set("steelyard-language", "en")
        return client.get(path)


TYPED = {
    "market_id": NEW,
    "market_name": "海口板桥",
    "area": "haikou",
    "channel": "stall",
    "timezone": "Asia/Shanghai",
    "because": "a new hall",
}


def test_a_regulator_registers_a_market_on_its_page_and_corrects_it(world: tuple[str, Connection]) -> None:
    made = send(world, "regulator", "/registry/markets", **TYPED)
    assert (made.status_code, made.headers["location"]) == (303, f"/registry/markets/{NEW}")
    page = look(world, "regulator", made.headers["location"]).text
    assert "海口板桥" in page
    assert "nothing that is sold here can be judged" in page
    corrected = send(world, "regulator", f"/registry/markets/{NEW}", **TYPED, revision="1", address="海秀路 1 号")
    assert corrected.status_code == 303
    assert "海秀路 1 号" in look(world, "regulator", f"/registry/markets/{NEW}").text
    assert "海口板桥" in look(world, "regulator", "/registry/markets").text


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("market_id", "a b", "letters, digits"),
        ("market_id", HERE, "registered already"),
        ("market_name", "", "is missing"),
        ("area", "", "is missing"),
        ("area", "三亚 市", "letters, digits"),
        ("channel", "shop", "eatery"),
        ("timezone", "Beijing", "time zone database"),
        ("timezone", "../../etc/passwd", "time zone database"),
        ("phone", "call me", "telephone number"),
    ],
)
def test_what_cannot_be_registered_is_named_and_nothing_typed_is_lost(
    world: tuple[str, Connection], field: str, typed: str, said: str
) -> None:
    refused = send(world, "regulator", "/registry/markets", **{**TYPED, field: typed})
    assert refused.status_code == 422
    assert said in refused.text
    assert 'value="a new hall"' in refused.text
    assert {one.market_id for one in markets.listed(world[1])} == {HERE, ELSEWHERE}


def test_a_manager_reads_the_file_of_their_own_market_and_changes_none(world: tuple[str, Connection]) -> None:
    assert look(world, "manager", f"/registry/markets/{HERE}").status_code == 200
    assert look(world, "manager", f"/registry/markets/{ELSEWHERE}").status_code == 404
    listed = look(world, "manager", "/registry/markets").text
    assert HERE in listed
    assert ELSEWHERE not in listed
    assert "Register a market" not in listed
    assert send(world, "manager", "/registry/markets", **TYPED).status_code == 403
    assert send(world, "manager", f"/registry/markets/{HERE}", **TYPED, revision="1").status_code == 403
