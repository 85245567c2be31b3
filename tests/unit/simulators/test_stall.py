"""A stall moment by moment: key, settle, hold until the total is shown, take off."""

import math
from collections.abc import Callable
from dataclasses import replace

import pytest

from domain.units import PriceUnit, yuan
from simulators.device import Device, make_device
from simulators.faults import parse_fault
from simulators.market.goods import MarketGoods
from simulators.market.price_tables import PriceTable, TablePrice
from simulators.market.selling import Habits, Shown, Sold, Stage
from simulators.market.stall import Stall
from simulators.market.tricks import Lot
from simulators.market.vendors import Trick
from simulators.market.worked_scales import WorkedScale
from simulators.one_scale.steps import Put
from simulators.scales.registry import SIMULATED_SCALES

GOODS = MarketGoods(plu="2001", species="F01", grade="", name="东星斑", cap_fen_per_500g=31_500)
LOT = Lot(
    goods=GOODS,
    load_g=712,
    unit_price_fen=9000,
    trick=Trick.NONE,
    true_goods=GOODS,
    true_g=712,
    true_price_fen=9000,
)
AMOUNT = 6390  # of 710 g, for the scale shows fives


class Here:
    """A stall on a virtual clock, a fiftieth of a second at a time."""

    def __init__(
        self,
        *lots: Lot,
        quota: int | None = None,
        keys_price: bool = False,
        table: PriceTable | None = None,
        next_at: Callable[[float], float] = lambda now: now,
        heeds: bool | None = None,
    ) -> None:
        habits = Habits(
            price_unit=PriceUnit.KG,
            patience_s=20.0,
            next_at=next_at,
            heeds=None if heeds is None else lambda: heeds,
        )
        self.stall = Stall(habits, lambda: lots, quota)
        spec = SIMULATED_SCALES["yaohua_xk3190" if table is None else "dp401"]
        self.device: Device = make_device(spec, spec.profiles[0], PriceUnit.KG, seed=1)
        self.scale = WorkedScale(device=self.device, keys_price=keys_price, table=table)
        self.now = 0.0
        self.keys, self.line, self.sold = b"", b"", list[Sold]()

    def go_on(self, seconds: float, *, attached: bool = True) -> "Here":
        end = self.now + seconds
        while self.now < end:
            tick = self.stall.tick(self.scale, self.now, attached=attached)
            self.device.tick(self.now)
            self.keys += tick.keys
            self.line += tick.line
            self.sold += tick.sold
            self.now += 0.02
        return self

    def until(self, stage: Stage) -> "Here":
        for _ in range(1000):
            if self.stall.stage is stage:
                return self
            self.go_on(0.02)
        raise AssertionError(f"never {stage}")

    def show(self, amount: int) -> Sold | None:
        return self.stall.hear(self.scale, b"\x0c\x1bQA" + yuan(amount).encode() + b"\r\x1bs2", self.now)

    def warn(self, legal_fen: int = 8000) -> None:
        self.stall.hear(self.scale, b"\x0c\x1bQA" + yuan(legal_fen).encode() + b"\r\x1bs1", self.now)

    @property
    def load_g(self) -> int:
        return self.device.scale.platform.load_g


def test_the_plu_is_keyed_and_the_price_set_as_the_goods_come() -> None:
    here = Here(LOT).until(Stage.HOLDING)
    assert here.keys == b"2001\r"
    assert (here.device.scale.unit_price_fen, here.load_g) == (9000, 712)


def test_a_scale_without_keys_for_a_price_has_it_keyed_on_the_keypad() -> None:
    assert Here(LOT, keys_price=True).until(Stage.HOLDING).keys == b"2001*90.00\r"


def test_nobody_sells_before_an_agent_was_on_the_lines_for_a_while() -> None:
    here = Here(LOT).go_on(10, attached=False)
    here.go_on(0.4).go_on(0.1, attached=False).go_on(0.4)
    assert (here.keys, here.stall.stage) == (b"", Stage.WAITING)
    assert here.go_on(0.3, attached=True).keys == b"2001\r"


def test_the_goods_are_taken_off_when_exactly_the_amount_is_shown() -> None:
    here = Here(LOT).until(Stage.HOLDING)
    assert here.show(AMOUNT + 1) is None
    sold = here.show(AMOUNT)
    assert sold is not None
    assert (sold.shown, sold.net_g, sold.amount_fen) == (Shown.TOTAL, 710, AMOUNT)
    assert here.load_g == 0
    assert here.show(AMOUNT) is None


def test_patience_ends_after_twenty_seconds() -> None:
    here = Here(LOT, next_at=lambda now: math.inf if now else 0.0).until(Stage.HOLDING)
    assert here.go_on(19.9).sold == []
    assert [sold.shown for sold in here.go_on(0.2).sold] == [Shown.NO_TOTAL]


