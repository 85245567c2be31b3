"""Promises in the database: offered with a confirmation, answered, broken, given back."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from credit.export import as_csv
from credit.ledger import PromiseNotOffered, handle_alert, overturn_by_itself
from credit.promises.duty import EndingPromises
from credit.promises.handling import Answer, Who, answer
from credit.promises.policy import Broken
from credit.report import credit_report
from credit.rules.versions import Rulebook
from db import alerts, credit, promises
from domain.alert import AlertKind, AlertState
from domain.alert_step import AlertAction
from domain.errors import FieldRefused, IllegalTransition, NotFound, RuleViolation, SteelyardError
from domain.ids import MarketId
from domain.promise import MadeHow, Promise, PromiseAction, PromiseState
from supervision.alerts.needs import Asked
from supervision.alerts.states import Authority
from tests.alert_acts import POLICIES, act, someone
from tests.web_world import ELSEWHERE, HERE, VENDOR, furnish, raise_alert

CHIEF = someone("chief", Authority.REGULATOR)
CLERK_OF_MARKET = Who(username="clerk", origin="127.0.0.3", market_id=HERE)
ITSELF = Who(username=f"vendor {VENDOR}", origin="127.0.0.4", market_id=HERE, vendor_id=VENDOR)
DAY = timedelta(days=1)
_A, _S = PromiseAction, PromiseState


@pytest.fixture
def world(conn: Connection) -> Iterator[Connection]:
    furnish(conn)
    yield conn
    conn.rollback()


def small(conn: Connection, **more: Any) -> int:
    """Raise an alert of a little above the cap."""
    return raise_alert(conn, excess_fen=3000, **more)


def confirm(conn: Connection, alert_id: int, *, offers: bool = False) -> None:
    act(conn, alert_id, AlertAction.CONFIRM, by=CHIEF, now=datetime.now(UTC), offers_promise=offers)


def overturn(conn: Connection, alert_id: int) -> None:
    act(conn, alert_id, AlertAction.OVERTURN, by=CHIEF, now=datetime.now(UTC), note="the list was wrong")


def offered(conn: Connection) -> Promise:
    alert_id = small(conn)
    confirm(conn, alert_id, offers=True)
    return of_alert(conn, alert_id)


def of_alert(conn: Connection, alert_id: int) -> Promise:
    found = promises.of_alert(conn, alert_id)
    assert found is not None
    return found


def say(conn: Connection, promise: Promise, action: PromiseAction, **more: Any) -> Promise:
    how = MadeHow.PAGE if action is _A.MAKE else None
    said = answer(
        conn,
        promise.promise_id,
        Answer(**{"action": action, "how": how, **more}),
        by=ITSELF if how is MadeHow.PAGE else CLERK_OF_MARKET,
        now=datetime.now(UTC),
    )
    conn.commit()
    return said


def points(conn: Connection) -> list[int]:
    return [event.points for event in credit.of_vendor(conn, HERE, VENDOR)]


def test_a_promise_is_offered_instead_of_the_deduction_and_kept(world: Connection) -> None:
    promise = offered(world)
    assert points(world) == []
    assert (promise.state, promise.waived_points, promise.waived_rule) == (
        _S.OFFERED,
        -1,
        "price_over_cap.points.low",
    )
    assert "绝不突破调控价格" in promise.text_zh
    alert = alerts.by_id(world, promise.alert_id)
    assert alert is not None
    assert alert.state is AlertState.CONFIRMED
    made = say(world, promise, _A.MAKE)
    assert made.until is not None
    later = made.until + timedelta(seconds=1)
    EndingPromises().run_once(world, later)
    EndingPromises().run_once(world, later)
    assert of_alert(world, promise.alert_id).state is _S.KEPT
    steps = promises.steps_of(world, promise.promise_id)
    assert [(step.actor, step.action) for step in steps] == [
        ("chief", _A.OFFER),
        (f"vendor {VENDOR}", _A.MAKE),
        ("system", _A.KEEP),
    ]
    assert points(world) == []


def test_declined_or_lapsed_costs_what_it_would_have_then(world: Connection) -> None:
    promise = offered(world)
    say(world, promise, _A.DECLINE, note="不签")
    (event,) = credit.of_vendor(world, HERE, VENDOR)
    assert (event.points, event.rule, event.alert_id) == (-1, promise.waived_rule, promise.alert_id)
    assert event.rules_version == promise.rules_version
    with pytest.raises(IllegalTransition, match="cannot make a promise that is declined; possible: nothing more"):
        say(world, promise, _A.MAKE)
    world.rollback()
    overturn(world, promise.alert_id)
    assert points(world) == [-1, 1]
    # What it answered was no breach: the next one is the first, and may end in a promise.
    assert of_alert(world, promise.alert_id).state is _S.VOID
    following = small(world, kind=AlertKind.EFFECTIVE_PRICE_OVER_CAP)
    confirm(world, following, offers=True)
    assert of_alert(world, following).state is _S.OFFERED


def test_an_offer_that_ran_out_is_charged_by_a_clerk_once_and_can_be_made_no_more(world: Connection) -> None:
    promise = offered(world)
    EndingPromises().run_once(world, promise.offer_until - timedelta(seconds=1))
    assert of_alert(world, promise.alert_id).state is _S.OFFERED
    with pytest.raises(RuleViolation, match="it has run out"):
        answer(
            world,
            promise.promise_id,
            Answer(action=_A.MAKE, how=MadeHow.PAGE),
            by=CLERK_OF_MARKET,
            now=promise.offer_until,
        )
    world.rollback()
    for clerk in (EndingPromises(), EndingPromises()):
        clerk.run_once(world, promise.offer_until)
    assert of_alert(world, promise.alert_id).state is _S.LAPSED
    assert points(world) == [-1]


def test_a_breach_within_the_term_counts_twice_and_its_rule_says_why(world: Connection) -> None:
    promise = say(world, offered(world), _A.MAKE)
    breach = small(world, kind=AlertKind.EFFECTIVE_PRICE_OVER_CAP)
    confirm(world, breach)
    (event,) = credit.of_vendor(world, HERE, VENDOR)
    assert (event.points, event.factor, event.promise_id) == (-2, 2, promise.promise_id)
    assert event.rule == f"effective_price_over_cap.points.low ×2 promise {promise.promise_id}"
    broken = of_alert(world, promise.alert_id)
    assert (broken.state, broken.breakers) == (_S.BROKEN, frozenset({breach}))
    report = credit_report(world, HERE, VENDOR, book=Rulebook((POLICIES.credit,)), now=datetime.now(UTC))
    assert report.score.score == 98
    assert f"×2 promise {promise.promise_id}" in as_csv(report)
    overturn(world, breach)
    assert points(world) == [-2, 2]
    assert of_alert(world, promise.alert_id).state is _S.MADE


def test_what_happened_before_the_promise_does_not_break_it(world: Connection) -> None:
    earlier = small(world, kind=AlertKind.EFFECTIVE_PRICE_OVER_CAP)
    promise = say(world, offered(world), _A.MAKE)
    confirm(world, earlier)
    assert points(world) == [-1]
    assert of_alert(world, promise.alert_id).state is _S.MADE


def test_a_promise_whose_breach_never_was_is_void_and_what_broke_it_counts_once(world: Connection) -> None:
    promise = say(world, offered(world), _A.MAKE)
    breach = small(world)
    confirm(world, breach)
    overturn(world, promise.alert_id)
    assert points(world) == [-2, 2, -1]
    assert of_alert(world, promise.alert_id).state is _S.VOID
    overturn(world, breach)
    assert points(world) == [-2, 2, -1, 1]


def test_an_overturn_by_itself_lets_the_offer_fall(world: Connection) -> None:
    promise = offered(world)
    overturn_by_itself(world, promise.alert_id, why="nothing is left", now=datetime.now(UTC), policies=POLICIES)
    world.commit()
    assert of_alert(world, promise.alert_id).state is _S.VOID
    EndingPromises().run_once(world, promise.offer_until + DAY)
    assert points(world) == []


def test_a_broken_promise_charges_what_was_waived_where_the_policy_says_so(world: Connection) -> None:
    policies = replace(
        POLICIES,
        promises=type(POLICIES.promises)(
            version="strict",
            in_force_from=POLICIES.promises.in_force_from,
            first=POLICIES.promises.first,
            offer=POLICIES.promises.offer,
            broken=Broken(factor=3, charges_waived=True),
            family=POLICIES.promises.family,
        ),
    )
    alert_id = small(world)
    asked = Asked(action=AlertAction.CONFIRM)
    handle_alert(world, alert_id, asked, by=CHIEF, now=datetime.now(UTC), policies=policies, offers_promise=True)
    promise = say(world, of_alert(world, alert_id), _A.MAKE)
    for expected in ([-3, -1], [-3, -1, 3, 1, -3, -1]):
        breach = small(world)
        confirm(world, breach)
        assert points(world) == expected
        overturn(world, breach)
    assert sum(points(world)) == 0
    assert of_alert(world, promise.alert_id).state is _S.MADE


def test_only_a_first_minor_breach_may_end_in_one(world: Connection) -> None:
    grave, other = raise_alert(world, excess_fen=60_000), small(world, kind=AlertKind.CLOCK_DRIFT)
    for alert_id, reason in ((grave, "too_severe"), (other, "other_kind")):
        with pytest.raises(PromiseNotOffered, match=reason):
            confirm(world, alert_id, offers=True)
        world.rollback()
    confirm(world, grave)
    second = small(world)
    with pytest.raises(PromiseNotOffered) as refused:
        confirm(world, second, offers=True)
    world.rollback()
    assert refused.value.reasons == ("deduction_before",)
    overturn(world, grave)
    confirm(world, second, offers=True)
    third = small(world, kind=AlertKind.TARE_ABUSE)
    with pytest.raises(PromiseNotOffered, match="enough_in_cycle"):
        confirm(world, third, offers=True)
    world.rollback()
    with pytest.raises(FieldRefused, match="dismiss offers none"):
        act(world, third, AlertAction.DISMISS, by=CHIEF, offers_promise=True)


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"how": None}, "how is missing; expected one of paper, page, oral"),
        ({"how": MadeHow.ORAL}, "note is missing; expected who heard it, and where"),
        ({"how": MadeHow.PAPER}, "photo is missing; expected a photo of the signed paper"),
        ({"how": MadeHow.PAPER, "photo_id": 999}, "photo is 999"),
        ({"note": "x" * 2001}, "note is 2001 characters long"),
        ({"revision": 7}, "after a step that you had not seen"),
        ({"action": _A.KEEP}, "cannot keep a promise that is offered; possible: make, decline"),
        ({"action": _A.LAPSE}, "does not lapse by anybody's word; possible: make, decline"),
        ({"action": _A.ANNUL}, "does not annul by anybody's word; possible: make, decline"),
        ({"action": _A.DECLINE, "how": MadeHow.PAGE}, "expected nothing: it was declined"),
    ],
)
def test_an_answer_says_what_it_needs(world: Connection, said: dict[str, Any], problem: str) -> None:
    promise = offered(world)
    with pytest.raises(RuleViolation) as refused:
        say(world, promise, said.pop("action", _A.MAKE), **said)
    assert problem in str(refused.value)


def test_on_the_page_only_the_vendor_gives_its_word(world: Connection) -> None:
    promise = offered(world)
    said = Answer(action=_A.MAKE, how=MadeHow.PAGE)
    with pytest.raises(FieldRefused, match="on the page only the vendor gives its word"):
        answer(world, promise.promise_id, said, by=CLERK_OF_MARKET, now=datetime.now(UTC))
    assert of_alert(world, promise.alert_id).state is _S.OFFERED


def test_another_markets_promise_does_not_exist(world: Connection) -> None:
    promise = offered(world)
    for who in (Who(username="x", market_id=ELSEWHERE), Who(username="x", market_id=MarketId("nowhere"))):
        with pytest.raises(NotFound, match="no promise"):
            answer(world, promise.promise_id, Answer(action=_A.DECLINE), by=who, now=datetime.now(UTC))
        world.rollback()


def test_of_two_answers_at_once_one_is_taken(world: Connection, database_url: str) -> None:
    promise = offered(world)
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def try_to(action: PromiseAction) -> None:
        with psycopg.connect(database_url) as own:
            start.wait()
            try:
                say(own, promise, action)
                outcomes.append("done")
            except SteelyardError as error:
                outcomes.append(type(error).__name__)

    people = [threading.Thread(target=try_to, args=[action]) for action in (_A.MAKE, _A.DECLINE)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert sorted(outcomes) == ["IllegalTransition", "done"]
    assert len(promises.steps_of(world, promise.promise_id)) == 2


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE promises SET text_zh = 'x'",
        "UPDATE promises SET waived_points = -9",
        "DELETE FROM promises",
        "UPDATE promise_steps SET note = 'x'",
        "DELETE FROM promise_steps",
    ],
)
def test_what_was_promised_stays_as_it_was_said(world: Connection, statement: str) -> None:
    offered(world)
    with pytest.raises(psycopg.errors.RestrictViolation):
        world.execute(statement.encode())


def test_an_alert_has_one_line_that_stands(world: Connection) -> None:
    alert_id = small(world)
    confirm(world, alert_id)
    columns = "market_id, vendor_id, alert_id, occurred_at, recorded_at, recorded_by, reason, points, rule"
    columns += ", rules_version"
    again = f"INSERT INTO credit_events ({columns}) SELECT {columns} FROM credit_events"
    with pytest.raises(psycopg.errors.UniqueViolation, match="charged already"):
        world.execute(again.encode())
