"""Which lines of the log of accesses are shown: by day, token, market and status, from one of them on."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import Query

from db.export_accesses import NEWEST, Place, Where
from db.time_spans import EVER
from domain.errors import FieldRefused
from web.typed_numbers import whole

#: Whatever is below 400, and the others.
ANSWERED: Final = "answered"
REFUSED: Final = "refused"
#: What a request can be answered with (docs/exports.md).
STATUSES: Final = (200, 304, 401, 403, 404, 422, 429)
_LONGEST: Final = 64


@dataclass(frozen=True, kw_only=True, slots=True)
class AccessFilter:
    """What was asked for, as it stands in the form; empty: all. The days `since` and `until` are both in it."""

    token: str = ""
    market: str = ""
    status: str = ""
    since: str = ""
    until: str = ""
    before: str = ""

    def where(self, zone: str) -> Where:
        """Return what is looked for. Raise FieldRefused naming what cannot be read."""
        of_word = self.status in (ANSWERED, REFUSED)
        if self.status and not of_word and whole(self.status) is None:
            raise FieldRefused("status", repr(self.status), "a status as 401, answered or refused", problem="unknown")
        return Where(
            token_id=whole(self.token),
            market_id=self.market or None,
            status=None if of_word else _small(whole(self.status)),
            answered=self.status == ANSWERED,
            refused=self.status == REFUSED,
            since=_begin("since", self.since, zone, timedelta()) or EVER[0],
            until=_begin("until", self.until, zone, timedelta(days=1)) or EVER[1],
        )

    def place(self) -> Place:
        """Return where the page begins. Raise FieldRefused."""
        if not self.before:
            return NEWEST
        moment, _, number = self.before.partition("~")
        access_id = whole(number)
        try:
            at = datetime.fromisoformat(moment)
        except ValueError:
            at = None
        if at is None or at.tzinfo is None or access_id is None:
            raise FieldRefused("before", repr(self.before), "what the page before links to", problem="unknown")
        return Place(at, access_id)

    def query(self, before: Place | None = None) -> str:
        """Return the query string that asks for this from the newest on, or for what is before a place."""
        values = {name: getattr(self, name) for name in ("token", "market", "status", "since", "until")}
        values["before"] = "" if before is None else f"{before.at.isoformat()}~{before.access_id}"
        return urlencode({name: value for name, value in values.items() if value})


def access_filter(
    token: Annotated[str, Query(max_length=_LONGEST)] = "",
    market: Annotated[str, Query(max_length=_LONGEST)] = "",
    status: Annotated[str, Query(max_length=_LONGEST)] = "",
    since: Annotated[str, Query(max_length=_LONGEST)] = "",
    until: Annotated[str, Query(max_length=_LONGEST)] = "",
    before: Annotated[str, Query(max_length=_LONGEST)] = "",
) -> AccessFilter:
    """Read the filter from the query string."""
    return AccessFilter(
        token=token.strip(),
        market=market.strip(),
        status=status.strip(),
        since=since.strip(),
        until=until.strip(),
        before=before.strip(),
    )


def _small(status: int | None) -> int | None:
    """Return a status that the column can hold: none is as large as the largest."""
    return None if status is None else min(status, 2**31 - 1)


def _begin(field: str, text: str, zone: str, later: timedelta) -> datetime | None:
    """Return when a day begins in a zone, or so much later; None: none was typed."""
    if not text:
        return None
    try:
        return datetime.combine(date.fromisoformat(text) + later, time(), ZoneInfo(zone))
    except (ValueError, OverflowError):
        raise FieldRefused(field, repr(text), "a day as 2026-11-27", problem="not_a_day") from None