def test_the_pan_is_empty_for_half_a_second_between_two_loads() -> None:
    here = Here(LOT).until(Stage.HOLDING)
    here.show(AMOUNT)
    emptied_at = here.now
    here.until(Stage.SETTLING)
    assert 0.98 <= here.now - emptied_at <= 1.1  # the swing, and then the rest


def test_a_stall_is_done_after_its_quota_and_when_nobody_comes_any_more() -> None:
    here = Here(LOT, quota=1).until(Stage.HOLDING)
    here.show(AMOUNT)
    is_done_before = here.stall.is_done
    assert here.go_on(10).keys == b"2001\r"
    assert (is_done_before, here.stall.is_done) == (False, True)
    assert Here(LOT, next_at=lambda _now: math.inf).stall.is_done


def test_a_stall_that_is_held_begins_nothing() -> None:
    here = Here(LOT)
    here.stall.is_held = True
    assert here.go_on(5).keys == b""


def test_a_cheating_calibration_is_asked_for_what_it_shows() -> None:
    here = Here(replace(LOT, load_g=1000))
    here.device.faults.order(parse_fault("gain 110%"), 0.0)
    here.until(Stage.HOLDING)
    sold = here.show(9900)
    assert sold is not None
    assert (sold.net_g, sold.lot.true_g) == (1100, 712)


@pytest.mark.parametrize(("profile", "shown_g"), [("standard", 710), ("8213", 710), ("brecknell", 700)])
def test_a_load_is_sold_as_the_scale_shows_it_in_tens_or_hundreds_of_grams(profile: str, shown_g: int) -> None:
    device = make_device(SIMULATED_SCALES["toledo_8217"], profile, PriceUnit.KG, seed=1)
    device.do(Put(712), 0.0)
    assert WorkedScale(device=device, keys_price=True).weigh(2.0) == (shown_g, b"")


def test_a_keyed_tare_is_taken_off() -> None:
    sold = Here(replace(LOT, tare_g=110)).until(Stage.HOLDING).show(5400)
    assert sold is not None
    assert sold.net_g == 600


def test_thrown_goods_are_gone_before_the_scale_rests() -> None:
    here = Here(replace(LOT, trick=Trick.THROWN)).until(Stage.LEAVING)
    assert [sold.shown for sold in here.sold] == [Shown.OFF_SCALE]
    assert here.keys == b"2001\r"


def test_a_sale_off_the_scale_leaves_it_idle() -> None:
    here = Here(replace(LOT, trick=Trick.OFF_SCALE), next_at=lambda now: now + 1)
    here.go_on(5)
    assert len(here.sold) >= 3
    assert (here.keys, here.load_g) == (b"", 0)


def regretted(lot: Lot, *, keys_price: bool = False) -> Here:
    here = Here(lot, keys_price=keys_price, next_at=lambda now: math.inf if now else 0.0).until(Stage.HOLDING)
    sold = here.show(AMOUNT)
    assert sold is not None
    assert sold.voided
    return here.go_on(1)


def test_what_was_recorded_is_voided_on_the_keypad() -> None:
    here = regretted(replace(LOT, trick=Trick.VOIDED)).go_on(5)
    assert (here.keys, here.load_g, here.sold) == (b"2001\r-\r", 0, [])


@pytest.mark.parametrize(("keys_price", "keys"), [(False, b"2001\r2001\r"), (True, b"2001*90.00\r+2001*100.00\r")])
def test_a_price_is_raised_where_it_was_keyed_while_the_goods_lie_there(keys_price: bool, keys: bytes) -> None:
    here = regretted(replace(LOT, trick=Trick.RAISED, raised_price_fen=10_000), keys_price=keys_price)
    assert (here.keys, here.load_g) == (keys, 712)
    assert here.device.scale.unit_price_fen == (9000 if keys_price else 10_000)
    sold = here.show(7100)
    assert sold is not None
    assert (sold.lot.unit_price_fen, sold.voided, here.load_g) == (10_000, False, 0)


def test_the_parts_of_a_purchase_follow_one_another_at_once() -> None:
    here = Here(LOT, replace(LOT, load_g=500), next_at=lambda now: now + 60 if now else 0.0)
    here.until(Stage.HOLDING).show(AMOUNT)
    here.until(Stage.WAITING).until(Stage.HOLDING)
    assert here.now < 5
    assert here.load_g == 500


@pytest.mark.parametrize(("keys_price", "keys"), [(False, b"2001\r"), (True, b"2001*90.00\r*80.00\r")])
def test_who_heeds_a_warning_takes_the_legal_price_before_the_goods_come(keys_price: bool, keys: bytes) -> None:
    here = Here(LOT, keys_price=keys_price, heeds=True).until(Stage.LOOKING)
    assert (here.keys[:4], here.load_g) == (b"2001", 0)
    here.warn()
    here.until(Stage.HOLDING)
    assert (here.keys, here.load_g) == (keys, 712)
    assert here.device.scale.unit_price_fen == (9000 if keys_price else 8000)
    sold = here.show(5680)
    assert sold is not None
    assert (sold.lot.unit_price_fen, sold.lot.true_price_fen, sold.warned, sold.lowered) == (8000, 8000, True, True)


