"""`steelyard approvals`: taking approvals in from files, what is to be checked, and the results that go back."""

import json
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from domain.approval import Check, Feed
from domain.errors import BadFile
from steelyard.commands.acting import acting
from steelyard.commands.daily_caps import connection

if TYPE_CHECKING:
    from supervision.approvals.filing import FeedPlan
    from supervision.approvals.policy import ApprovalsPolicy
    from supervision.approvals.receiving import Feeding

app = typer.Typer(help="Approvals, the checks after them, and their results.", no_args_is_help=True)

_SHOWN = 50
_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
_As = Annotated[str, typer.Option("--as", metavar="USERNAME", help="Who does it; left out: who is logged in here.")]


@app.callback()
def approvals() -> None:
    """Approvals, the checks after them, and their results."""


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="CSV (UTF-8 or GB18030) or XLSX.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what it would do.")] = False,
    who: _As = "",
    as_json: _Json = False,
) -> None:
    """Show what a file of approvals would do, and take it over as a whole. The same file again changes nothing."""
    from supervision.approvals.receiving import preview, take_file
    from web.access import Permission

    content = _bytes_of(file)
    with connection() as conn:
        by = acting(conn, who, Permission.HANDLE_APPROVALS)
        feeding = _feeding(by)
        plan = preview(conn, file.name, content, feeding)
        _tell(plan, as_json=as_json)
        if not plan.may_be_taken:
            raise BadFile(file.name, tuple(map(str, plan.problems)))
        if dry_run:
            return
        taken = take_file(conn, file.name, content, feeding, expected=plan.digest)
    if not as_json:
        opened = len({one.check_id for one in taken if one.check_id is not None})
        typer.echo(f"taken over; {opened} checks to be done")


@app.command("list")
def list_checks(
    overdue: Annotated[bool, typer.Option("--overdue", help="Only what should have been done before today.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many at most.")] = 50,
    as_json: _Json = False,
) -> None:
    """List checks that await a step, the first due first; licence numbers, which may be a person's, are masked."""
    from db.approvals import checks, records
    from domain.register.personal import masked
    from messages.showing import show_text

    today = _policy().today(datetime.now(UTC))
    with connection() as conn:
        pairs = checks.awaited(conn, checks.Which(overdue_on=today if overdue else None), limit=limit)
        found = checks.several(conn, [check_id for check_id, _ in pairs])
        about = records.several(conn, [approval_id for _, approval_id in pairs])
    if as_json:
        rows = [_as_json(found[one]) | masked(about[other].approval.texts()) for one, other in pairs]
        typer.echo(json.dumps({"checks": rows}, ensure_ascii=False, default=str))
        return
    for check_id, approval_id in pairs:
        check, approval = found[check_id], about[approval_id].approval
        late = "  overdue" if check.is_overdue(today) else ""
        name = show_text(f"{approval.number} {approval.subject_name}", 80)
        typer.echo(f"{check_id}  {check.due_on}  {check.state}  {check.assigned_to or '-'}  {name}{late}")
    if not pairs:
        typer.echo("nothing is to be checked")


@app.command("match")
def match_now() -> None:
    """Match approvals whose vendors were registered since they came; the clerk does it every minute."""
    from supervision.approvals.checking import match_late

    with connection() as conn:
        typer.echo(f"{match_late(conn, datetime.now(UTC))} matched")


@app.command("export")
def export_results(
    into: Annotated[Path, typer.Argument(help="A folder for the two files: CSV and JSON.")],
    number: Annotated[int, typer.Option("--number", help="An earlier export again, as it went.")] = 0,
    who: _As = "",
) -> None:
    """Export the results since the last export, each once; or an earlier export again, byte for byte."""
    from supervision.approvals.exporting import export, exported
    from web.access import Permission

    if not into.is_dir():
        raise BadFile(str(into), ("is no folder; expected one that is there",))
    with connection() as conn:
        by = acting(conn, who, Permission.HANDLE_APPROVALS)
        export_no = number or export(conn, by=by, origin="command", now=datetime.now(UTC))
        files = exported(conn, export_no)
    # Kept before it is written: what cannot be written here is fetched again by its number.
    for kind, content in (("csv", files.csv), ("json", files.json)):
        path = into / f"approval-check-results-{export_no:06}.{kind}"
        try:
            path.write_bytes(content)
        except OSError as error:
            problem = f"cannot be written: {error.strerror}; fetch it again with --number {export_no}"
            raise BadFile(str(path), (problem,)) from None
        typer.echo(str(path))


def _tell(plan: "FeedPlan", *, as_json: bool) -> None:
    if as_json:
        rows = [
            {"row": one.record.row, "number": one.record.name, "outcome": one.judged.arrival, "changes": one.shown}
            for one in plan.records
        ]
        told = {"counts": plan.counts, "digest": plan.digest, "problems": list(map(str, plan.problems))}
        typer.echo(json.dumps({**told, "rows": rows}, ensure_ascii=False))
        return
    typer.echo(", ".join(f"{count} {arrival}" for arrival, count in plan.counts.items()))
    for one in plan.ignored:
        typer.echo(f"  column {one.title!r} means nothing here" + (f"; perhaps {one.perhaps}" if one.perhaps else ""))
    for row in [row for row in plan.records if row.judged.changes][:_SHOWN]:
        changes = "; ".join(f"{field}: {was or '-'} -> {holds or '-'}" for field, (was, holds) in row.shown.items())
        typer.echo(f"  row {row.record.row} {row.record.name} {row.judged.arrival}: {changes}")


def _feeding(by: str) -> "Feeding":
    from steelyard.settings import read_settings
    from supervision.approvals.receiving import Feeding
    from supervision.policy import read_supervision_policy

    calendar = read_supervision_policy(read_settings().policy_file("supervision.toml")).working_calendar
    return Feeding(policy=_policy(), calendar=calendar, feed=Feed.COMMAND, by=by, now=datetime.now(UTC))


def _policy() -> "ApprovalsPolicy":
    from steelyard.settings import read_settings
    from supervision.approvals.policy import read_approvals_policy

    return read_approvals_policy(read_settings().policy_file("approvals.toml"))


def _as_json(check: Check) -> dict[str, object]:
    return {one.name: getattr(check, one.name) for one in fields(check)}


def _bytes_of(file: Path) -> bytes:
    from supervision.approvals.filing import APPROVAL_LIMITS

    try:
        with file.open("rb") as opened:
            return opened.read(APPROVAL_LIMITS.most_bytes + 1)
    except OSError as error:
        raise BadFile(file.name, (f"cannot be read: {error.strerror}",)) from None
