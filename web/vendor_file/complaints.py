"""Complaints about the vendor's sales, or its stall while it had it: what came of them, nothing of who complained."""

from db import vendor_files
from web.access import Permission
from web.i18n import mark
from web.vendor_file.section import Asked, Column, Link, Moment, Section, Word


def section(asked: Asked) -> Section | None:
    """Return the complaints; None for who may see none."""
    if not asked.viewer.may(Permission.SEE_COMPLAINTS):
        return None
    market_id, vendor_id = asked.vendor.market_id, asked.vendor.vendor_id
    found = vendor_files.complaints(asked.conn, market_id, vendor_id, limit=asked.most_rows + 1)
    shown = found[: asked.most_rows]
    return Section(
        key="complaints",
        title=mark("Complaints"),
        columns=(
            Column("complaint", mark("Complaint")),
            Column("received_at", mark("Received")),
            Column("channel", mark("Came by")),
            Column("reason", mark("Reason")),
            Column("state", mark("State")),
            Column("outcome", mark("Outcome")),
            Column("answered_at", mark("Answered")),
        ),
        rows=tuple(
            (
                Link(str(one.complaint_id), f"/complaints/{one.complaint_id}"),
                one.received_at,
                Word(one.channel),
                Word(one.reason),
                Word(one.state),
                None if one.outcome is None else Word(one.outcome),
                one.answered_at,
            )
            for one in shown
        ),
        more=len(found) > len(shown),
        empty=mark("There is no complaint about the vendor."),
        moments=tuple(Moment(one.received_at, mark("Somebody complains"), Word(one.reason)) for one in shown),
    )
