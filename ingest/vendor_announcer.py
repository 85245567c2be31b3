"""Tells each scale whose stall it stands on and the vendor's credit tier: at a change, and when its agent comes.

A thread beside each worker. One of them has the announcer's place (a lock held by its database connection); when it
is gone, however it went, the next one takes over and says everything anew to whoever is there.
"""

import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import structlog
from psycopg import Connection

from db import registry, scale_holders
from db.changes import Change, Ear, listen
from db.pool import connect, translate_absence
from domain.errors import Unavailable
from domain.ids import MarketId, VendorId
from ingest.presence import Presence
from ingest.vendor_notices import VendorNotices, said_of
from messages.notices import encode_notice
from messages.topics import ScaleChannel, ScaleTopic

_LOOK_EVERY_S: Final = 1.0

#: The name of the tier of each vendor of a market, by the rules and the ledger at a moment.
Tiers = Callable[[Connection, MarketId, datetime], Mapping[VendorId, str]]

log = structlog.get_logger()


class VendorAnnouncer:
    """Started once, stopped once."""

    def __init__(
        self, database_url: str, presence: Callable[[], Presence], tiers: Tiers, clock: Callable[[], datetime]
    ) -> None:
        self._database_url, self._presence, self._tiers, self._clock = database_url, presence, tiers, clock
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="vendor-announcer")

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """End, and leave the place to another worker."""
        self._stop.set()
        self._thread.join()

    def is_alive(self) -> bool:
        """Return False when the thread ended without being asked to: a bug, which the worker must not outlive."""
        return self._thread.is_alive()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                with translate_absence(), connect(self._database_url) as conn:
                    conn.autocommit = True
                    self._wait_for_the_place(conn)
                    self._announce(conn)
            except Unavailable as error:
                log.warning("vendors not looked up, trying again", error=str(error))
                self._stop.wait(_LOOK_EVERY_S)

    def _wait_for_the_place(self, conn: Connection) -> None:
        while not self._stop.is_set() and not scale_holders.try_to_announce(conn):
            self._stop.wait(_LOOK_EVERY_S)

    def _announce(self, conn: Connection) -> None:
        if self._stop.is_set():
            return
        with ExitStack() as stack:
            # Heard first, read second: a change between the two is read twice, and none is missed.
            ear = stack.enter_context(listen(self._database_url, Change.VENDORS))
            presence = self._presence()
            presence.start()
            stack.callback(presence.stop)
            self._go_on(conn, ear, presence)

    def _go_on(self, conn: Connection, ear: Ear, presence: Presence) -> None:
        notices = VendorNotices()
        until: dict[MarketId, datetime] = {}
        changed = {market.market_id for market in registry.markets(conn)}
        while not self._stop.is_set():
            now = self._clock()
            changed.update(market_id for market_id, moment in until.items() if moment <= now)
            for market_id in changed:
                until[market_id] = self._read(conn, notices, market_id, now)
            presence.note_in(notices)
            if presence.is_connected:
                self._tell(presence, notices, now)
            changed = set(ear.hear(_LOOK_EVERY_S))

    def _read(self, conn: Connection, notices: VendorNotices, market_id: MarketId, now: datetime) -> datetime:
        """Take what the market's scales are to be told; return when that is to be looked at again."""
        with conn.transaction():
            tiers = self._tiers(conn, market_id, now)
            holders = scale_holders.of_market(conn, market_id, now)
            change = scale_holders.next_change(conn, market_id, now)
            timezone = next(one.timezone for one in registry.markets(conn) if one.market_id == market_id)
        notices.hold(market_id, {holder.scale_id: said_of(holder, tiers) for holder in holders})
        midnight = _next_midnight(now, timezone)  # a cycle of the credit rules ends at one
        return midnight if change is None else min(midnight, change)

    def _tell(self, presence: Presence, notices: VendorNotices, now: datetime) -> None:
        told = 0
        for (market_id, scale_id), said in notices.due():
            topic = ScaleTopic(market_id, scale_id, ScaleChannel.NOTICES)
            presence.publish(str(topic), encode_notice(said.as_notice(now)))
            told += 1
        if told:
            log.info("vendors announced", scales=told)


def _next_midnight(now: datetime, timezone: str) -> datetime:
    local = now.astimezone(ZoneInfo(timezone))
    return (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
