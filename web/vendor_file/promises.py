"""Promises: what the vendor promised instead of a deduction, and whether it kept its word."""

from db import promises
from domain.promise import Promise, PromiseState
from web.formats import points
from web.i18n import mark
from web.vendor_file.section import Asked, Column, Fact, Link, Moment, Section, Word


def section(asked: Asked) -> Section:
    """Return every promise of the vendor, the newest first."""
    found = promises.of_vendor(asked.conn, asked.vendor.market_id, asked.vendor.vendor_id)
    shown = list(reversed(found))[: asked.most_rows]
    broken = sum(one.state is PromiseState.BROKEN for one in found)
    return Section(
        key="promises",
        title=mark("Promises"),
        facts=(
            Fact("promises", mark("Promises"), len(found)),
            Fact("broken", mark("Promise broken"), broken, is_warning=broken > 0),
        ),
        columns=(
            Column("offered_at", mark("Offered on")),
            Column("state", mark("State")),
            Column("text", mark("What is promised")),
            Column("until", mark("Term until")),
            Column("waived", mark("Waived points")),
            Column("alert", mark("Alert")),
        ),
        rows=tuple(
            (
                one.offered_at,
                Word(one.state),
                one.text_zh,
                one.until,
                points(one.waived_points),
                Link(str(one.alert_id), f"/alerts/{one.alert_id}"),
            )
            for one in shown
        ),
        more=len(found) > len(shown),
        empty=mark("The vendor was never offered a promise."),
        moments=tuple(moment for one in shown for moment in _moments(one)),
    )


def _moments(promise: Promise) -> tuple[Moment, ...]:
    offered = Moment(promise.offered_at, mark("A promise is offered"), promise.text_zh)
    made = () if promise.made_at is None else (Moment(promise.made_at, mark("A promise is made"), promise.text_zh),)
    return (offered, *made)
