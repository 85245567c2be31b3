"""Which cap lists each market is told of, and until when that holds. Pure.

Two workers that look at the same lists at the same moment say the same bytes, so it does not matter who speaks.
"""

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from db.cap_announcements import ListToAnnounce
from domain.errors import BadMessage
from domain.ids import MarketId
from domain.price_cap import CapKind, CapList, CapStatus, Channel, PriceCap
from messages.caps import MAX_COMING, AnnouncedList, Announcement, decode_caps, encode_caps, with_version
from messages.limits import MAX_PAYLOAD_BYTES
from pricing.timeline import layered

Scope = tuple[MarketId, str, Channel]


@dataclass(frozen=True, slots=True)
class Untold:
    """A list that the contract has no place for, so that no device could take it. `problem` names the field."""

    cap_list_id: int
    problem: str


class ToldVersion(NamedTuple):
    """What a market is told to hold; `cap_list_id` None: that no list is in force."""

    version: str
    cap_list_id: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """The payload for each market, and the moment a list begins or ends next; None where none does.

    A market whose list in force is one of the `untold` is told nothing: what it knows has ended by itself.
    """

    payloads: dict[MarketId, bytes]
    versions: dict[MarketId, ToldVersion]
    untold: tuple[Untold, ...]
    until: datetime | None


def announcements(scopes: Iterable[Scope], lists: Sequence[ListToAnnounce], now: datetime) -> Told:
    """Return what to tell each market (market_id, area, channel) at `now`. A market without lists is told so."""
    all_lists = [_announced(one) for one in lists]
    untold = {one.cap_list_id: one for one in map(_problem, all_lists) if one is not None}
    payloads, versions = {}, {}
    for market_id, area, channel in scopes:
        binding = [
            one
            for one in all_lists
            if (one.cap_list.area, one.cap_list.channel) == (area, channel)
            and one.cap_list.market_id in (None, market_id)
        ]
        announcement = _announcement(_as_laid(binding, market_id), untold, now)
        if announcement is not None:
            payloads[market_id] = _fitting(announcement)
            in_force = announcement.in_force
            versions[market_id] = ToldVersion(
                announcement.version, None if in_force is None else in_force.cap_list.cap_list_id
            )
    return Told(payloads=payloads, versions=versions, untold=tuple(untold.values()), until=_next_change(lists, now))


def _problem(announced: AnnouncedList) -> Untold | None:
    """Read the list as a device will: a list that one of them must refuse is our fault, and is found here."""
    try:
        decode_caps(encode_caps(Announcement(in_force=announced)))
    except BadMessage as problem:
        return Untold(announced.cap_list.cap_list_id, str(problem))
    return None


def _as_laid(lists: Sequence[AnnouncedList], market_id: MarketId) -> Sequence[AnnouncedList]:
    """Return the lists with the times in which each judges in the market: one of its own goes before its area's."""
    if all(one.cap_list.market_id is None for one in lists):
        return lists
    known = {one.cap_list.cap_list_id: one for one in lists}
    layers = [[one.cap_list for one in lists if one.cap_list.market_id == whose] for whose in (market_id, None)]
    laid = []
    for since, until, cap_list in layered(layers):
        shown = replace(cap_list, effective_from=since, effective_to=until)
        laid.append(with_version(replace(known[cap_list.cap_list_id], cap_list=shown)))
    return laid


def _wire_items(cap_list: CapList) -> Iterator[PriceCap]:
    """Yield the items in the contract's words: a cap made of the vendor's own purchase is no number a device knows."""
    for cap in cap_list.items:
        if cap.is_of_purchase:
            yield replace(cap, status=CapStatus.OUT_OF_STOCK, kind=CapKind.FIXED, markup_permille=None, plus_fen=None)
        elif cap.status is not CapStatus.ABSENT:
            yield cap


def _announced(one: ListToAnnounce) -> AnnouncedList:
    return with_version(
        AnnouncedList(
            cap_list=replace(one.cap_list, items=tuple(_wire_items(one.cap_list))),
            version="-",
            source=one.source,
            authority=one.authority,
            document_no=one.document_no,
            published_at=one.loaded_at,
            is_demonstration=one.is_demonstration,
        )
    )


def _announcement(lists: Sequence[AnnouncedList], untold: Container[int], now: datetime) -> Announcement | None:
    in_force = next((one for one in lists if one.cap_list.in_force_at(now)), None)
    if in_force is not None and in_force.cap_list.cap_list_id in untold:
        return None
    coming = [one for one in lists if one.cap_list.effective_from > now and one.cap_list.cap_list_id not in untold]
    return Announcement(in_force=in_force, coming=tuple(coming[:MAX_COMING]))


def _fitting(announcement: Announcement) -> bytes:
    """Return the message, without the farthest of the lists to come where they do not all fit."""
    payload = encode_caps(announcement)
    while len(payload) > MAX_PAYLOAD_BYTES and announcement.coming:
        announcement = replace(announcement, coming=announcement.coming[:-1])
        payload = encode_caps(announcement)
    return payload


def _next_change(lists: Iterable[ListToAnnounce], now: datetime) -> datetime | None:
    moments = [moment for one in lists for moment in (one.cap_list.effective_from, one.cap_list.effective_to)]
    return min((moment for moment in moments if moment is not None and moment > now), default=None)
