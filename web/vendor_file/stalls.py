"""The stalls over time."""

from db.register import stalls
from web.formats import segment
from web.i18n import mark
from web.vendor_file.section import Asked, Column, Link, Moment, Section


def section(asked: Asked) -> Section:
    """Return which stalls the vendor occupied when."""
    found = stalls.occupancies_of_vendor(
        asked.conn, asked.vendor.market_id, asked.vendor.vendor_id, limit=asked.most_rows + 1
    )
    shown = found[: asked.most_rows]
    moments = []
    for one in shown:
        if one.begins is not None:
            moments.append(Moment(one.begins, mark("Occupies the stall"), one.stall_id))
        if one.ends is not None:
            moments.append(Moment(one.ends, mark("Leaves the stall"), one.stall_id))
    return Section(
        key="stalls",
        title=mark("Stalls over time"),
        columns=(
            Column("stall", mark("Stall")),
            Column("place", mark("Hall")),
            Column("begins", mark("From")),
            Column("ends", mark("Until")),
            Column("because", mark("Reason")),
        ),
        rows=tuple(
            (
                Link(one.stall_id, f"/registry/stalls/{segment(one.market_id)}/{segment(one.stall_id)}"),
                one.place,
                one.begins,
                one.ends,
                one.because,
            )
            for one in shown
        ),
        more=len(found) > len(shown),
        empty=mark("No stall was ever the vendor's."),
        moments=tuple(moments),
    )
