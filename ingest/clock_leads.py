"""What an alert tells of clocks: once a scale's journal and business day, however many weighings it made. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from db.journals import JournalKey, JournalState
from db.quarantine import HeldMessage
from db.registry import Binding
from domain.alert import AlertKind
from domain.ids import JournalId, MarketId, ScaleId, SpeciesCode
from domain.weighing import WeighingKey
from ingest.reading import UNBELIEVABLE_TIME
from pricing.cap_book import CapBook
from pricing.leads import Occurrence

_NO_SPECIES: Final = SpeciesCode("")


def about_untimely(
    held: Iterable[tuple[HeldMessage, Binding]], known: Mapping[JournalKey, JournalState], book: CapBook
) -> Iterator[Occurrence]:
    """Yield what is raised for new weighings that are held because their time cannot be right: it is a clock's fault.

    Such a weighing is told of as of its arrival: the moment it names is the thing that is wrong. An old line that is
    sent again after years was right once.
    """
    for one, binding in held:
        if one.reason != UNBELIEVABLE_TIME or one.seq is None:
            continue
        market_id, scale_id = MarketId(str(one.market_id)), ScaleId(str(one.scale_id))
        if one.seq <= known[JournalKey(market_id, scale_id, JournalId(str(one.journal_id)))].highest:
            continue
        timezone = ZoneInfo(book.markets[market_id].timezone)
        yield Occurrence(
            key=WeighingKey(market_id, scale_id, JournalId(str(one.journal_id)), one.seq, one.received_at),
            kind=AlertKind.CLOCK_DRIFT,
            vendor_id=binding.vendor_id,
            stall_id=binding.stall_id,
            species=_NO_SPECIES,
            business_day=one.received_at.astimezone(timezone).date(),
            note=f"number {one.seq} is in quarantine: {one.explanation}",
        )


def not_told_yet(
    occurrences: Iterable[Occurrence], known: Mapping[JournalKey, JournalState]
) -> tuple[list[Occurrence], dict[JournalKey, date]]:
    """Return the first occurrence of each journal and day that no alert tells of yet, and the days told of then."""
    first: list[Occurrence] = []
    told: dict[JournalKey, date] = {}
    for one in occurrences:
        journal = JournalKey(*one.key[:3])
        last = told.get(journal) or known[journal].clock_told_on
        if last is None or last < one.business_day:
            first.append(one)
            told[journal] = one.business_day
    return first, told