def test_who_does_not_heed_it_sells_all_the_same() -> None:
    here = Here(LOT, heeds=False).until(Stage.LOOKING)
    here.warn()
    sold = here.until(Stage.HOLDING).show(AMOUNT)
    assert sold is not None
    assert (sold.lot.unit_price_fen, sold.warned, sold.lowered) == (9000, True, False)


def test_without_a_warning_the_goods_come_after_a_moment() -> None:
    here = Here(LOT, heeds=True).until(Stage.LOOKING).go_on(0.9)
    assert here.load_g == 0
    sold = here.until(Stage.HOLDING).show(AMOUNT)
    assert sold is not None
    assert (sold.warned, sold.lowered) == (False, False)


def test_a_warning_of_the_price_that_was_set_before_raises_no_price() -> None:
    here = Here(LOT, heeds=True).until(Stage.LOOKING)
    here.warn(legal_fen=9500)  # the scale still showed the last customer's price
    here.until(Stage.HOLDING)
    assert here.device.scale.unit_price_fen == 9000


def test_who_never_looks_is_warned_too_and_the_next_sale_is_another() -> None:
    here = Here(LOT).until(Stage.SETTLING)
    here.warn()
    first = here.until(Stage.HOLDING).show(AMOUNT)
    second = here.until(Stage.WAITING).until(Stage.HOLDING).show(AMOUNT)
    assert first is not None
    assert second is not None
    assert (first.warned, first.lowered, second.warned) == (True, False, False)


def by_table(trick: Trick = Trick.NONE) -> PriceTable:
    entry = TablePrice(goods=replace(GOODS, plu="02001"), unit_price_fen=8000, true_price_fen=8000, trick=trick)
    return PriceTable(entries={"2001": entry}, price_unit=PriceUnit.KG)


def test_a_scale_with_a_table_is_keyed_itself_and_concludes_the_sale_at_rest_at_its_price() -> None:
    here = Here(LOT, table=by_table()).until(Stage.SETTLING)
    assert here.line == b""
    here.until(Stage.HOLDING)
    assert (here.keys, here.line[:6], here.line.count(b"\r\n")) == (b"", b"02001,", 1)
    assert b",0000000710,0000000000,0000000710," in here.line
    sold = here.show(5680)
    assert sold is not None
    assert (sold.lot.goods.plu, sold.lot.unit_price_fen, sold.net_g) == ("02001", 8000, 710)


def test_between_two_labels_are_more_than_the_seconds_in_which_a_line_comes_again() -> None:
    here = Here(LOT, table=by_table()).until(Stage.HOLDING)
    here.show(5680)
    labelled_at = here.now
    here.until(Stage.SETTLING)
    assert here.now - labelled_at >= 6.0


def test_goods_that_were_thrown_on_get_no_label_and_nobody_waits_for_one() -> None:
    here = Here(replace(LOT, trick=Trick.THROWN), table=by_table()).until(Stage.LEAVING)
    left_at = here.now
    here.until(Stage.WAITING)
    assert here.line == b""
    assert here.now - left_at <= 1.1


def test_a_sale_of_a_scale_with_a_table_is_voided_on_the_keypad() -> None:
    here = Here(LOT, table=by_table(Trick.VOIDED)).until(Stage.HOLDING)
    sold = here.show(5680)
    assert sold is not None
    assert sold.voided
    assert here.go_on(1).keys == b"-\r"


def test_where_nothing_can_be_warned_of_nobody_looks_for_it() -> None:
    here = Here(LOT, table=by_table(), heeds=True)
    here.go_on(0.6)
    assert here.stall.stage is Stage.SETTLING


def test_a_machine_that_was_busy_shows_the_empty_pan_before_the_same_load_comes_again() -> None:
    here = Here(LOT).until(Stage.HOLDING)
    here.show(AMOUNT)
    here.go_on(0.02)
    here.now += 3  # nothing was sent meanwhile
    here.go_on(0.2)
    assert here.stall.stage is Stage.LEAVING
    here.until(Stage.WAITING)


def test_where_a_scale_never_comes_to_rest_the_next_customer_is_served_after_a_while() -> None:
    here = Here(LOT).until(Stage.HOLDING)
    here.show(AMOUNT)
    here.device.faults.order(parse_fault("motion"), here.now)
    left_at = here.now
    here.until(Stage.WAITING)
    assert 5 < here.now - left_at < 8
