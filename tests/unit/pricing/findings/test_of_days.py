"""What a vendor's day shows: each rule at its edge, in the smallest market that shows it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest

from domain.alert import AlertKind
from domain.ids import JournalId, MarketId, ScaleId, SpeciesCode, VendorId
from domain.price_cap import Verdict
from domain.weighed import Usual, Weighed
from domain.weighing import WeighingKey
from pricing.findings.days import Finding, MarketDay, sales_of
from pricing.findings.of_days import findings_of_day
from pricing.findings.of_goods import at_least_by_chance
from pricing.policy import read_rules_policy
from steelyard.resources import policy_directory

POLICY = read_rules_policy(policy_directory() / "rules.toml").findings
MORNING = datetime(2026, 11, 22, 0, 0, tzinfo=UTC)
V1 = VendorId("V-1")
F01 = SpeciesCode("F01")


def sold(n: int, at_s: float, vendor: str = "V-1", **fields: Any) -> Weighed:
    key = WeighingKey(MarketId("m"), ScaleId(f"S-{vendor}"), JournalId("j"), n, MORNING + timedelta(seconds=at_s))
    values = {
        "received_at": key.weighed_at,
        "stall_id": None,
        "species": F01,
        "grade": "",
        "net_g": 1000,
        "per_kg_fen": 20000,
    }
    return Weighed(key=key, vendor_id=VendorId(vendor), **{**values, "verdict": Verdict.WITHIN, **fields})


def day(*weighed: Sequence[Weighed], **known: Any) -> MarketDay:
    by_vendor = {of_it[0].vendor_id: of_it for of_it in weighed}
    until = MORNING + timedelta(hours=16)
    return MarketDay(market_id=MarketId("m"), day=date(2026, 11, 22), until=until, by_vendor=by_vendor, **known)


def seen(market: MarketDay) -> dict[AlertKind, Finding]:
    return {one.kind: one for one in findings_of_day(market, POLICY)}


def every(step_s: float, count: int, vendor: str = "V-1", **fields: Any) -> list[Weighed]:
    return [sold(n + 1, n * step_s, vendor, **fields) for n in range(count)]


def test_an_honest_day_shows_nothing() -> None:
    assert seen(day(every(600, 50), every(610, 50, "V-2"))) == {}


@pytest.mark.parametrize(("unlisted", "found"), [(12, False), (16, True)])
def test_many_more_unlisted_goods_than_the_market_has(unlisted: int, found: bool) -> None:
    many = [sold(n, n * 600, verdict=Verdict.UNLISTED if n <= unlisted else Verdict.WITHIN) for n in range(1, 51)]
    market = day(many, *(every(610, 50, f"V-{n}") for n in range(2, 6)))
    assert (AlertKind.OTHER_OVERUSE in seen(market)) is found


def test_unlisted_goods_that_the_whole_market_sells_are_no_ones_fault() -> None:
    vendors = [every(600, 50, f"V-{n}", verdict=Verdict.UNLISTED) for n in range(1, 6)]
    assert AlertKind.OTHER_OVERUSE not in seen(day(*vendors))


def test_the_binomial_tail_is_exact() -> None:
    assert at_least_by_chance(0, 5, 0.3) == pytest.approx(1)
    assert at_least_by_chance(5, 5, 0.5) == pytest.approx(1 / 32)
    assert at_least_by_chance(1, 2, 0.5) == pytest.approx(3 / 4)


@pytest.mark.parametrize(("fen", "found"), [(12000, False), (11999, True), (33340, False), (33341, True)])
def test_a_days_median_far_from_the_markets_for_the_goods_keyed(fen: int, found: bool) -> None:
    market = day(every(600, 5, per_kg_fen=fen), market_usual={(F01, ""): Usual(30, 20000, 18000, 22000)})
    assert (AlertKind.SPECIES_SUSPECT in seen(market)) is found


def test_no_rule_of_prices_speaks_before_it_has_samples_enough() -> None:
    few = Usual(19, 20000, 20000, 20000)
    usual = {"market_usual": {(F01, ""): few}, "own_usual": {(V1, F01, ""): few}}
    assert seen(day(every(600, 9, per_kg_fen=90000, verdict=Verdict.UNLISTED), **usual)) == {}


def test_prices_far_from_the_vendors_own_usual_are_told_with_the_furthest() -> None:
    prices = [20000] * 10 + [40000, 9000, 10000]
    weighed = [sold(n, n * 600, per_kg_fen=fen) for n, fen in enumerate(prices, start=1)]
    found = seen(day(weighed, own_usual={(V1, F01, ""): Usual(30, 20000, 19000, 21000)}))
    assert found[AlertKind.PRICE_OFF_USUAL].figures == {"sales": 3, "usual_fen": 20000, "price_fen": 9000}
    assert len(found[AlertKind.PRICE_OFF_USUAL].witnesses) == 3


def test_goods_whose_price_always_varies_widely_are_not_off() -> None:
    weighed = every(600, 9, per_kg_fen=40000, verdict=Verdict.UNLISTED)
    assert AlertKind.PRICE_OFF_USUAL not in seen(
        day(weighed, own_usual={(V1, F01, ""): Usual(30, 20000, 10000, 30000)})
    )


@pytest.mark.parametrize(
    ("fen", "verdict", "found"),
    [(40001, Verdict.UNLISTED, True), (40000, Verdict.UNLISTED, False), (90000, Verdict.OVER, False)],
    ids=["above twice the median", "at it", "a cap applies"],
)
def test_a_spike_only_where_no_cap_applies(fen: int, verdict: Verdict, found: bool) -> None:
    market = day(
        [sold(1, 0, per_kg_fen=fen, verdict=verdict)], market_usual={(F01, ""): Usual(30, 20000, 19000, 21000)}
    )
    assert (AlertKind.PRICE_SPIKE in seen(market)) is found


def test_three_runs_of_like_portions_are_split_and_two_are_not() -> None:
    def runs(count: int) -> list[Weighed]:
        times = [(run * 3600 + part * 12, 300 + 5 * part) for run in range(count) for part in range(3)]
        return [sold(n, at_s, net_g=net_g) for n, (at_s, net_g) in enumerate(times, start=1)]

    assert seen(day(runs(3)))[AlertKind.SPLIT_WEIGHING].figures == {"runs": 3, "longest": 3}
    assert AlertKind.SPLIT_WEIGHING not in seen(day(runs(2)))


def test_customers_in_a_row_who_want_other_weights_are_no_run() -> None:
    weighed = [sold(n, n * 20, net_g=300 * (n % 3 + 1)) for n in range(1, 30)]
    assert seen(day(weighed)) == {}


def test_the_same_load_three_times_again_is_told_and_a_voided_one_does_not_count() -> None:
    pairs = [sold(2 * run + part + 1, run * 3600 + part * 12, net_g=700 + run) for run in range(3) for part in range(2)]
    assert seen(day(pairs))[AlertKind.REPEATED_WEIGHING].figures == {"pairs": 3}
    corrected = sold(9, 9999, verdict=None, voids_seq=1)
    assert AlertKind.REPEATED_WEIGHING not in seen(day([*pairs, corrected]))
    assert [one.key.seq for one in sales_of([*pairs, corrected])] == [2, 3, 4, 5, 6]


@pytest.mark.parametrize(("verdict", "found"), [(Verdict.OVER, True), (Verdict.WITHIN, False)])
def test_three_voided_sales_above_the_cap(verdict: Verdict, found: bool) -> None:
    sales = [sold(n, n * 600, verdict=verdict) for n in (1, 2, 3)]
    voids = [sold(n + 3, 3000 + n * 600, verdict=None, voids_seq=n) for n in (1, 2, 3)]
    assert (AlertKind.FREQUENT_VOIDS in seen(day([*sales, *voids]))) is found


def test_a_scale_that_is_silent_while_the_neighbours_weigh() -> None:
    neighbours = [every(900, 60, f"V-{n}") for n in range(2, 9)]
    quiet = [one for one in every(900, 60) if not 10 <= one.key.seq <= 26]
    assert set(seen(day(quiet, *neighbours))) == {AlertKind.SCALE_SILENT}
    assert seen(day([one for one in every(900, 60) if not 10 <= one.key.seq <= 20], *neighbours)) == {}
    assert seen(day(quiet, *neighbours[:4])) == {}


def test_a_vendor_who_weighs_half_as_much_as_the_median_over_some_days() -> None:
    counts = {VendorId(f"V-{n}"): 150 for n in range(1, 8)} | {V1: 82}
    scales = {vendor: (ScaleId(f"S-{vendor}"), None) for vendor in counts}
    (found,) = findings_of_day(day(every(600, 3), counts=counts, scales=scales), POLICY)
    assert (found.kind, found.vendor_id) == (AlertKind.LOW_USE, V1)
    assert found.figures == {"weighings": 82, "days": 3, "median": 150}
    assert [key.seq for key in found.keys] == [0]
    assert seen(day(every(600, 3), counts=counts | {V1: 83}, scales=scales)) == {}


def test_a_rule_of_days_that_is_off_is_silent() -> None:
    off = msgspec.structs.replace(POLICY, off=(AlertKind.FREQUENT_VOIDS,))
    sales = [sold(n, n * 600, verdict=Verdict.OVER) for n in (1, 2, 3)]
    voids = [sold(n + 3, 3000 + n * 600, verdict=None, voids_seq=n) for n in (1, 2, 3)]
    assert list(findings_of_day(day([*sales, *voids]), off)) == []


def to_and_fro(turns: int, *, arrived_at: Callable[[Weighed], datetime]) -> list[Weighed]:
    """Weighings that change their journal so many times, by when they were made."""
    made = every(600, turns + 1)
    other = [in_another(one) if n % 2 else one for n, one in enumerate(made)]
    return [replace(one, received_at=arrived_at(one)) for one in other]


def in_another(one: Weighed, **key: Any) -> Weighed:
    return replace(one, key=one.key._replace(journal_id=JournalId("k"), **key))


@pytest.mark.parametrize(("turns", "found"), [(1, False), (3, False), (4, True)])
def test_two_devices_under_one_scales_name(turns: int, found: bool) -> None:
    market = day(to_and_fro(turns, arrived_at=lambda one: one.key.weighed_at))
    assert (AlertKind.SCALE_DOUBLED in seen(market)) is found
    if found:
        assert seen(market)[AlertKind.SCALE_DOUBLED].figures == {"journals": 2, "turns": 4}


def test_a_new_record_whose_clock_was_off_is_no_second_device() -> None:
    """By their times they go to and fro; but all of one came before any of the other."""
    market = day(to_and_fro(9, arrived_at=lambda one: MORNING + timedelta(hours=9 + (one.key.journal_id == "k"))))
    assert AlertKind.SCALE_DOUBLED not in seen(market)


def test_two_scales_of_one_vendor_are_no_second_device() -> None:
    others = [in_another(one, scale_id=ScaleId("S-2")) for one in every(600, 9)]
    assert AlertKind.SCALE_DOUBLED not in seen(day([*every(600, 9), *others]))
