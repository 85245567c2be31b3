"""Cases about the vendor: what for, how they stand, and what was decided."""

from db import case_lists
from db.case_lists import CaseLine
from domain.case import CaseState
from web.access import Permission
from web.i18n import mark
from web.vendor_file.section import Asked, Cell, Column, Lines, Link, Moment, Section, Word


def section(asked: Asked) -> Section | None:
    """Return the cases, the newest first; None for who may see none."""
    if not asked.viewer.may(Permission.SEE_CASES):
        return None
    vendor = asked.vendor
    found = case_lists.listed(
        asked.conn, market_id=vendor.market_id, vendor_id=vendor.vendor_id, limit=asked.most_rows + 1
    )
    shown = found[: asked.most_rows]
    return Section(
        key="cases",
        title=mark("Cases"),
        columns=(
            Column("case", mark("Case")),
            Column("opened_at", mark("Opened as a case")),
            Column("about", mark("Case about")),
            Column("state", mark("State")),
            Column("outcome", mark("Outcome")),
            Column("document_no", mark("Number of the document")),
        ),
        rows=tuple(
            (
                Link(str(one.case_id), f"/cases/{one.case_id}"),
                one.opened_at,
                Lines(tuple(Word(kind) for kind in one.kinds)) if one.kinds else Word(one.cause),
                Word(one.state),
                _decided(one),
                one.document_no,
            )
            for one in shown
        ),
        more=len(found) > len(shown),
        empty=mark("There is no case about the vendor."),
        moments=tuple(Moment(one.opened_at, mark("A case is opened"), Word(one.cause)) for one in shown),
    )


def _decided(one: CaseLine) -> Cell:
    if one.outcome is None:
        return None
    return Lines((Word(one.outcome), Word(CaseState.REVOKED))) if one.is_revoked else Word(one.outcome)
