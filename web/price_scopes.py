"""Areas and channels as forms name them, and the day it is there."""

from dataclasses import dataclass
from datetime import date, datetime

from psycopg import Connection

from db import caps
from domain.days import day_of
from domain.errors import NotFound, RuleViolation
from domain.price_cap import Channel
from pricing.price_sources import timezone_of


@dataclass(frozen=True, kw_only=True, slots=True)
class PriceScope:
    """An area and channel that some market has."""

    area: str
    channel: Channel

    @property
    def value(self) -> str:
        """How a form names it."""
        return f"{self.channel}:{self.area}"


def scopes(conn: Connection) -> list[PriceScope]:
    """Return every area and channel that some market has."""
    found = {(area, channel) for _, area, channel, _ in caps.market_scopes(conn)}
    return [PriceScope(area=area, channel=channel) for area, channel in sorted(found)]


def scope_of(known: list[PriceScope], value: str) -> PriceScope:
    """Return the scope that a form names; the first one where it names none. Raise NotFound."""
    for one in known:
        if value in ("", one.value):
            return one
    raise NotFound(f"no market has the area and channel {value!r}")


def today_in(conn: Connection, scope: PriceScope, now: datetime) -> date:
    """Return the day it is in an area."""
    return now.astimezone(timezone_of(conn, scope.area, scope.channel)).date()


def required_day(text: str) -> date:
    """Return the day of a form's field. Raise RuleViolation where it names none."""
    day = day_of(text)
    if day is None:
        raise RuleViolation(
            f"{text!r} is no day; expected one as 2026-11-22", problem="not_a_day_at_all", facts={"value": text}
        )
    return day


def optional_day(text: str) -> date | None:
    """Return the day of a form's field that may be left empty. Raise RuleViolation where it names none."""
    return required_day(text) if text.strip() else None
