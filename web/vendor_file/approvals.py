"""The vendor's licences and approvals as their offices tell of them, and the checks after them."""

from db.approvals import checks, records
from web.access import Permission
from web.i18n import mark
from web.vendor_file.section import Asked, Column, Link, Moment, Section, Word


def section(asked: Asked) -> Section | None:
    """Return the approvals; None for who may see none."""
    if not asked.viewer.may(Permission.SEE_APPROVALS):
        return None
    market_id, vendor_id = asked.vendor.market_id, asked.vendor.vendor_id
    found = records.of_vendor(asked.conn, market_id, vendor_id, limit=asked.most_rows + 1)
    listed = found[: asked.most_rows]
    latest = checks.latest_of(asked.conn, [one.approval_id for one in listed])
    rows = []
    for one in listed:
        check = latest.get(one.approval_id)
        rows.append(
            (
                Link(one.approval.number, f"/registry/approvals/{one.approval_id}"),
                Word(one.approval.kind),
                Word(one.approval.act),
                one.approval.authority,
                one.approval.issued_on,
                one.approval.valid_until,
                None if check is None else Word(check.state),
                None if check is None else check.due_on,
                None if check is None or check.result is None else Word(check.result),
            )
        )
    return Section(
        key="approvals",
        title=mark("Approvals and their checks"),
        columns=(
            Column("number", mark("Number of the approval")),
            Column("kind", mark("What was given")),
            Column("act", mark("What was done")),
            Column("authority", mark("Given by")),
            Column("issued_on", mark("Given on")),
            Column("valid_until", mark("Holds until")),
            Column("check", mark("Check after it")),
            Column("due_on", mark("Check due on")),
            Column("result", mark("Result")),
        ),
        rows=tuple(rows),
        more=len(found) > len(listed),
        empty=mark("No approval of the vendor is known."),
        moments=tuple(Moment(one.received_at, mark("An approval came in"), one.approval.number) for one in listed),
    )
