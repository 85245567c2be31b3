"""A weighing, whose it was, and the price book → the row to store and what the rules saw in it. Pure."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from db.registry import Binding
from db.weighings import WeighingRow
from domain.alert import AlertKind
from domain.ids import SpeciesCode
from ingest.reading import Candidate
from pricing.cap_book import CapBook
from pricing.leads import Occurrence, over_cap_kind
from pricing.policy import Judging
from pricing.rules import Judgement, judge


@dataclass(frozen=True, slots=True)
class Judged:
    """A weighing with the row to store, and the occurrences to raise once it proves to be new."""

    candidate: Candidate
    row: WeighingRow
    occurrences: tuple[Occurrence, ...]


def judge_candidate(
    candidate: Candidate, binding: Binding, book: CapBook, policy: Judging, *, is_void: bool = False
) -> Judged:
    """Judge a weighing by the list in force when it was made, in the market it was made in.

    `is_void`: the record really voids another (`ingest.voids`), so it is no sale and there is nothing to judge.
    """
    weighing = candidate.weighing
    market_id = candidate.key.market_id
    species = book.species_of(weighing)
    judgement = None
    cap_list = None
    if not is_void:
        cap_list = book.list_in_force(market_id, weighing.weighed_at)
        judgement = judge(
            weighing,
            has_list=cap_list is not None,
            cap=None if cap_list is None else book.item_for(cap_list, species, weighing.grade),
            payment_rounding_fen=policy.payment_rounding_fen,
        )
    row = _row(
        candidate,
        binding,
        timezone=book.markets[market_id].timezone,
        species=species,
        judgement=judgement,
        cap_list_id=None if cap_list is None else cap_list.cap_list_id,
    )
    return Judged(candidate, row, tuple(_occurrences(candidate, row, judgement)))


def _row(
    candidate: Candidate,
    binding: Binding,
    *,
    timezone: str,
    species: SpeciesCode,
    judgement: Judgement | None,
    cap_list_id: int | None,
) -> WeighingRow:
    weighing, key = candidate.weighing, candidate.key
    cap = None if judgement is None else judgement.cap
    return WeighingRow(
        market_id=key.market_id,
        scale_id=key.scale_id,
        journal_id=key.journal_id,
        seq=key.seq,
        weighed_at=key.weighed_at,
        received_at=candidate.received_at,
        business_day=key.weighed_at.astimezone(ZoneInfo(timezone)).date(),
        stall_id=binding.stall_id,
        vendor_id=binding.vendor_id,
        species_code=species,
        grade=weighing.grade,
        plu=weighing.plu,
        name=weighing.name,
        gross_g=weighing.gross_g,
        tare_g=weighing.tare_g,
        net_g=weighing.net_g,
        zero_offset_g=weighing.zero_offset_g,
        pieces=weighing.pieces,
        stable=weighing.stable,
        clock_synced=weighing.clock_synced,
        unit_price_fen=weighing.unit_price_fen,
        price_unit=weighing.price_unit,
        unit_price_fen_per_kg=weighing.unit_price_fen_per_kg,
        amount_fen=weighing.amount_fen,
        discount_fen=weighing.discount_fen,
        paid_fen=weighing.paid_fen,
        fee_fen=weighing.fee_fen,
        ticket_no=weighing.ticket_no,
        voids_seq=weighing.voids_seq,
        verdict=None if judgement is None else judgement.declared,
        paid_verdict=None if judgement is None else judgement.paid,
        cap_list_id=cap_list_id,
        cap_unit=None if cap is None else cap.unit,
        cap_fen=None if cap is None else cap.cap_fen,
        excess_fen=0 if judgement is None else judgement.excess_fen,
        overcharge_fen=0 if judgement is None else judgement.overcharge_fen,
        digest=candidate.digest,
        body=candidate.body,
    )


def _occurrences(candidate: Candidate, row: WeighingRow, judgement: Judgement | None) -> list[Occurrence]:
    seen = []
    kind = None if judgement is None else over_cap_kind(judgement)
    if judgement is not None and kind is not None:
        seen.append(
            Occurrence(
                key=candidate.key,
                kind=kind,
                vendor_id=row.vendor_id,
                stall_id=row.stall_id,
                species=row.species_code,
                business_day=row.business_day,
                excess_fen=judgement.excess_fen,
                excess_permille=judgement.excess_permille,
                cap_fen=row.cap_fen,
                cap_unit=None if judgement.cap is None else judgement.cap.unit,
                overcharge_fen=judgement.overcharge_fen,
            )
        )
    if row.vendor_id is None:
        note = "the scale is bound to no stall and vendor"
        seen.append(_about_the_scale(candidate, row, AlertKind.UNBOUND_SCALE, note))
    return seen


def conflict(judged: Judged) -> Occurrence:
    """What is raised when a journal's line arrives a second time with other content."""
    candidate = judged.candidate
    note = f"seq {candidate.key.seq} of journal {candidate.key.journal_id} came again with other content"
    return _about_the_scale(candidate, judged.row, AlertKind.SEQUENCE_CONFLICT, note)


def _about_the_scale(candidate: Candidate, row: WeighingRow, kind: AlertKind, note: str) -> Occurrence:
    return Occurrence(
        key=candidate.key,
        kind=kind,
        vendor_id=row.vendor_id,
        stall_id=row.stall_id,
        species=SpeciesCode(""),
        business_day=row.business_day,
        note=note,
    )
