"""`policy/portrait.toml`: what a portrait compares, and from how much on a figure says something."""

from datetime import date
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from tables.toml_file import read_toml

_Count = Annotated[int, Meta(ge=1, le=1_000_000)]


class Span(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of how many whole weeks a portrait is."""

    weeks: Annotated[int, Meta(ge=2, le=53)]


class Peers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many others there must be. With fewer than five a quartile would tell of one of them."""

    at_least: Annotated[int, Meta(ge=5, le=1000)]


class Counting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a day is counted, how far back it is counted again, and how long it is kept."""

    after_hour: Annotated[int, Meta(ge=0, le=23)]
    again_within_days: Annotated[int, Meta(ge=2, le=400)]
    keep_days: Annotated[int, Meta(ge=14, le=3660)]


class Held(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From how many trading days with a scale on something is said."""

    held_days_at_least: _Count


class Prices(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is near the cap, and of how many sales at least: of the span, and of a week of the trend."""

    near_cap_permille: Annotated[int, Meta(ge=500, le=1000)]
    capped_sales_at_least: _Count
    week_at_least: _Count


class Complaints(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of how many sales at least."""

    sales_at_least: _Count


class Response(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of how many rectifications at least."""

    due_at_least: _Count


class PortraitPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    version: str
    in_force_from: date
    span: Span
    peers: Peers
    counting: Counting
    volume: Held
    prices: Prices
    scale_use: Held
    complaints: Complaints
    response: Response


def read_portrait_policy(path: Path) -> PortraitPolicy:
    """Read the policy. Raise BadFile naming everything that is wrong with it."""
    return read_toml(path, PortraitPolicy, _problems)


def _problems(policy: PortraitPolicy) -> list[str]:
    days = policy.span.weeks * 7
    kept = policy.counting.keep_days
    too_short = [f"counting.keep_days is {kept}; expected at least the {days} days of the span"] if kept < days else []
    return too_short + [
        f"{name}.held_days_at_least is {held.held_days_at_least}; expected at most the {days} days of the span"
        for name, held in (("volume", policy.volume), ("scale_use", policy.scale_use))
        if held.held_days_at_least > days
    ]
