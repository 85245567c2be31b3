"""What is told in public about the vendor's penalties, and what came off the list."""

from db import publicity
from domain.publicity import PublicityEntry
from web.access import Permission
from web.case_handling import is_public
from web.i18n import mark
from web.vendor_file.section import Asked, Cell, Column, Fact, Link, Moment, Said, Section, Word


def section(asked: Asked) -> Section | None:
    """Return the entries of the publicity list, the newest first; None for who may see none."""
    if not asked.viewer.may(Permission.SEE_CASES):
        return None
    vendor = asked.vendor
    found = publicity.listed(
        asked.conn,
        market_id=vendor.market_id,
        vendor_id=vendor.vendor_id,
        is_on=None,
        now=asked.now,
        limit=asked.most_rows + 1,
    )
    shown = found[: asked.most_rows]
    public = sum(is_public(one, asked.now) for one in shown)
    return Section(
        key="publicity",
        title=mark("Penalties told in public"),
        facts=(Fact("public", mark("Public now"), public, is_warning=public > 0),),
        columns=(
            Column("document_no", mark("Number of the document")),
            Column("kind", mark("Kind of penalty")),
            Column("published_from", mark("From")),
            Column("published_to", mark("Until")),
            Column("repairable_from", mark("May be repaired from")),
            Column("state", mark("State")),
            Column("case", mark("Case")),
        ),
        rows=tuple(
            (
                one.document_no,
                Word(one.kind),
                one.published_from,
                one.published_to,
                one.repairable_from,
                _stands(one, asked),
                None if one.case_id is None else Link(str(one.case_id), f"/cases/{one.case_id}"),
            )
            for one in shown
        ),
        more=len(found) > len(shown),
        empty=mark("No penalty was told in public."),
        link=Link(mark("Publicity list"), "/publicity"),
        moments=tuple(
            Moment(one.taken_off_at, mark("A penalty comes off the publicity list"), one.document_no)
            for one in shown
            if one.taken_off_at is not None
        ),
    )


def _stands(one: PublicityEntry, asked: Asked) -> Cell:
    if one.taken_off_why is not None:
        return Word(one.taken_off_why)
    return Said(mark("Public now") if is_public(one, asked.now) else mark("Off the list"))
