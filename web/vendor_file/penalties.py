"""Penalties: what authorities decided, as their documents say it."""

from db import publicity, vendor_files
from db.vendor_files import PenaltyLine
from domain.publicity import PublicityEntry
from web.i18n import mark
from web.vendor_file.section import Asked, Cell, Column, Lines, Link, Moment, Section, Word


def section(asked: Asked) -> Section:
    """Return the penalties that were recorded; where one was overturned or revoked, the state says so."""
    market_id, vendor_id = asked.vendor.market_id, asked.vendor.vendor_id
    found = vendor_files.penalties(asked.conn, market_id, vendor_id, limit=asked.most_rows + 1)
    shown = found[: asked.most_rows]
    listed = publicity.listed(
        asked.conn, market_id=market_id, vendor_id=vendor_id, is_on=None, now=asked.now, limit=asked.most_rows
    )
    told = {(one.authority, one.document_no): one for one in listed}
    return Section(
        key="penalties",
        title=mark("Penalties"),
        columns=(
            Column("decided_on", mark("Day of the decision")),
            Column("document_no", mark("Number of the document")),
            Column("authority", mark("Authority")),
            Column("decision", mark("Decision")),
            Column("case", mark("Case")),
            Column("alert", mark("Alert")),
            Column("state", mark("State")),
            Column("publicity", mark("Public")),
        ),
        rows=tuple(
            (
                one.penalty.decided_on,
                one.penalty.document_no,
                one.penalty.authority,
                one.penalty.decision,
                None if one.case_id is None else Link(str(one.case_id), f"/cases/{one.case_id}"),
                None if one.alert_id is None else Link(str(one.alert_id), f"/alerts/{one.alert_id}"),
                _became(one),
                _publicity(told.get((one.penalty.authority, one.penalty.document_no))),
            )
            for one in shown
        ),
        more=len(found) > len(shown),
        empty=mark("No penalty is recorded."),
        moments=tuple(Moment(one.recorded_at, mark("A penalty is recorded"), one.penalty.document_no) for one in shown),
    )


def _became(one: PenaltyLine) -> Cell:
    state = one.alert_state or one.case_state
    return None if state is None else Word(state)


def _publicity(entry: PublicityEntry | None) -> Cell:
    """Say until when a penalty is public, and why it is not any more; nothing where it never was."""
    if entry is None:
        return None
    days = f"{entry.published_from} → {entry.published_to}"
    return days if entry.taken_off_why is None else Lines((days, Word(entry.taken_off_why)))
