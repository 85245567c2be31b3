"""Keeping the register on a real database: steps, their trail, two people at once, the past that is judged again."""

import threading
from datetime import datetime, timedelta

import psycopg
import pytest
from psycopg import Connection, errors

from db import registry
from db.register import events, stalls, vendors
from domain.errors import NotFound, RuleViolation
from domain.ids import MarketId, ScaleId, StallId, VendorId
from domain.register.records import (
    RegisterAction,
    ScaleIdentity,
    StallFacts,
    SubjectKind,
    VendorIdentity,
    VendorKind,
)
from supervision.register import changing, occupying, placing
from supervision.register.moments import BeginsInThePast, When
from supervision.register.seeing import see_in_full
from supervision.register.trail import ChangedMeanwhile
from tests.factories import MARKET, NOW, put_market
from tests.register_acts import A1, A2, COMPANY, S1, S2, because
from tests.waiting import wait_until
from tests.web_world import HERE, furnish, raise_alert

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


ONE, TWO = VendorId("V-1"), VendorId("V-2")


@pytest.fixture
def market(conn: Connection) -> Connection:
    put_market(conn)
    return conn


def holder(conn: Connection, scale: ScaleId, at: datetime) -> tuple[str, str] | None:
    [binding] = registry.bindings_at(conn, [(MARKET, scale, at)])
    return None if binding is None or binding.stall_id is None else (binding.stall_id, str(binding.vendor_id))


def occupant(conn: Connection, stall: StallId, at: datetime) -> str | None:
    return stalls.occupant_at(conn, MARKET, stall, at)


def test_whoever_is_placed_on_a_free_stall_occupies_it(market: Connection) -> None:
    assert (occupant(market, A1, NOW), occupant(market, A2, NOW)) == (ONE, TWO)
    assert occupant(market, A1, NOW - 2 * DAY) is None


def test_a_vendor_is_registered_and_corrected_with_who_when_and_why(market: Connection) -> None:
    changing.register_vendor(market, MARKET, VendorId("V-9"), COMPANY, because("a new contract"))
    moved = VendorIdentity(name="阿海海鲜", kind=VendorKind.COMPANY, credit_code=COMPANY.credit_code)
    changes = changing.correct_vendor(market, MARKET, VendorId("V-9"), moved, revision=1, change=because("renamed"))
    assert changes["name"] == ("阿海海鲜档", "阿海海鲜")
    steps = events.of_subject(market, MARKET, SubjectKind.VENDOR, "V-9")
    assert [(one.action, one.because, one.by, one.at) for one in steps] == [
        (RegisterAction.CORRECTED, "renamed", "zhou", NOW),
        (RegisterAction.REGISTERED, "a new contract", "zhou", NOW),
    ]
    assert steps[0].changes["phone"] == ("13812345678", "")
    assert changing.correct_vendor(market, MARKET, VendorId("V-9"), moved, revision=2, change=because("")) == {}


def test_the_second_of_two_who_correct_at_once_is_told_of_the_first(market: Connection) -> None:
    mine, theirs = VendorIdentity(name="mine"), VendorIdentity(name="theirs")
    changing.correct_vendor(market, MARKET, ONE, theirs, revision=1, change=because(by="li"))
    with pytest.raises(ChangedMeanwhile, match="was changed by li since") as told:
        changing.correct_vendor(market, MARKET, ONE, mine, revision=1, change=because())
    assert [one.by for one in told.value.meanwhile] == ["li"]
    found = vendors.one(market, MARKET, ONE)
    assert found is not None
    assert (found.identity.name, found.revision) == ("theirs", 2)


def test_a_code_is_one_vendors_of_a_market(market: Connection) -> None:
    changing.register_vendor(market, MARKET, VendorId("V-9"), COMPANY, because())
    with pytest.raises(RuleViolation, match="registered for V-9 already: the same business is one vendor"):
        changing.register_vendor(market, MARKET, VendorId("V-10"), COMPANY, because())
    with pytest.raises(RuleViolation, match="registered for V-9 already"):
        changing.correct_vendor(market, MARKET, ONE, COMPANY, revision=1, change=because())
    with pytest.raises(RuleViolation, match="vendor V-9 is registered in sanya-1 already"):
        changing.register_vendor(market, MARKET, VendorId("V-9"), VendorIdentity(name="x"), because())
    put_market(market, market_id=MarketId("other"), with_caps=False)
    changing.register_vendor(market, MarketId("other"), VendorId("W-1"), COMPANY, because())
    assert [one.vendor_id for one in vendors.elsewhere(market, MARKET, COMPANY.credit_code)] == ["W-1"]


