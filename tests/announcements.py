"""Cap lists as they are announced to agents, for tests."""

from datetime import UTC, datetime, timedelta

from domain.ids import SpeciesCode
from domain.price_cap import CapList, CapStatus, CapUnit, Channel, PriceCap
from domain.units import Fen
from messages.caps import AnnouncedList, with_version

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)  # in Sanya
MIDNIGHT = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def item(
    species: str,
    cap_fen: int | None = None,
    *,
    grade: str = "",
    status: CapStatus | None = None,
    unit: CapUnit = CapUnit.KG,
    list_id: int = 1,
) -> PriceCap:
    return PriceCap(
        cap_list_id=list_id,
        species=SpeciesCode(species),
        grade=grade,
        status=status or (CapStatus.UNCAPPED if cap_fen is None else CapStatus.CAPPED),
        unit=unit,
        cap_fen=None if cap_fen is None else Fen(cap_fen),
    )


def announced(
    *items: PriceCap,
    list_id: int = 1,
    begins: datetime = MIDNIGHT - DAY,
    ends: datetime | None = None,
    is_demonstration: bool = False,
) -> AnnouncedList:
    """A list in force since the midnight before `NOON`, with its version."""
    return with_version(
        AnnouncedList(
            cap_list=CapList(
                cap_list_id=list_id,
                area="sanya",
                channel=Channel.EATERY,
                effective_from=begins,
                effective_to=ends,
                items=items,
            ),
            version="",
            source="a test",
            authority="三亚市发改委",
            document_no="2026-11-22",
            published_at=begins - timedelta(hours=6),
            is_demonstration=is_demonstration,
        )
    )
