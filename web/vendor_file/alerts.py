"""Alerts: how many in which state, and the newest."""

from db import vendor_files
from web.i18n import mark
from web.vendor_file.section import Asked, Column, Fact, Link, Moment, Money, Section, Word
from web.words import message_of


def section(asked: Asked) -> Section:
    """Return the alerts about the vendor. An alert is a lead, no finding of guilt: its state says what became of it."""
    market_id, vendor_id = asked.vendor.market_id, asked.vendor.vendor_id
    counts, is_whole = vendor_files.alert_counts(asked.conn, market_id, vendor_id)
    found = vendor_files.newest_alerts(asked.conn, market_id, vendor_id, limit=asked.most_rows + 1)
    shown = found[: asked.most_rows]
    return Section(
        key="alerts",
        title=mark("Alerts"),
        facts=tuple(Fact(state, message_of(state), _count(counts[state], is_whole=is_whole)) for state in counts),
        columns=(
            Column("alert", mark("Alert")),
            Column("kind", mark("Kind")),
            Column("state", mark("State")),
            Column("business_day", mark("Day")),
            Column("occurrences", mark("Occurrences")),
            Column("overcharge_yuan", mark("Paid above the caps")),
        ),
        rows=tuple(
            (
                Link(str(one.alert_id), f"/alerts/{one.alert_id}"),
                Word(one.kind),
                Word(one.state),
                one.business_day,
                one.occurrences,
                Money(one.overcharge_fen),
            )
            for one in shown
        ),
        more=len(found) > len(shown),
        empty=mark("There is no alert about the vendor."),
        moments=tuple(Moment(one.opened_at, mark("An alert is raised"), Word(one.kind)) for one in shown),
    )


def _count(count: int, *, is_whole: bool) -> str:
    return str(count) if is_whole else f"{count}+"