def test_nothing_is_changed_without_a_reason_and_nothing_that_is_not_there(market: Connection) -> None:
    with pytest.raises(RuleViolation, match="for a reason"):
        changing.correct_vendor(market, MARKET, ONE, COMPANY, revision=1, change=because(" "))
    with pytest.raises(NotFound):
        changing.correct_stall(market, MARKET, StallId("Z"), StallFacts(), revision=1, change=because())
    with pytest.raises(NotFound):
        changing.correct_scale(market, MARKET, ScaleId("Z"), ScaleIdentity(), revision=1, change=because())
    with pytest.raises(NotFound):
        placing.bind_scale(market, MARKET, ScaleId("Z"), A1, ONE, When(moment=NOW), revision=None, change=because())
    with pytest.raises(NotFound):
        placing.bind_scale(market, MARKET, S1, StallId("Z"), ONE, When(moment=NOW), revision=None, change=because())


def test_the_trail_and_the_log_are_only_appended_to(market: Connection) -> None:
    changing.register_vendor(market, MARKET, VendorId("V-9"), COMPANY, because())
    see_in_full(market, MARKET, VendorId("V-9"), how="page", seen_by=because("a complaint"))
    market.commit()
    for statement in (b"UPDATE registry_events SET by = 'x'", b"DELETE FROM personal_data_views"):
        with pytest.raises(errors.RestrictViolation):
            market.execute(statement)
        market.rollback()


def test_a_scale_moves_at_a_moment_and_ingest_is_told(market: Connection) -> None:
    before = registry.revision(market)
    placing.bind_scale(market, MARKET, S1, A2, None, When(moment=NOW + HOUR), revision=1, change=because("rotation"))
    assert registry.revision(market) > before
    assert holder(market, S1, NOW) == (A1, ONE)
    assert holder(market, S1, NOW + HOUR) == (A2, TWO)
    [step] = events.of_subject(market, MARKET, SubjectKind.SCALE, S1)
    assert (step.action, step.effective_at) == (RegisterAction.BOUND, NOW + HOUR)
    assert step.changes == {"stall_id": ("A-1", "A-2"), "vendor_id": ("V-1", "V-2")}
    with pytest.raises(ChangedMeanwhile):
        placing.bind_scale(market, MARKET, S1, A1, None, When(moment=NOW + DAY), revision=1, change=because())
    with pytest.raises(RuleViolation, match="occupied by V-2 then, not by V-1"):
        placing.bind_scale(market, MARKET, S1, A2, ONE, When(moment=NOW + DAY), revision=2, change=because())


def test_a_scale_is_released_and_stands_nowhere(market: Connection) -> None:
    placing.release_scale(market, MARKET, S1, When(moment=NOW), revision=1, change=because("in repair"))
    assert (holder(market, S1, NOW - HOUR), holder(market, S1, NOW)) == ((A1, ONE), None)
    with pytest.raises(RuleViolation, match="stands on no stall then"):
        placing.release_scale(market, MARKET, S1, When(moment=NOW + HOUR), revision=2, change=because())


def test_two_scales_change_places(market: Connection) -> None:
    placing.exchange_scales(market, MARKET, S1, S2, When(moment=NOW), change=because("monthly rotation"))
    assert (holder(market, S1, NOW), holder(market, S2, NOW)) == ((A2, TWO), (A1, ONE))
    assert (holder(market, S1, NOW - HOUR), holder(market, S2, NOW - HOUR)) == ((A1, ONE), (A2, TWO))


def test_the_past_is_changed_only_where_it_is_meant_and_is_then_judged_again(database_url: str) -> None:
    with psycopg.connect(database_url) as conn:
        furnish(conn)
        raise_alert(conn)
        stall, scale, now = StallId("B-01"), ScaleId(f"{HERE}-s01"), datetime.now(tz=NOW.tzinfo)
        changing.register_stall(conn, HERE, stall, StallFacts(), because(at=now))
        occupying.occupy_stall(
            conn, HERE, stall, VendorId("V001"), When(moment=now - DAY, past_is_meant=True), revision=1,
            change=because(at=now),
        )  # fmt: skip
        with pytest.raises(BeginsInThePast, match="would be judged again"):
            placing.bind_scale(
                conn, HERE, scale, stall, None, When(moment=now - HOUR), revision=None, change=because(at=now)
            )
        placing.bind_scale(
            conn, HERE, scale, stall, None, When(moment=now - HOUR, past_is_meant=True), revision=None,
            change=because(at=now),
        )  # fmt: skip
        asked = conn.execute("SELECT cause, about FROM rejudgements").fetchall()
        assert asked == [("binding", scale)]
        with pytest.raises(RuleViolation, match="expected a moment of the last three years or the next one"):
            placing.release_scale(
                conn, HERE, scale, When(moment=now + 400 * DAY), revision=None, change=because(at=now)
            )


