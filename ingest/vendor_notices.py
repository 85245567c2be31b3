"""Which scale is told whose stall it stands on: who holds it, who is there to hear it, what it was told last. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from db.scale_holders import ScaleHolder
from domain.ids import AgentId, MarketId, ScaleId, VendorId
from messages import limits
from messages.notices import VendorNotice
from messages.status import AgentStatus, ScaleStatus

Place = tuple[MarketId, ScaleId]


class Said(NamedTuple):
    """What a scale's customers may know: the stall, its vendor's name, the vendor's credit tier; or nothing of each."""

    stall_id: str
    vendor_name: str
    credit_tier: str

    def as_notice(self, at: datetime) -> VendorNotice:
        """Return the notice that says so."""
        return VendorNotice(at=at, stall_id=self.stall_id, vendor_name=self.vendor_name, credit_tier=self.credit_tier)


_NOBODYS = Said("", "", "")


def said_of(holder: ScaleHolder, tiers: Mapping[VendorId, str]) -> Said:
    """Return what a scale is told: nobody's where it is bound to none, and texts cut to what the contract holds."""
    if holder.vendor_id is None:
        return _NOBODYS
    return Said(
        stall_id=_fitting(holder.stall_id or "", limits.MAX_NAME_LENGTH),
        vendor_name=_fitting(holder.vendor_name or "", limits.MAX_NAME_LENGTH),
        credit_tier=_fitting(tiers.get(holder.vendor_id, ""), limits.MAX_TIER_LENGTH),
    )


class VendorNotices:
    """Told is what is news to a scale that is there: after a change, and once more whenever its agent comes anew."""

    def __init__(self) -> None:
        self._current: dict[MarketId, dict[ScaleId, Said]] = {}
        self._told: dict[Place, Said] = {}
        self._there: set[Place] = set()
        self._uptimes: dict[tuple[MarketId, AgentId], int] = {}

    def hold(self, market_id: MarketId, said: Mapping[ScaleId, Said]) -> None:
        """Take what the scales of a market are to be told from now on."""
        self._current[market_id] = dict(said)

    def forget_who_is_there(self) -> None:
        """A broker that is new to us may have lost what was said: its retained statuses tell who is there."""
        self._told.clear()
        self._there.clear()
        self._uptimes.clear()

    def agent_said(self, market_id: MarketId, agent_id: AgentId, status: AgentStatus) -> None:
        """Note an agent's status. Its scales hear notices while it is online; one that started anew knows nothing."""
        scales = [ScaleId(scale_id) for scale_id in status.scales]
        if status.state == "offline":
            self._uptimes.pop((market_id, agent_id), None)
            self._left(market_id, scales)
            return
        before = self._uptimes.get((market_id, agent_id))
        uptime_s = status.uptime_s or 0
        self._uptimes[market_id, agent_id] = uptime_s
        if before is None or uptime_s < before:
            self._left(market_id, scales)
        self._there.update((market_id, scale_id) for scale_id in scales)

    def scale_said(self, market_id: MarketId, scale_id: ScaleId, status: ScaleStatus) -> None:
        """Note the status of a scale without an agent; an agent speaks for its own, also while they are silent."""
        if status.agent_id:
            return
        if status.state == "offline":
            self._left(market_id, [scale_id])
        else:
            self._there.add((market_id, scale_id))

    def due(self) -> Iterator[tuple[Place, Said]]:
        """Yield what is to be told now, each once; what is yielded counts as told."""
        for market_id, scale_id in sorted(self._there):
            said = self._current.get(market_id, {}).get(scale_id)
            place = (market_id, scale_id)
            if said is not None and self._told.get(place) != said:
                self._told[place] = said
                yield place, said

    def _left(self, market_id: MarketId, scales: Iterable[ScaleId]) -> None:
        for scale_id in scales:
            self._there.discard((market_id, scale_id))
            self._told.pop((market_id, scale_id), None)


def _fitting(text: str, length: int) -> str:
    """A name is whatever somebody registered; a display gets a bounded line of what can be shown."""
    return "".join(char for char in text if char.isprintable())[:length]
