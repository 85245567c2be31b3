"""Rounds of stall rotation on a real database: frozen, proposed, changed, confirmed, in force; and what is refused."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from psycopg import Connection, errors

from credit.rotation import applying, planning
from credit.rotation.editing import Edit, EditKind
from credit.rotation.explaining import explain
from credit.rotation.model import Pin
from credit.rotation.round_file import file_of, repeat
from db import registry, rotation_needs, rotation_rounds
from db.register import stalls
from db.rotation_needs import NewNeeds
from domain.errors import IllegalTransition, NotFound, RuleViolation
from domain.ids import ScaleId, StallId, VendorId
from domain.register.records import Source, StallFacts, TankSupply
from domain.rotation import RoundState
from steelyard.demo.plan import MARKET as DEMO_MARKET
from steelyard.demo.plan import DemoPlan
from steelyard.demo.register import register_market
from supervision.register import changing, occupying
from supervision.register.moments import When
from tests.at_once import meanwhile
from tests.commands import run_here
from tests.factories import MARKET, NOW
from tests.register_acts import COMPANY, because
from tests.rotation_acts import (
    CREDIT_RULES,
    LATER,
    RULES,
    SOURCE,
    VALUE,
    classed,
    confirmed,
    deduct,
    drafted,
    frozen,
    proposed,
    put_rotating_market,
)

DAY = timedelta(days=1)
CONFIRMED_BY_WHO_FROZE_IT = (
    "UPDATE rotation_rounds SET state = 'confirmed', confirmed_version = 1, confirmed_by = 'li', confirmed_at = now()"
)
NEEDS = NewNeeds(
    goods_zone="", needs_tank=True, least_area_dm2=None, ground_floor=False, hardship=False, because="sells live fish"
)


@pytest.fixture
def market(conn: Connection) -> Connection:
    put_rotating_market(conn)
    return conn


def occupants(conn: Connection, at: datetime) -> dict[str, str | None]:
    return {f"A-{n}": stalls.occupant_at(conn, MARKET, StallId(f"A-{n}"), at) for n in range(1, 7)}


def holder_of(conn: Connection, scale: str, at: datetime) -> tuple[str | None, str | None]:
    [binding] = registry.bindings_at(conn, [(MARKET, ScaleId(scale), at)])
    return (None, None) if binding is None else (binding.stall_id, binding.vendor_id)


def test_a_round_goes_from_draft_to_the_register(market: Connection) -> None:
    for n, points in ((1, 30), (2, 5), (3, 0), (4, 20)):
        if points:
            deduct(market, n, points)
    of = confirmed(market)

    found = planning.proposed(market, of)
    by_vendor = {str(one.vendor_id): one.stall_id for one in rotation_rounds.places(market, of.round_id, 1)}

    # are A, A-2 and A-6 are B. V-3, V-5 and V-6 have full scores; of them V-3 stood in C and V-6 in B.
    assert {by_vendor["V-3"], by_vendor["V-6"]} == {"A-1", "A-5"}
    assert {by_vendor["V-5"], by_vendor["V-2"]} == {"A-2", "A-6"}
    assert (by_vendor["V-4"], by_vendor["V-1"]) == ("A-3", "A-4")
    assert found.solution.gap == 0
    assert found.solution.objective == of.by_seed

    moved = applying.put_in_force(
        market, of.round_id, NOW + DAY, scales_follow=True, by="wang", now=LATER, source=Source.PAGE
    )

    assert planning.known(market, of.round_id).state is RoundState.IN_FORCE
    assert {vendor: stall for stall, vendor in occupants(market, NOW + DAY).items()} == by_vendor
    assert occupants(market, LATER) == {f"A-{n}": f"V-{n}" for n in range(1, 7)}
    assert moved == sum(1 for vendor, stall in by_vendor.items() if vendor[2:] != str(stall)[2:])
    assert {holder_of(market, f"S-{n}", NOW + DAY) for n in range(1, 7)} == {
        (by_vendor[f"V-{n}"], f"V-{n}") for n in range(1, 7)
    }


def test_scales_may_stay_on_their_stalls(market: Connection) -> None:
    deduct(market, 1, 30)
    of = confirmed(market)
    applying.put_in_force(market, of.round_id, NOW + DAY, scales_follow=False, by="wang", now=LATER, source=Source.PAGE)

    now_there = occupants(market, NOW + DAY)
    assert {holder_of(market, f"S-{n}", NOW + DAY) for n in range(1, 7)} == {
        (f"A-{n}", now_there[f"A-{n}"]) for n in range(1, 7)
    }


def test_a_file_of_a_round_is_repeated_by_anybody_and_a_change_by_hand_stands_in_it(market: Connection) -> None:
    deduct(market, 1, 30)
    of = proposed(market)
    one = next(place for place in rotation_rounds.places(market, of.round_id, 1) if place.vendor_id == "V-1")
    best = next(stall for stall in ("A-1", "A-5") if stall != one.stall_id)
    edit = Edit(kind=EditKind.PIN, stall_id=best, number=one.number)

    _, after, pins, told = planning.tried(market, of.round_id, edit)
    version = planning.change_by_hand(market, of.round_id, edit, "a lease that runs", seen=1, by="li", now=LATER)

    assert version == 2
    assert told.costs > 0
    assert any(move.claim != one.number for move in told.falls)
    assert pins == (Pin(stall_id=best, claim=one.number),)
    of = planning.known(market, of.round_id)
    file = planning.published_round(market, of)
    again = repeat(file_of(file), "round.json")
    assert again.problems == ()
    assert (again.objective, again.by_seed - again.objective) == (after.objective, told.costs)
    why = explain(planning.proposed(market, of).rotation, planning.proposed(market, of).solution, one.number)
    assert why.stall is not None
    assert why.stall.stall_id == best


def test_two_are_exchanged_kept_back_and_released_again(market: Connection) -> None:
    of = proposed(market)
    places = {one.number: one.stall_id for one in rotation_rounds.places(market, of.round_id, 1)}

    planning.change_by_hand(
        market, of.round_id, Edit(kind=EditKind.EXCHANGE, number=1, other=2), "both asked", seen=1, by="li", now=LATER
    )
    swapped = {one.number: one.stall_id for one in rotation_rounds.places(market, of.round_id, 2)}
    assert (swapped[1], swapped[2]) == (places[2], places[1])

    stall = str(places[1])
    planning.change_by_hand(
        market, of.round_id, Edit(kind=EditKind.RELEASE, stall_id=stall), "no more", seen=2, by="li", now=LATER
    )
    planning.change_by_hand(
        market, of.round_id, Edit(kind=EditKind.KEEP_BACK, stall_id="A-4"), "a leak", seen=3, by="li", now=LATER
    )
    left = rotation_rounds.places(market, of.round_id, 4)
    assert "A-4" not in {one.stall_id for one in left}
    assert [one.stall_id for one in left].count(None) == 1
    with pytest.raises(RuleViolation, match="is not given by hand"):
        planning.tried(market, of.round_id, Edit(kind=EditKind.RELEASE, stall_id="Z-9"))
    with pytest.raises(RuleViolation, match="not one of this round"):
        planning.tried(market, of.round_id, Edit(kind=EditKind.PIN, stall_id="A-2", number=99))
    with pytest.raises(RuleViolation, match="does not take part"):
        planning.tried(market, of.round_id, Edit(kind=EditKind.PIN, stall_id="Z-9", number=1))


def test_who_had_a_hand_in_it_does_not_confirm_it(market: Connection) -> None:
    of = proposed(market)
    planning.change_by_hand(
        market, of.round_id, Edit(kind=EditKind.KEEP_BACK, stall_id="A-4"), "a leak", seen=1, by="chen", now=LATER
    )
    for hand in ("li", "chen"):
        with pytest.raises(RuleViolation, match="somebody else has to confirm it"):
            planning.confirm(market, of.round_id, seen=2, by=hand, now=LATER)
    with pytest.raises(IllegalTransition, match="has version 2 by now"):
        planning.confirm(market, of.round_id, seen=1, by="wang", now=LATER)
    planning.confirm(market, of.round_id, seen=2, by="wang", now=LATER)
    with pytest.raises(IllegalTransition):
        planning.change_by_hand(
            market, of.round_id, Edit(kind=EditKind.KEEP_BACK, stall_id="A-3"), "late", seen=2, by="li", now=LATER
        )


def test_a_change_that_was_looked_at_before_another_is_looked_at_again(market: Connection) -> None:
    of = proposed(market)
    edit = Edit(kind=EditKind.KEEP_BACK, stall_id="A-4")
    planning.change_by_hand(market, of.round_id, edit, "a leak", seen=1, by="li", now=LATER)
    with pytest.raises(IllegalTransition, match="look at it, then decide again"):
        planning.change_by_hand(market, of.round_id, edit, "a leak", seen=1, by="chen", now=LATER)


def test_nothing_is_frozen_that_cannot_be_reckoned(market: Connection) -> None:
    classed(market, 3, "")
    with pytest.raises(RuleViolation, match="position_class of 1 stalls is none of A, B, C, D: A-3"):
        frozen(market)


def test_a_market_where_nobody_holds_a_stall_has_no_round(conn: Connection) -> None:
    put_rotating_market(conn, vendors=0)
    with pytest.raises(RuleViolation, match="nobody holds a stall"):
        frozen(conn)


@pytest.mark.parametrize(
    ("source", "hours", "problem"),
    [("", 1, "no_source"), (SOURCE, 0, "known_already_when"), ("x" * 501, 1, "no_source")],
)
def test_a_public_value_is_named_before_it_can_be_known(
    market: Connection, source: str, hours: int, problem: str
) -> None:
    round_id = drafted(market)
    with pytest.raises(RuleViolation) as told:
        planning.freeze(
            market,
            round_id,
            public_source=source,
            public_from=NOW + timedelta(hours=hours),
            rules=RULES,
            credit_rules=CREDIT_RULES,
            by="li",
            now=NOW,
        )
    assert told.value.problem == problem


@pytest.mark.parametrize(("value", "minutes", "problem"), [(VALUE, 59, "drawn_too_early"), ("  ", 60, "no_value")])
def test_nothing_is_proposed_before_the_value_is_known(
    market: Connection, value: str, minutes: int, problem: str
) -> None:
    of = frozen(market)
    with pytest.raises(RuleViolation) as told:
        planning.propose(market, of.round_id, value, by="li", now=NOW + timedelta(minutes=minutes))
    assert told.value.problem == problem


def test_a_draft_for_a_day_that_is_past_or_without_a_title_is_refused(market: Connection) -> None:
    for title, day, problem in (("", NOW.date(), "round_without_title"), ("t", (NOW - DAY).date(), "past_day")):
        with pytest.raises(RuleViolation) as told:
            planning.draft(market, MARKET, title, day, by="li", now=NOW, today=NOW.date())
        assert told.value.problem == problem


def test_a_round_that_was_given_up_stays_with_its_reason(market: Connection) -> None:
    of = proposed(market)
    with pytest.raises(RuleViolation, match="say why"):
        planning.abandon(market, of.round_id, " ", by="li", now=LATER)
    planning.abandon(market, of.round_id, "the hall is rebuilt", by="li", now=LATER)
    with pytest.raises(IllegalTransition):
        planning.confirm(market, of.round_id, seen=1, by="wang", now=LATER)
    assert planning.known(market, of.round_id).abandoned_because == "the hall is rebuilt"
    with pytest.raises(NotFound):
        planning.known(market, 999)


def test_scores_and_needs_stay_as_they_were_frozen(market: Connection) -> None:
    of = frozen(market)
    deduct(market, 3, 60)
    rotation_needs.insert_needs(market, MARKET, VendorId("V-3"), NEEDS, by="li", at=LATER)
    of = planning.propose(market, of.round_id, VALUE, by="li", now=LATER)

    [place] = [one for one in rotation_rounds.places(market, of.round_id, 1) if one.vendor_id == "V-3"]
    assert (place.score, place.tier) == (100, "A")
    assert place.stall_id is not None


def test_needs_are_met_or_told_and_apart_is_kept(market: Connection) -> None:
    rotation_needs.insert_needs(market, MARKET, VendorId("V-1"), NEEDS, by="li", at=NOW)
    classed(market, 6, "B", tank=TankSupply.YES)
    pair = (VendorId("V-2"), VendorId("V-1"))
    rotation_needs.insert_apart(market, MARKET, pair, holds=True, because="a quarrel", by="li", at=NOW)
    rotation_needs.insert_needs(market, MARKET, VendorId("V-6"), replace(NEEDS, needs_tank=False), by="li", at=NOW)

    of = proposed(market)
    found = planning.proposed(market, of)

    places = {one.vendor_id: one for one in rotation_rounds.places(market, of.round_id, 1)}
    assert places[VendorId("V-1")].stall_id == "A-6"
    assert found.rotation.apart == ((places[VendorId("V-1")].number, places[VendorId("V-2")].number),)
    assert [(one.one, one.other) for one in rotation_needs.apart(market, MARKET)] == [("V-1", "V-2")]
    rotation_needs.insert_apart(market, MARKET, pair, holds=False, because="made up", by="li", at=NOW)
    assert rotation_needs.apart(market, MARKET) == []


def test_who_holds_no_stall_and_has_needs_takes_part_and_a_stall_that_closes_does_not(market: Connection) -> None:
    changing.register_vendor(market, MARKET, VendorId("V-9"), COMPANY, because())
    rotation_needs.insert_needs(market, MARKET, VendorId("V-9"), replace(NEEDS, needs_tank=False), by="li", at=NOW)
    closing = StallFacts(position_class="A", open_until=NOW.date())
    known = stalls.one(market, MARKET, StallId("A-5"))
    assert known is not None
    changing.correct_stall(
        market, MARKET, StallId("A-5"), closing, revision=known.revision, change=because("it is torn down")
    )

    of = proposed(market)

    places = rotation_rounds.places(market, of.round_id, 1)
    assert len(places) == 7
    assert [one.stall_id for one in places].count(None) == 2
    assert "A-5" not in {one.stall_id for one in places}


def test_the_register_follows_only_what_is_confirmed_and_nothing_where_somebody_moved(market: Connection) -> None:
    deduct(market, 1, 30)
    of = proposed(market)
    with pytest.raises(IllegalTransition, match="follows a confirmed one"):
        applying.put_in_force(
            market, of.round_id, NOW + DAY, scales_follow=True, by="wang", now=LATER, source=Source.PAGE
        )
    planning.confirm(market, of.round_id, seen=1, by="wang", now=LATER)
    occupying.exchange_stalls(
        market, MARKET, StallId("A-1"), StallId("A-2"), When(moment=LATER), scales_follow=True, change=because(at=LATER)
    )
    before = occupants(market, NOW + DAY)
    with pytest.raises(RuleViolation, match="when the round was frozen"):
        applying.put_in_force(
            market, of.round_id, NOW + DAY, scales_follow=True, by="wang", now=LATER, source=Source.PAGE
        )
    assert occupants(market, NOW + DAY) == before
    assert planning.known(market, of.round_id).state is RoundState.CONFIRMED


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE rotation_rounds SET frozen = frozen || ' '",
        "UPDATE rotation_rounds SET seed = 'aa'",
        "UPDATE rotation_rounds SET takes_effect_on = takes_effect_on + 1",
        "DELETE FROM rotation_rounds",
        "UPDATE rotation_claims SET score = score + 1",
        "UPDATE rotation_proposals SET objective = 0",
        "DELETE FROM rotation_places",
        "UPDATE rotation_stall_prices SET price = 0",
        "UPDATE vendor_stall_needs SET hardship = true",
        CONFIRMED_BY_WHO_FROZE_IT,
    ],
)
def test_the_database_keeps_a_round_as_it_was(market: Connection, statement: str) -> None:
    rotation_needs.insert_needs(market, MARKET, VendorId("V-3"), NEEDS, by="li", at=NOW)
    proposed(market)
    with pytest.raises((errors.RestrictViolation, errors.CheckViolation, errors.RaiseException)):
        market.execute(statement.encode())


def test_the_last_round_and_the_round_of_a_vendor_are_found(market: Connection) -> None:
    first = confirmed(market)
    assert rotation_rounds.last_before(market, MARKET, first.round_id) is None
    applying.put_in_force(market, first.round_id, LATER, scales_follow=True, by="wang", now=LATER, source=Source.PAGE)
    second = frozen(market, now=LATER)
    assert rotation_rounds.last_before(market, MARKET, second.round_id) == (first.round_id, 1)
    assert rotation_rounds.of_vendor(market, MARKET, VendorId("V-2")) == [(first.round_id, 2)]
    assert rotation_rounds.of_vendor(market, MARKET, VendorId("V-x")) == []
    assert [one.round_id for one in rotation_rounds.listed(market, MARKET)] == [second.round_id, first.round_id]


def test_the_command_says_whether_a_round_follows(market: Connection, tmp_path: Path) -> None:
    deduct(market, 1, 30)
    content = file_of(planning.published_round(market, proposed(market)))
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_bytes(content)
    bad.write_bytes(content.replace(b'"A-1"', b'"A-0"').replace(b'"A-2"', b'"A-1"').replace(b'"A-0"', b'"A-2"'))
    environment = {"PATH": os.environ["PATH"]}
    ran = run_here("rotation", "repeat", str(good), environment=environment)
    assert (ran.returncode, "the round follows from what was frozen" in ran.stdout) == (0, True)
    ran = run_here("rotation", "repeat", str(good), "--frozen", "0" * 64, "--json", environment=environment)
    assert (ran.returncode, json.loads(ran.stdout)["follows"]) == (1, False)
    ran = run_here("rotation", "repeat", str(bad), environment=environment)
    assert (ran.returncode, "does NOT follow" in ran.stdout) == (1, True)
    ran = run_here("rotation", "repeat", str(tmp_path / "none.json"), environment=environment)
    assert (ran.returncode, "cannot be read" in ran.stdout + ran.stderr) == (2, True)


def test_a_round_of_the_demo_market_can_be_drawn_at_once(conn: Connection, tmp_path: Path) -> None:
    plan = DemoPlan(stalls=12, state=tmp_path).market
    for _ in range(2):  # again changes nothing
        register_market(conn, plan, NOW, password="eight or more")
    of = proposed(conn, market_id=DEMO_MARKET, now=NOW)

    places = rotation_rounds.places(conn, of.round_id, 1)
    assert len(places) == 12
    assert None not in {one.stall_id for one in places}


def test_of_two_who_propose_at_once_the_second_is_told(market: Connection, database_url: str) -> None:
    of = frozen(market)
    market.commit()

    def propose(value: str) -> Callable[[Connection], object]:
        return lambda conn: planning.propose(conn, of.round_id, value, by="li", now=LATER)

    refused = meanwhile(market, database_url, first=propose(VALUE), second=propose("3127.46"))

    assert isinstance(refused, IllegalTransition)
    assert planning.known(market, of.round_id).public_value == VALUE
    assert len(rotation_rounds.proposals(market, of.round_id)) == 1


def test_what_is_confirmed_is_what_was_seen_though_somebody_changes_it_meanwhile(
    market: Connection, database_url: str
) -> None:
    of = proposed(market)
    market.commit()
    edit = Edit(kind=EditKind.KEEP_BACK, stall_id="A-4")

    refused = meanwhile(
        market,
        database_url,
        first=lambda conn: planning.change_by_hand(conn, of.round_id, edit, "a leak", seen=1, by="li", now=LATER),
        second=lambda conn: planning.confirm(conn, of.round_id, seen=1, by="wang", now=LATER),
    )

    assert isinstance(refused, IllegalTransition)
    assert planning.known(market, of.round_id).state is RoundState.PROPOSED


def test_a_confirmed_round_is_put_into_the_register_once(market: Connection, database_url: str) -> None:
    deduct(market, 1, 30)
    of = confirmed(market)
    market.commit()

    def apply(conn: Connection) -> object:
        return applying.put_in_force(
            conn, of.round_id, NOW + DAY, scales_follow=True, by="wang", now=LATER, source=Source.PAGE
        )

    refused = meanwhile(market, database_url, first=apply, second=apply)

    assert isinstance(refused, IllegalTransition)
    assert None not in occupants(market, NOW + DAY).values()
