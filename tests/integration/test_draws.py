"""Plans and draws in the database: frozen before anybody knows the seed, drawn once, repeated by anybody."""

import json
import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from psycopg import Connection, errors

from db import inspection_lists, inspection_plans, inspections, inspectors
from db.inspection_lists import Which
from domain.errors import BadFile, IllegalTransition, RuleViolation
from domain.ids import VendorId
from domain.inspection import Plan, PlanState, VisitAction
from domain.supervision_item import RiskClass
from supervision.inspections import planning
from supervision.inspections.draw_file import (
    PublishedDraw,
    file_of,
    read_frozen,
    repeat,
    salt_of,
    sha256_of,
    subject_key,
)
from tests.commands import run_here
from tests.draw_acts import LATER, POLICY, SOURCE, a_plan, frozen, put_inspectors
from tests.factories import MARKET, NOW, put_market
from tests.integration.test_items import published as publish_items
from web.drawn import DrawnKept


@pytest.fixture
def world(conn: Connection) -> Connection:
    put_market(conn, scales=12)
    publish_items(conn, at=NOW)
    put_inspectors(conn)
    return conn


def test_a_draw_is_frozen_published_drawn_and_repeated_by_who_has_only_the_file(world: Connection) -> None:
    inspectors.set_class(world, MARKET, VendorId("V-3"), RiskClass.D, reason="two penalties", by="regulator", at=NOW)
    plan_id = frozen(world)
    promised = inspection_plans.one(world, plan_id)
    assert promised is not None
    assert promised.state is PlanState.FROZEN
    assert promised.frozen_sha256 == sha256_of(inspection_plans.frozen(world, plan_id))
    with pytest.raises(RuleViolation, match="nothing is drawn before"):
        planning.draw(world, plan_id, "3311.27", by="regulator", at=NOW + timedelta(hours=1))
    drawn = planning.draw(world, plan_id, " 3311.27 ", by="regulator", at=LATER)
    assert (drawn.state, drawn.public_value) == (PlanState.DRAWN, "3311.27")
    told = planning.published_draw(world, drawn)
    again = repeat(file_of(told), "draw.json")
    assert (again.problems, again.visits, again.subjects, again.inspectors) == ((), 5, 12, 4)
    visits = inspection_lists.of_plan(world, plan_id)
    assert len(visits) == 5
    assert all(len(one.inspectors) == 2 for one in visits)
    whose = inspection_plans.subjects_of(world, plan_id, [one.key for one in told.drawn])
    assert {one.vendor_id for one in visits} == {one.vendor_id for one in whose.values()}
    assert {one.weight for one in read_frozen(told.frozen, "f").subjects} == {4, 36}
    (event,) = inspections.events_of(world, visits[0].inspection_id)
    assert (event.action, event.actor) == (VisitAction.OPEN, "regulator")


def test_the_file_names_no_subject_and_each_can_prove_its_own_key(world: Connection) -> None:
    plan_id = frozen(world)
    text = file_of(planning.published_draw(world, planning.draw(world, plan_id, "1", by="r", at=LATER))).decode()
    assert "V-1" not in text
    assert "vendor" not in text
    salt = inspection_plans.salt(world, plan_id)
    assert salt is not None
    own = salt_of(salt, MARKET, "V-1")
    assert subject_key(own, MARKET, "V-1") in text
    assert subject_key(own, MARKET, "V-2") not in text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda told: told | {"public_value": "3311.28"}, "seed is"),
        (lambda told: told | {"secret": "0" * 64}, "secret is not the one"),
        (lambda told: told | {"drawn": told["drawn"][::-1]}, "visit 1 is"),
        (lambda told: told | {"drawn": told["drawn"][:-1]}, "4 visits are told; the seed gives 5"),
        (lambda told: told | {"frozen": told["frozen"].replace('"weight":4', '"weight":9', 1)}, "frozen_sha256 is"),
    ],
)
def test_a_file_in_which_something_was_changed_does_not_follow(
    world: Connection, tmp_path: Path, change: object, said: str
) -> None:
    plan_id = frozen(world)
    told = json.loads(
        file_of(planning.published_draw(world, planning.draw(world, plan_id, "3311.27", by="r", at=LATER)))
    )
    assert callable(change)
    forged = change(told)
    assert any(said in problem for problem in repeat(json.dumps(forged).encode(), "f").problems)
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text(json.dumps(told), encoding="utf-8")
    bad.write_text(json.dumps(forged), encoding="utf-8")
    environment = {"PATH": os.environ["PATH"]}
    ran = run_here("inspections", "repeat", str(good), environment=environment)
    assert (ran.returncode, "follows from what was frozen" in ran.stdout) == (0, True)
    ran = run_here("inspections", "repeat", str(bad), environment=environment)
    assert ran.returncode == 1
    assert said in ran.stdout


def test_what_is_no_draw_is_refused() -> None:
    for content in (b"", b"{}", b"[1]", b'{"method": "steelyard-draw-1"}'):
        with pytest.raises(BadFile, match="is no published draw"):
            repeat(content, "f")


