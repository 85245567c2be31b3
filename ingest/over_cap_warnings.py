"""Which sales of a batch their scale is warned of, and in which words of the contract. Pure.

A warning is for the vendor who stands there: of a sale that was made a moment ago. What a device kept through an outage
is raised as an alert and warned of no more; of several sales that came together, a display has room for the last.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from db.journals import JournalKey
from domain.ids import MarketId, SpeciesCode
from domain.price_cap import CapUnit, PriceCap
from domain.units import Fen, FenPerKg, PriceUnit
from ingest.instants import microseconds
from ingest.judging import Judged
from messages import limits
from messages.notices import OverCapNotice
from messages.topics import ScaleChannel, ScaleTopic

_LONGEST_CODE: Final = 32

#: A list in a market; what was announced there gives it its version.
ListInMarket = tuple[MarketId, int]


class SaleToWarnOf(NamedTuple):
    """A sale above its cap: its row in the batch, what it was held to, and whose list that is of."""

    row: int
    cap: PriceCap
    of_list: ListInMarket


class OverCapWarning(NamedTuple):
    """What a scale is told once its sale is committed."""

    topic: ScaleTopic
    notice: OverCapNotice


def sales_to_warn_of(judged: Judged, new: NDArray[np.int64], now: datetime, fresh: timedelta) -> list[SaleToWarnOf]:
    """Return the last of each journal's `new` sales above the cap, of those made at most `fresh` ago.

    When a sale was made is what judges it, too. Goods sold by the piece have no cap that the notice could name.
    """
    columns, last = judged.columns, dict[JournalKey, SaleToWarnOf]()
    since_us = int(microseconds([now - fresh])[0])
    for row, fallen in judged.over_caps(new, since_us):
        if fallen.cap is None or fallen.cap_list is None or not _can_be_named(fallen.cap):
            continue
        journal = columns.source_of(row).journal
        known = last.get(journal)
        if known is None or columns.seq[known.row] < columns.seq[row]:
            last[journal] = SaleToWarnOf(row, fallen.cap, (journal.market_id, fallen.cap_list.cap_list_id))
    return list(last.values())


def warnings_of(
    judged: Judged, sales: Sequence[SaleToWarnOf], versions: Mapping[ListInMarket, str], now: datetime
) -> list[OverCapWarning]:
    """Return what to tell the scales of some sales; a list whose version is not known goes without."""
    return [_warning(judged, sale, versions.get(sale.of_list, ""), now) for sale in sales]


def _can_be_named(cap: PriceCap) -> bool:
    return cap.unit is CapUnit.KG and bool(cap.cap_fen)


def _warning(judged: Judged, sale: SaleToWarnOf, version: str, now: datetime) -> OverCapWarning:
    columns, row = judged.columns, sale.row
    journal = columns.source_of(row).journal
    return OverCapWarning(
        topic=ScaleTopic(journal.market_id, journal.scale_id, ScaleChannel.NOTICES),
        notice=OverCapNotice(
            at=now,
            journal_id=journal.journal_id,
            seq=int(columns.seq[row]),
            unit_price_fen=Fen(int(columns.unit_price_fen[row])),
            price_unit=PriceUnit(columns.price_unit[row]),
            cap_fen_per_kg=FenPerKg(sale.cap.cap_fen or 0),
            species=SpeciesCode(_fitting(columns.species[row], _LONGEST_CODE)),
            grade=_fitting(columns.grade[row], _LONGEST_CODE),
            name=_fitting(columns.name[row], limits.MAX_NAME_LENGTH),
            list_version=_fitting(version, limits.MAX_NAME_LENGTH),
        ),
    )


def _fitting(text: str, length: int) -> str:
    """What a device keyed may hold anything; a display gets what can be shown."""
    return "".join(char for char in text if char.isprintable())[:length]
