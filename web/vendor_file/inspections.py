"""Inspections of the vendor: when, what for, and what came of them."""

from db import vendor_files
from domain.inspection import VisitState
from web.access import Permission
from web.i18n import mark
from web.vendor_file.section import Asked, Column, Link, Moment, Section, Word


def section(asked: Asked) -> Section | None:
    """Return the visits; None for who may see none.

    A visit of which nobody was told yet stands only in the file of who inspects: a market that knew would be ready.
    """
    if not asked.viewer.may(Permission.SEE_INSPECTIONS):
        return None
    hidden = {VisitState.COMBINED} | (set() if asked.viewer.may(Permission.INSPECT) else {VisitState.DRAWN})
    market_id, vendor_id = asked.vendor.market_id, asked.vendor.vendor_id
    found = vendor_files.inspections(asked.conn, market_id, vendor_id, hidden=hidden, limit=asked.most_rows + 1)
    shown = found[: asked.most_rows]
    return Section(
        key="inspections",
        title=mark("Inspections"),
        columns=(
            Column("inspection", mark("Inspection")),
            Column("first_day", mark("From")),
            Column("last_day", mark("Until")),
            Column("revisit_of", mark("Revisit of")),
            Column("items", mark("Supervision items")),
            Column("state", mark("State")),
            Column("rectify_by", mark("Put right by")),
            Column("revisit_by", mark("Looked at again by")),
            Column("stars", mark("The vendor's appraisal")),
        ),
        rows=tuple(
            (
                Link(str(one.inspection_id), f"/inspections/visits/{one.inspection_id}"),
                one.first_day,
                one.last_day,
                ", ".join(map(str, one.revisit_of)) or None,
                ", ".join(one.items),
                Word(one.state),
                one.rectify_by,
                one.revisit_by,
                one.stars,
            )
            for one in shown
        ),
        more=len(found) > len(shown),
        empty=mark("The vendor was never inspected."),
        moments=tuple(Moment(one.opened_at, mark("An inspection is opened"), ", ".join(one.items)) for one in shown),
    )
