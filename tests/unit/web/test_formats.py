"""Numbers as people read them: exact to the fen, and never the wrong unit."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web import formats


@pytest.mark.parametrize(("fen", "shown"), [(0, "¥0.00"), (5, "¥0.05"), (22499, "¥224.99"), (-150, "-¥1.50")], ids=str)
def test_money_is_yuan_with_two_decimals(fen: int, shown: str) -> None:
    assert formats.money(fen) == shown


def test_a_price_per_kg_is_half_of_it_for_500_g() -> None:
    assert formats.price(23000) == "230.00"
    assert formats.price_per_500g(23000) == "115.00"


@given(st.integers(min_value=0, max_value=10**9))
def test_half_a_fen_is_shown_and_not_rounded_away(fen_per_kg: int) -> None:
    whole, _, decimals = formats.price_per_500g(fen_per_kg).partition(".")
    assert int(whole) * 2000 + int(decimals.ljust(3, "0")) * 2 == fen_per_kg * 10


@pytest.mark.parametrize(("permille", "shown"), [(0, "0%"), (1, "0.1%"), (372, "37.2%"), (1000, "100%")])
def test_thousandths_are_shown_as_percent(permille: int, shown: str) -> None:
    assert formats.percent(permille) == shown


@pytest.mark.parametrize(("net_g", "shown"), [(712, "0.712 kg"), (1005, "1.005 kg"), (25000, "25.000 kg")])
def test_weight_is_shown_to_the_gram(net_g: int, shown: str) -> None:
    assert formats.weight(net_g) == shown


@pytest.mark.parametrize(("count", "shown"), [(-6, "−6"), (0, "0"), (6, "+6")])
def test_points_carry_their_sign(count: int, shown: str) -> None:
    assert formats.points(count) == shown


def test_times_are_those_of_the_market() -> None:
    moment = datetime(2026, 11, 22, 18, 11, 8, tzinfo=UTC)
    assert formats.clock(moment, "Asia/Shanghai") == "11-23 02:11"
    assert formats.clock_seconds(moment, "Asia/Shanghai") == "2026-11-23 02:11:08"
    assert formats.day(moment, "Asia/Shanghai") == "2026-11-23"


def test_a_span_that_ends_at_midnight_ends_on_the_day_before() -> None:
    assert formats.last_day(datetime(2027, 5, 27, 16, tzinfo=UTC), "Asia/Shanghai") == "2027-05-27"
    assert formats.last_day(datetime(2027, 5, 27, 16, 0, 1, tzinfo=UTC), "Asia/Shanghai") == "2027-05-28"


def test_an_id_with_a_slash_stays_one_segment_of_a_path() -> None:
    assert formats.segment("a/b?c 海") == "a%2Fb%3Fc%20%E6%B5%B7"


@pytest.mark.parametrize(
    ("seconds", "locale", "shown"),
    [
        (20, "en", "1 minute"),
        (20, "zh", "1分钟"),
        (1800, "en", "30 minutes"),
        (1800, "zh", "30分钟"),
        (7199, "en", "120 minutes"),
        (7200, "en", "2 hours"),
        (14_400, "zh", "4小时"),
        (172_799, "en", "48 hours"),
        (172_800, "zh", "2天"),
        (864_000, "en", "10 days"),
    ],
)
def test_a_span_is_told_in_the_words_of_the_language(seconds: int, locale: str, shown: str) -> None:
    assert formats.duration(seconds, locale) == shown
