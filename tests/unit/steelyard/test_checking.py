"""The demo's check can fail: each way a run can go wrong is seen."""

from dataclasses import fields, replace
from datetime import UTC, datetime

import pytest

from db.weighings import StoredSale
from domain.ids import MarketId, ScaleId, SpeciesCode
from simulators.market.truth import Sale
from steelyard.demo.checking import Check, check
from steelyard.demo.headless import Outcome
from steelyard.demo.latency import AlertWatch, percentile

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def sale(n: int, *, over: bool | None = False, scale: str = "SC-001") -> Sale:
    return Sale(
        n=n,
        scale_id=scale,
        stall_id="A-01",
        vendor_id="V-001",
        plu="2001",
        species="F09",
        grade="",
        name="紫红笛鲷",
        net_g=1000 + n,
        unit_price_fen=16400,
        price_unit="kg",
        amount_fen=16400,
        over_cap=over,
        sold_at=NOW,
        shown=True,
    )


def stored(one: Sale, verdict: str | None = None) -> StoredSale:
    by_truth = {True: "over", False: "within", None: "unlisted"}[one.over_cap]
    return StoredSale(
        scale_id=ScaleId(one.scale_id),
        seq=one.n,
        weighed_at=NOW,
        species_code=SpeciesCode(one.species),
        grade=one.grade,
        plu=one.plu,
        net_g=one.net_g,
        unit_price_fen=one.unit_price_fen,
        price_unit=one.price_unit,
        amount_fen=one.amount_fen,
        verdict=verdict or by_truth,
        paid_verdict=verdict or by_truth,
    )


TRUTH = [sale(1), sale(2, over=True), sale(3, over=None), sale(4, scale="SC-002", over=True)]
GOOD = [stored(one) for one in TRUTH]


def test_a_run_where_everything_arrived_is_clean() -> None:
    result = check(TRUTH, GOOD)
    assert result.is_clean
    assert (result.sold, result.stored, result.over_cap_expected, result.over_cap_found) == (4, 4, 2, 2)


@pytest.mark.parametrize(
    ("found", "fault"),
    [
        (GOOD[:-1], "missing"),
        ([*GOOD, GOOD[0]], "doubled"),
        ([replace(GOOD[0], net_g=1), *GOOD[1:]], "missing"),
        ([stored(TRUTH[0], "over"), *GOOD[1:]], "judged_wrongly"),
        ([GOOD[0], stored(TRUTH[1], "within"), *GOOD[2:]], "judged_wrongly"),
        ([stored(TRUTH[0], "over"), stored(TRUTH[1], "within"), *GOOD[2:]], "judged_wrongly"),
        ([stored(TRUTH[0], "no_list"), *GOOD[1:]], "judged_wrongly"),
        ([stored(TRUTH[0], "unlisted"), *GOOD[1:]], "judged_wrongly"),
        ([*GOOD[:2], stored(TRUTH[2], "within"), GOOD[3]], "judged_wrongly"),
        ([GOOD[1], GOOD[0], *GOOD[2:]], "out_of_order"),
        ([replace(GOOD[0], scale_id=ScaleId("SC-002")), *GOOD[1:]], "out_of_order"),
    ],
    ids=[
        *("lost", "twice", "changed", "wrongly over", "not found", "two wrongs"),
        *("without its list", "without its cap", "capped for nothing", "order", "other scale"),
    ],
)
def test_whatever_goes_wrong_is_seen(found: list[StoredSale], fault: str) -> None:
    result = check(TRUTH, found)
    assert not result.is_clean
    assert getattr(result, fault) > 0


def test_a_lost_sale_is_lost_and_not_judged_wrongly_too() -> None:
    result = check(TRUTH, GOOD[:-1])
    assert (result.missing, result.judged_wrongly) == (1, 0)


def outcome(watch_failure: str | None) -> Outcome:
    return Outcome(
        check=Check(**dict.fromkeys((field.name for field in fields(Check)), 0)),
        published=0,
        unreceipted=0,
        quarantined=0,
        alerted=0,
        alerts_open=0,
        latencies_ms=[],
        watch_failure=watch_failure,
        elapsed_s=0,
    )


def test_a_run_whose_watch_died_is_not_clean_and_says_why() -> None:
    assert outcome(None).as_json()["ok"] is True
    died = outcome("Unavailable: the database is away").as_json()
    assert (died["ok"], died["watch_failure"]) == (False, "Unavailable: the database is away")


def test_the_death_of_a_watch_is_noticed() -> None:
    watch = AlertWatch("postgresql://nobody@127.0.0.1:1/none", MarketId("sanya-1"))
    with watch.running():
        pass
    assert watch.failure is not None
    assert watch.failure.startswith("Unavailable: the database is away")


@pytest.mark.parametrize(("percent", "value"), [(50, 50), (99, 99), (100, 100), (1, 1)])
def test_a_percentile_is_the_nearest_rank(percent: int, value: int) -> None:
    assert percentile(list(range(100, 0, -1)), percent) == value


def test_of_nothing_there_is_no_percentile() -> None:
    assert percentile([], 99) is None
    assert percentile([7], 99) == 7
