"""The demo's check can fail: each way a run can go wrong is seen."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from db.weighings import StoredSale
from domain.ids import ScaleId, SpeciesCode
from simulators.truth import Sale
from steelyard.demo.checking import check
from steelyard.demo.latency import percentile

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
        ([GOOD[1], GOOD[0], *GOOD[2:]], "out_of_order"),
        ([replace(GOOD[0], scale_id=ScaleId("SC-002")), *GOOD[1:]], "out_of_order"),
    ],
    ids=["lost", "twice", "changed", "wrongly over", "not found", "two wrongs", "order", "other scale"],
)
def test_whatever_goes_wrong_is_seen(found: list[StoredSale], fault: str) -> None:
    result = check(TRUTH, found)
    assert not result.is_clean
    assert getattr(result, fault) > 0


@pytest.mark.parametrize(("percent", "value"), [(50, 50), (99, 99), (100, 100), (1, 1)])
def test_a_percentile_is_the_nearest_rank(percent: int, value: int) -> None:
    assert percentile(list(range(100, 0, -1)), percent) == value


def test_of_nothing_there_is_no_percentile() -> None:
    assert percentile([], 99) is None
    assert percentile([7], 99) == 7