def test_a_stall_is_taken_over_with_its_scales(market: Connection) -> None:
    with pytest.raises(RuleViolation, match=r"stall A-1 is occupied by vendor V-1 \(V-1\) since"):
        occupying.occupy_stall(market, MARKET, A1, TWO, When(moment=NOW), revision=1, change=because())
    occupying.occupy_stall(
        market, MARKET, A1, TWO, When(moment=NOW + HOUR), takes_over=True, revision=1, change=because("lease ended")
    )
    assert (occupant(market, A1, NOW), occupant(market, A1, NOW + HOUR)) == (ONE, TWO)
    assert (holder(market, S1, NOW), holder(market, S1, NOW + HOUR)) == ((A1, ONE), (A1, TWO))


def test_a_stall_is_occupied_until_the_next_one_comes(market: Connection) -> None:
    free = StallId("B-1")
    changing.register_stall(market, MARKET, free, StallFacts(place="hall B", area_dm2=900), because())
    occupying.occupy_stall(market, MARKET, free, TWO, When(moment=NOW + DAY), revision=1, change=because())
    occupying.occupy_stall(market, MARKET, free, ONE, When(moment=NOW), revision=2, change=because())
    assert [occupant(market, free, NOW + hours * HOUR) for hours in (0, 23, 24)] == [ONE, ONE, TWO]
    with pytest.raises(RuleViolation, match="is occupied by vendor V-2"):
        occupying.occupy_stall(
            market, MARKET, free, ONE, When(moment=NOW + 2 * DAY), until=NOW + 3 * DAY, revision=3, change=because()
        )
    with pytest.raises(RuleViolation, match="occupies stall B-1 then already"):
        occupying.occupy_stall(market, MARKET, free, TWO, When(moment=NOW + 2 * DAY), revision=None, change=because())


def test_the_database_refuses_two_on_one_stall(market: Connection) -> None:
    with pytest.raises(errors.ExclusionViolation, match="stall_occupancies_one_at_a_time"):
        stalls.occupy(market, MARKET, A1, TWO, begins=NOW, ends=None, because="", by="x", at=NOW)


def test_a_stall_is_left_and_its_scales_go(market: Connection) -> None:
    occupying.vacate_stall(market, MARKET, A1, When(moment=NOW), scales_go=True, revision=1, change=because("gave up"))
    assert (occupant(market, A1, NOW), holder(market, S1, NOW)) == (None, None)
    with pytest.raises(RuleViolation, match="nobody occupies stall A-1 then"):
        occupying.vacate_stall(market, MARKET, A1, When(moment=NOW), scales_go=True, revision=2, change=because())
    with pytest.raises(RuleViolation, match="nobody occupies stall A-1 then: name the vendor"):
        placing.bind_scale(market, MARKET, S1, A1, None, When(moment=NOW), revision=None, change=because())


@pytest.mark.parametrize(
    ("follow", "stands"),
    [(True, {S1: (A2, ONE), S2: (A1, TWO)}), (False, {S1: (A1, TWO), S2: (A2, ONE)})],
    ids=["scales go along", "scales stay"],
)
def test_two_vendors_change_stalls(
    market: Connection, follow: bool, stands: dict[ScaleId, tuple[StallId, VendorId]]
) -> None:
    occupying.exchange_stalls(
        market, MARKET, A1, A2, When(moment=NOW), scales_follow=follow, change=because("rotation by score")
    )
    assert (occupant(market, A1, NOW), occupant(market, A2, NOW)) == (TWO, ONE)
    assert {scale: holder(market, scale, NOW) for scale in (S1, S2)} == stands
    assert (holder(market, S1, NOW - HOUR), holder(market, S2, NOW - HOUR)) == ((A1, ONE), (A2, TWO))


def test_a_scale_put_on_a_stall_that_somebody_just_takes_over_is_the_new_ones(database_url: str) -> None:
    """Both at once: who puts the scale there waits for who gives the stall away, and then meets what holds."""
    with psycopg.connect(database_url) as giving, psycopg.connect(database_url) as putting:
        put_market(giving)
        giving.commit()
        assert occupant(giving, A1, NOW) == ONE  # begins the transaction that the steps are part of
        occupying.occupy_stall(
            giving, MARKET, A1, TWO, When(moment=NOW), takes_over=True, revision=1, change=because("lease ended")
        )
        put: list[str] = []

        def put_there() -> None:
            moment = When(moment=NOW + HOUR)
            put.append(placing.bind_scale(putting, MARKET, S2, A1, None, moment, revision=1, change=because()))
            putting.commit()

        thread = threading.Thread(target=put_there)
        thread.start()
        try:
            with psycopg.connect(database_url, autocommit=True) as looking:
                waits = b"SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = %s"
                here = [looking.info.dbname]
                wait_until(lambda: looking.execute(waits, here).fetchone() == (1,), what="the second one waits")
        finally:
            giving.commit()
            thread.join(timeout=30)
        assert put == [TWO]
        assert holder(giving, S2, NOW + HOUR) == (A1, TWO)
