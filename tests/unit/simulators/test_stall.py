"""A stall frame by frame: key, settle, hold until the total is shown, take off."""

import random

import pytest

from domain.units import PriceUnit, yuan
from simulators.goods import MarketGoods
from simulators.scale import frame
from simulators.stall import Habits, Sold, Stage, Stall
from simulators.vendors import Character, Shares

GOODS = [MarketGoods(plu="2001", species="F01", grade="", name="东星斑", cap_fen_per_500g=31_500)]


def stall(quota: int | None = None, pause_s: tuple[float, float] = (0.0, 0.0)) -> Stall:
    habits = Habits(
        character=Character.HONEST,
        shares=Shares(),
        price_unit=PriceUnit.KG,
        patience_s=20.0,
        pause_s=pause_s,
    )
    return Stall(habits, GOODS, random.Random(1), quota)


def until_held(here: Stall, now: float = 0.0) -> tuple[list[bytes], bytes]:
    """Tick until the load is steady; return the frames and what was keyed."""
    frames, keys = [], b""
    while here.stage is not Stage.HOLDING:
        tick = here.tick(now, attached=True)
        frames.append(tick.frame)
        keys += tick.keys
        assert len(frames) < 50
    return frames, keys


def show(here: Stall, amount: int) -> Sold | None:
    return here.hear(b"\x0c\x1bQA" + yuan(amount).encode() + b"\r\x1bs2")


def amount_held(here: Stall) -> int:
    steady = here.tick(0.0, attached=True).frame
    return int(steady[20:].replace(b".", b""))


def test_the_plu_is_keyed_while_the_pan_is_empty() -> None:
    frames, keys = until_held(stall())
    assert keys == b"2001\r"
    assert frames[0] == frame(0, 0, PriceUnit.KG)


def test_nobody_sells_before_an_agent_is_on_the_lines() -> None:
    here = stall()
    for _ in range(100):
        assert here.tick(0.0, attached=False).keys == b""
    assert here.stage is Stage.WAITING


def test_the_goods_are_taken_off_when_exactly_the_amount_is_shown() -> None:
    here = stall()
    until_held(here)
    amount = amount_held(here)
    assert show(here, amount + 1) is None
    sold = show(here, amount)
    assert sold is not None
    assert (sold.shown, sold.amount_fen) == (True, amount)
    off = here.tick(0.0, attached=True).frame
    assert off[:11] == b"=0000.000kg"


@pytest.mark.parametrize(("now", "is_over"), [(19.9, False), (20.0, True)])
def test_patience_ends_after_twenty_seconds(now: float, is_over: bool) -> None:
    here = stall()
    until_held(here)
    sold = here.tick(now, attached=True).sold
    assert (sold is not None) == is_over
    assert sold is None or not sold.shown


def test_what_is_shown_too_late_or_for_the_sale_before_is_not_this_sales() -> None:
    here = stall()
    until_held(here)
    amount = amount_held(here)
    show(here, amount)
    assert show(here, amount) is None


def test_the_pan_is_empty_for_five_frames_between_two_sales() -> None:
    here = stall()
    until_held(here)
    show(here, amount_held(here))
    frames, _keys = until_held(here)
    assert [item[:11] for item in frames[:6]] == [b"=0000.000kg"] * 6


def test_a_stall_is_done_after_its_quota() -> None:
    here = stall(quota=1)
    until_held(here)
    show(here, amount_held(here))
    assert not here.is_done
    for _ in range(10):
        assert here.tick(100.0, attached=True).keys == b""
    assert here.is_done


def test_a_pause_lies_between_two_sales() -> None:
    here = stall(pause_s=(3.0, 3.0))
    until_held(here)
    show(here, amount_held(here))
    for _ in range(20):
        here.tick(1.0, attached=True)
    assert here.stage is Stage.WAITING
    assert here.tick(3.9, attached=True).keys == b""
    assert here.tick(4.0, attached=True).keys == b"2001\r"
