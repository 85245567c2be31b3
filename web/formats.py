"""Numbers and times as people read them. Whole fen and grams in, text out; exact, for display only."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, Literal
from urllib.parse import quote
from zoneinfo import ZoneInfo

from babel.units import format_unit

from domain.units import yuan, yuan_per_500g

_GRAMS_PER_KG = 1000
_PERMILLE_IN_A_PERCENT = 10
_TWO_HOURS: Final = timedelta(hours=2)
_TWO_DAYS: Final = timedelta(days=2)
_UNITS: Final[Mapping[str, timedelta]] = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
}
#: CLDR has the Chinese words of units only as the short ones, which are the whole words: 4小时.
_WORDS_OF_UNITS: Final[Mapping[str, Literal["short", "long"]]] = {"zh": "short"}


def money(fen: int) -> str:
    """Return an amount in yuan: 22499 → '¥224.99'."""
    return f"-¥{yuan(-fen)}" if fen < 0 else f"¥{yuan(fen)}"


def price_per_500g(fen_per_kg: int) -> str:
    """Return a price per kg as yuan per 500 g, the unit caps are published in: 31600 → '158.00'."""
    return yuan_per_500g(fen_per_kg)


def price(fen: int) -> str:
    """Return a unit price in yuan, whatever its unit: 31600 → '316.00'."""
    return yuan(fen)


def bare_price(fen: int) -> str:
    """Return a unit price without jiao and fen where there are none, to be read from afar: 31600 → '316'."""
    return _bare(price(fen))


def bare_price_per_500g(fen_per_kg: int) -> str:
    """Return a price per kg as yuan per 500 g, without jiao and fen where there are none: 31600 → '158'."""
    return _bare(price_per_500g(fen_per_kg))


def _bare(text: str) -> str:
    return text.removesuffix(".00")


def percent(permille: int) -> str:
    """Return thousandths as a percentage: 372 → '37.2%'."""
    whole, rest = divmod(permille, _PERMILLE_IN_A_PERCENT)
    return f"{whole}.{rest}%" if rest else f"{whole}%"


def weight(net_g: int) -> str:
    """Return grams as kg to the gram: 712 → '0.712 kg'."""
    return f"{net_g // _GRAMS_PER_KG}.{net_g % _GRAMS_PER_KG:03d} kg"


def span(seconds: int) -> str:
    """Return a span as a clock shows it: 300 → '0:05:00'."""
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def duration(seconds: float, locale: str) -> str:
    """Return a span of time in words: in minutes below two hours, in hours below two days, then in days."""
    whole = timedelta(seconds=int(seconds))
    largest = "minute" if whole < _TWO_HOURS else "hour" if whole < _TWO_DAYS else "day"
    count = max(1, round(whole / _UNITS[largest]))
    return format_unit(count, f"duration-{largest}", length=_WORDS_OF_UNITS.get(locale, "long"), locale=locale)


def points(count: int) -> str:
    """Return points with their sign: -6 → '−6', 6 → '+6'."""
    return f"−{-count}" if count < 0 else f"+{count}" if count else "0"


def clock(moment: datetime, timezone: str) -> str:
    """Return a moment by the clock of a place, to the minute."""
    return moment.astimezone(ZoneInfo(timezone)).strftime("%m-%d %H:%M")


def clock_seconds(moment: datetime, timezone: str) -> str:
    """Return a moment by the clock of a place, whole and to the second."""
    return moment.astimezone(ZoneInfo(timezone)).strftime("%Y-%m-%d %H:%M:%S")


def day(moment: datetime, timezone: str) -> str:
    """Return the date of a moment at a place."""
    return moment.astimezone(ZoneInfo(timezone)).date().isoformat()


def last_day(end: datetime, timezone: str) -> str:
    """Return the last date of a span at a place, whose `end` does not belong to it."""
    return day(end - timedelta(microseconds=1), timezone)


def segment(text: str) -> str:
    """Return text as one segment of a path: an id with a slash stays one."""
    return quote(text, safe="")
