"""Exemptions from the caps."""

from db import exemptions
from web.i18n import mark
from web.vendor_file.section import Asked, Column, Moment, Section


def section(asked: Asked) -> Section:
    """Return when the vendor priced freely, and by which document."""
    found = exemptions.listed(
        asked.conn, market_id=asked.vendor.market_id, vendor_id=asked.vendor.vendor_id, limit=asked.most_rows + 1
    )
    shown = found[: asked.most_rows]
    moments = [Moment(one.since, mark("An exemption begins"), one.document_no) for one in shown]
    moments += [Moment(one.until, mark("An exemption ends"), one.document_no) for one in shown if one.until]
    return Section(
        key="exemptions",
        title=mark("Exemptions"),
        columns=(
            Column("since", mark("From")),
            Column("until", mark("Until")),
            Column("reason", mark("Reason")),
            Column("document_no", mark("Document number")),
            Column("revoked_because", mark("Why it ended")),
        ),
        rows=tuple((one.since, one.until, one.reason, one.document_no, one.revoked_because) for one in shown),
        more=len(found) > len(shown),
        empty=mark("The vendor was never exempt."),
        moments=tuple(moments),
    )
