"""Every vendor's ledger, one after the other, for what is reckoned of everybody: never all of them in memory."""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from psycopg import Connection

from db.queries import load
from domain.credit import CreditEvent, CreditSource
from domain.ids import MarketId, VendorId

_SQL: Final = load("credit_ledgers")
#: Rows that are fetched at once.
_AT_ONCE: Final = 10_000
_SOURCES: Final = {one.value: one for one in CreditSource}


def whole(
    conn: Connection, market_id: MarketId | None, since: datetime | None = None
) -> Iterator[tuple[MarketId, VendorId, str, list[CreditEvent]]]:
    """Yield market, vendor, the market's timezone and the ledger (oldest first) of every vendor, by market and vendor.

    `since`: only what happened from then on, which is all that a score of the running cycle is made of. Reads within
    a transaction of its own, through a cursor of the server.
    """
    with conn.transaction(), conn.cursor("whole_ledgers") as cursor:
        cursor.itersize = _AT_ONCE
        cursor.execute(_SQL["whole"], {"market_id": market_id, "since": since})
        for (of_market, of_vendor, timezone), rows in groupby(cursor, key=itemgetter(0, 1, 2)):
            yield of_market, of_vendor, timezone, [_event(row) for row in rows if row[3] is not None]


def _event(row: tuple[Any, ...]) -> CreditEvent:
    """By position: a hundred thousand ledgers are read at once, and names cost as much as the reading."""
    (
        event_id, market_id, vendor_id, occurred_at, recorded_at, recorded_by, reason, points, rule, rules_version,
        alert_id, reverses, promise_id, factor, source, evidence, is_veto, repairs,
    ) = row[3:]  # fmt: skip
    return CreditEvent(
        event_id=event_id,
        market_id=market_id,
        vendor_id=vendor_id,
        occurred_at=occurred_at,
        recorded_at=recorded_at,
        recorded_by=recorded_by,
        reason=reason,
        points=points,
        rule=rule,
        rules_version=rules_version,
        alert_id=alert_id,
        reverses=reverses,
        promise_id=promise_id,
        factor=factor,
        source=_SOURCES[source],
        evidence=evidence,
        is_veto=is_veto,
        repairs=repairs,
    )