def test_a_draw_happens_once_and_a_frozen_one_is_never_made_anew_unseen(world: Connection) -> None:
    plan_id = frozen(world)
    with pytest.raises(IllegalTransition, match="plan 1 is frozen"):
        planning.freeze(world, plan_id, public_source="x", public_from=LATER, policy=POLICY, by="r", at=NOW)
    with pytest.raises(RuleViolation, match="say why"):
        planning.abandon(world, plan_id, because=" ", by="r", at=NOW)
    planning.abandon(world, plan_id, because="a market was forgotten", by="r", at=NOW)
    with pytest.raises(IllegalTransition, match="plan 1 is abandoned"):
        planning.draw(world, plan_id, "1", by="r", at=LATER)
    (shown,) = inspection_plans.listed(world, only_public=True)
    assert (shown.abandoned_because, shown.frozen_sha256 is not None) == ("a market was forgotten", True)
    drawn = frozen(world)
    planning.draw(world, drawn, "1", by="r", at=LATER)
    with pytest.raises(IllegalTransition, match="is drawn"):
        planning.draw(world, drawn, "2", by="r", at=LATER)
    assert len(inspection_lists.listed(world, Which())) == 5


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE inspection_plans SET secret = 'another'",
        "UPDATE inspection_plans SET frozen = 'another'",
        "UPDATE inspection_plans SET public_source = 'another'",
        "DELETE FROM inspection_plans",
        "UPDATE draw_subjects SET vendor_id = 'V-2'",
        "DELETE FROM draw_subjects",
    ],
)
def test_what_was_frozen_is_not_changed_even_by_hand(world: Connection, statement: str) -> None:
    frozen(world)
    with pytest.raises(errors.RestrictViolation):
        world.execute(statement)


def test_two_draws_of_the_same_lists_have_different_seeds_and_keys(world: Connection) -> None:
    first = planning.draw(world, frozen(world), "1", by="r", at=LATER)
    second = planning.draw(world, frozen(world), "1", by="r", at=LATER)
    assert first.seed != second.seed
    keys = [
        {one.key for one in read_frozen(inspection_plans.frozen(world, plan.plan_id), "f").subjects}
        for plan in (first, second)
    ]
    assert keys[0] & keys[1] == set()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": " "}, "title is empty"),
        ({"department": "police"}, "department is 'police'; expected one of commerce, market, price"),
        ({"items": ()}, "items are none"),
        ({"items": ("X9",)}, "items holds 'X9'; expected codes of the version in force"),
        ({"items": ("P01",)}, "items holds 'P01' of price; expected items of market"),
        ({"market_ids": ()}, "market_ids are none"),
        ({"market_ids": ("elsewhere",)}, "market_ids are elsewhere"),
        ({"last_day": date(2026, 11, 1)}, "last_day is 2026-11-01"),
        ({"last_day": date(2028, 1, 1)}, "within a year"),
        ({"visits": 0}, "visits is 0; expected 1 to 100000"),
        ({"most": 0}, "most is 0"),
    ],
)
def test_a_plan_that_cannot_be_says_which_field(world: Connection, changes: dict[str, object], said: str) -> None:
    with pytest.raises(RuleViolation, match=said):
        planning.plan(world, a_plan(**changes), by="r", at=NOW)


def test_freezing_refuses_what_could_not_be_fair(conn: Connection) -> None:
    with pytest.raises(RuleViolation, match="no catalogue"):
        planning.plan(conn, a_plan(), by="r", at=NOW)
    put_market(conn, scales=1)
    publish_items(conn, at=NOW)
    plan_id = planning.plan(conn, a_plan(), by="r", at=NOW)

    def freeze(source: str = SOURCE, begins: datetime = LATER, at: datetime = NOW) -> None:
        planning.freeze(conn, plan_id, public_source=source, public_from=begins, policy=POLICY, by="r", at=at)

    with pytest.raises(RuleViolation, match="0 inspectors of market have every qualification"):
        freeze()
    put_inspectors(conn, 2)
    with pytest.raises(RuleViolation, match="public_source is empty"):
        freeze(source=" ")
    with pytest.raises(RuleViolation, match="expected a moment that is still to come"):
        freeze(begins=NOW)
    with pytest.raises(RuleViolation, match="nobody to draw"):
        freeze(at=datetime(2020, 1, 1, tzinfo=UTC))
    assert inspectors.retire(conn, inspectors.listed(conn)[0].user_id, by="admin", at=NOW)
    with pytest.raises(RuleViolation, match="1 inspectors of market"):
        freeze()


def test_a_draw_is_made_once_however_many_look_and_kept_no_longer_than_room_is(
    world: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = [planning.draw(world, frozen(world), "1", by="r", at=LATER) for _ in range(6)]
    made: list[int] = []

    def made_again(conn: Connection, plan: Plan) -> PublishedDraw:
        made.append(plan.plan_id)
        return planning.published_draw(conn, plan)

    monkeypatch.setattr("web.drawn.published_draw", made_again)
    kept = DrawnKept()
    for plan in (drawn[0], drawn[0], *drawn, drawn[5], drawn[0]):
        found = kept.of(world, plan)
        told = planning.published_draw(world, plan)
        assert (found.visits, found.file) == (told.drawn, file_of(told))
    assert made == [*(plan.plan_id for plan in drawn), drawn[0].plan_id]
    still_frozen = inspection_plans.one(world, frozen(world))
    assert still_frozen is not None
    with pytest.raises(IllegalTransition, match="published once it is drawn"):
        kept.of(world, still_frozen)
