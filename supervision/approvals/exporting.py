"""Results go back: each with one export, under a number without a gap, kept as it went."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from psycopg import Connection

from db.approvals import checks
from db.approvals.checks import ExportedFiles
from domain.approval import CheckAction
from domain.errors import NotFound, RuleViolation
from supervision.approvals.export_form import as_csv, as_json
from supervision.approvals.states import Move, moved

MOST_RESULTS: Final = 5_000


def export(conn: Connection, *, by: str, origin: str, now: datetime) -> int:
    """Export the results that did not go back yet, in one transaction; return the export_no.

    Two who ask at once get two exports, or the second nothing: no result is in both. Raise RuleViolation where there
    is nothing to export.
    """
    with conn.transaction():
        checks.hold_exports(conn)
        results = checks.to_export(conn, limit=MOST_RESULTS)
        if not results:
            raise RuleViolation("there is no result that did not go back yet")
        export_no = checks.last_export_no(conn) + 1
        csv, json = as_csv(export_no, results), as_json(export_no, now, results)
        checks.put_export(conn, export_no, csv=csv, json=json, results=len(results), by=by, at=now)
        for one in checks.several(conn, [result.check_id for result in results]).values():
            note = f"export {export_no}"
            after, step = moved(one, Move(action=CheckAction.EXPORT, note=note, origin=origin), actor=by, now=now)
            checks.move(conn, replace(after, export_no=export_no))
            checks.append_step(conn, one.check_id, step)
        return export_no


def exported(conn: Connection, export_no: int) -> ExportedFiles:
    """Return an export as it went. Raise NotFound."""
    found = checks.exported(conn, export_no)
    if found is None:
        raise NotFound(f"there is no export {export_no}")
    return found
