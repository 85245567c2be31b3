"""The scales: those of today with their codes, seals and verification, and all of them over time."""

from datetime import date
from zoneinfo import ZoneInfo

from db.register import scales
from domain.ids import ScaleId
from domain.register.records import RegisteredScale
from web.formats import segment
from web.i18n import mark
from web.vendor_file.section import Asked, Cell, Column, Lines, Link, Moment, Said, Section, Word


def today(asked: Asked) -> Section:
    """Return the scales that stand with the vendor now (三码一封: JJG 1204-2025)."""
    found = scales.with_vendor(
        asked.conn, asked.vendor.market_id, asked.vendor.vendor_id, asked.now, limit=asked.most_rows + 1
    )
    held = {stay.scale_id: stay.stall_id for stay in found[: asked.most_rows]}
    known = scales.several(asked.conn, asked.vendor.market_id, held)
    day = asked.now.astimezone(ZoneInfo(asked.market.timezone)).date()
    return Section(
        key="scales",
        title=mark("Scales today"),
        columns=(
            Column("scale", mark("Scale")),
            Column("stall", mark("Stall")),
            Column("plate", mark("Maker, model and serial number")),
            Column("codes", mark("Production, repair and verification code")),
            Column("seal", mark("Seal")),
            Column("certificate_no", mark("Certificate")),
            Column("verified_until", mark("Verified until")),
        ),
        rows=tuple(_row(known[scale_id], held[scale_id], day) for scale_id in sorted(known)),
        more=len(found) > asked.most_rows,
        empty=mark("No scale stands with the vendor today."),
    )


def over_time(asked: Asked) -> Section:
    """Return where which scale stood with the vendor when."""
    found = scales.stays_of_vendor(
        asked.conn, asked.vendor.market_id, asked.vendor.vendor_id, limit=asked.most_rows + 1
    )
    shown = found[: asked.most_rows]
    moments = []
    for stay in shown:
        where = f"{stay.scale_id} @ {stay.stall_id}"
        if stay.begins is not None:
            moments.append(Moment(stay.begins, mark("A scale comes to the stall"), where))
        if stay.ends is not None:
            moments.append(Moment(stay.ends, mark("A scale leaves the stall"), where))
    return Section(
        key="scale_stays",
        title=mark("Scales over time"),
        columns=(
            Column("scale", mark("Scale")),
            Column("stall", mark("Stall")),
            Column("begins", mark("From")),
            Column("ends", mark("Until")),
        ),
        rows=tuple(
            (_link(asked.market.market_id, stay.scale_id), stay.stall_id, stay.begins, stay.ends) for stay in shown
        ),
        more=len(found) > len(shown),
        moments=tuple(moments),
        empty=mark("No scale ever stood with the vendor."),
    )


def _row(scale: RegisteredScale, stall_id: str, day: date) -> tuple[Cell, ...]:
    identity, facts = scale.identity, scale.identity.facts
    plate = " ".join(filter(None, (identity.maker, identity.model, identity.serial_number)))
    codes = tuple(filter(None, (facts.production_code, facts.repair_code, facts.verification_code)))
    found = None if identity.seal_state is None else Word(identity.seal_state)
    seal: tuple[Cell, ...] = tuple(one for one in (facts.seal_no, found) if one)
    return (
        _link(scale.market_id, scale.scale_id),
        stall_id,
        plate,
        Lines(codes) if codes else None,
        Lines(seal) if seal else None,
        scale.certificate_no,
        verified(facts.verified_until, day),
    )


def verified(until: date | None, day: date) -> Cell:
    """Return until when a scale is verified, and that it is not any more."""
    if until is None:
        return Said(mark("not registered"))
    return Lines((until, Said(mark("The verification has ended")))) if until < day else until


def _link(market_id: str, scale_id: ScaleId) -> Link:
    return Link(scale_id, f"/registry/scales/{segment(market_id)}/{segment(scale_id)}")
