"""What a vendor's counts come to on each axis, and what is lacking where it comes to nothing."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.portrait.figures import Counts, Rectification, figure, in_time
from credit.portrait.policy import PortraitPolicy, read_portrait_policy
from domain.portrait import Axis, Lack
from steelyard.resources import policy_directory

POLICY: PortraitPolicy = read_portrait_policy(policy_directory() / "portrait.toml")
LAST = date(2026, 11, 21)
FULL = Counts(
    sales=1000,
    net_g=900_000,
    capped=400,
    near_cap=30,
    over_cap=10,
    held_days=60,
    used_days=57,
    known_days=91,
    verified_days=80,
    upheld=1,
    due=4,
    in_time=3,
)


@pytest.mark.parametrize(
    ("axis", "part", "whole", "value"),
    [
        (Axis.VOLUME, 900_000, 60, 15_000),
        (Axis.PRICES, 40, 400, 100),
        (Axis.VERIFICATION, 80, 91, 879),
        (Axis.SCALE_USE, 57, 60, 950),
        (Axis.COMPLAINTS, 1, 1000, 10),
        (Axis.RESPONSE, 3, 4, 750),
    ],
)
def test_a_figure_is_a_part_of_a_whole(axis: Axis, part: int, whole: int, value: int) -> None:
    found = figure(axis, FULL, POLICY)
    assert (found.part, found.whole, found.value, found.lack) == (part, whole, value, None)


@pytest.mark.parametrize(
    ("axis", "counts", "lack"),
    [
        (Axis.VOLUME, Counts(held_days=13, sales=9, net_g=9), Lack.FEW_DAYS),
        (Axis.VOLUME, Counts(held_days=14), Lack.NO_SALES),
        (Axis.PRICES, Counts(), Lack.NO_SALES),
        (Axis.PRICES, Counts(sales=500, capped=29, over_cap=29), Lack.FEW_CAPPED),
        (Axis.VERIFICATION, Counts(sales=500), Lack.NOT_REGISTERED),
        (Axis.SCALE_USE, Counts(held_days=13, used_days=13), Lack.FEW_DAYS),
        (Axis.COMPLAINTS, Counts(), Lack.NO_SALES),
        (Axis.COMPLAINTS, Counts(sales=99, upheld=3), Lack.FEW_SALES),
        (Axis.RESPONSE, Counts(sales=500), Lack.NOTHING_DUE),
    ],
)
def test_too_little_is_said_and_is_not_nought(axis: Axis, counts: Counts, lack: Lack) -> None:
    found = figure(axis, counts, POLICY)
    assert (found.value, found.lack) == (None, lack)


@pytest.mark.parametrize(
    ("axis", "counts"),
    [
        (Axis.PRICES, Counts(sales=30, capped=30)),
        (Axis.SCALE_USE, Counts(held_days=14)),
        (Axis.VERIFICATION, Counts(known_days=1)),
        (Axis.COMPLAINTS, Counts(sales=100)),
        (Axis.RESPONSE, Counts(due=1)),
    ],
)
def test_nought_of_enough_is_a_figure(axis: Axis, counts: Counts) -> None:
    assert figure(axis, counts, POLICY).value == 0


@given(st.sampled_from(Axis), st.integers(0, 200), st.integers(0, 200))
def test_a_share_is_never_more_than_all_of_it(axis: Axis, part: int, rest: int) -> None:
    whole = part + rest
    counts = Counts(
        sales=whole, capped=whole, over_cap=part, held_days=whole, used_days=part, known_days=whole, verified_days=part,
        upheld=part, due=whole, in_time=part,
    )  # fmt: skip
    found = figure(axis, counts, POLICY)
    most = {Axis.VOLUME: 0, Axis.COMPLAINTS: 10_000}.get(axis, 1000)
    assert (found.value is None) == (found.lack is not None)
    assert found.value is None or 0 <= found.value <= most


@pytest.mark.parametrize(
    ("ended_on", "reported", "expected"),
    [
        (None, False, False),
        (date(2026, 11, 20), True, True),
        (date(2026, 11, 21), True, False),
        (date(2026, 11, 22), True, False),
        (date(2026, 11, 20), False, None),
        (date(2026, 11, 21), False, False),
    ],
    ids=["awaited", "on the day", "a day late", "after the span", "handed on within time", "handed on when late"],
)
def test_a_rectification_is_in_time_by_the_end_of_its_day(
    ended_on: date | None, reported: bool, expected: bool | None
) -> None:
    due = Rectification(due_on=date(2026, 11, 20), ended_on=ended_on, reported=reported)
    assert in_time(due, LAST) is expected


def test_who_is_still_within_time_is_not_late() -> None:
    assert in_time(Rectification(due_on=date(2026, 11, 22), ended_on=None, reported=False), LAST) is None
