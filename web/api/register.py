"""The register for programs: finding vendors, a vendor's whole file, and filling the register from files."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Base64Bytes, Field

from db.register import search
from db.register.events import Change
from domain.ids import MarketId, VendorId
from domain.register.records import Source
from supervision.register.import_plan import Plan, RowOutcome
from supervision.register.import_tables import REGISTER_LIMITS, ImportKind
from supervision.register.importing import RegisterFile, apply, kind_of_file, preview
from tables.cells import column_letter
from web.access import Viewer
from web.api.models import Body, Model
from web.register_imports import file_name, require_kind
from web.signed_in import EditsRegistry, SeesPersonalData, SeesRegistry
from web.state import Db, Now, Running
from web.texts import Text
from web.vendor_file.exports import as_json
from web.vendor_file.sections import ROWS_IN_AN_EXPORT, vendor_file, vendor_file_in_full

router = APIRouter(tags=["registry"])


class VendorFound(Model):
    """A vendor with the stalls it occupies now (comma-separated) and how many scales stand with it."""

    market_id: str
    market_name: str
    vendor_id: str
    name: str
    kind: str
    credit_code: str
    licence_until: date | None
    stalls: str
    scales: int


class FileRequest(Body):
    """A table: its bytes in base64. `kind` left out: as its columns tell."""

    market_id: Annotated[Text, Field(max_length=64)]
    file_name: Annotated[Text, Field(max_length=200)] = "file"
    content: Base64Bytes
    kind: ImportKind | None = None


class ApplyRequest(FileRequest):
    """A table to apply. `digest`: of the preview that was looked at; left out: whatever it would do."""

    digest: Annotated[str | None, Field(max_length=64)] = None
    because: Annotated[Text, Field(max_length=500)] = ""
    past_is_meant: bool = False


class ProblemFound(Model):
    """What is wrong with a file: `row` and `column` count from 1, 0 and "" where it is about the whole."""

    row: int
    column: str
    field: str
    says: str


class RowPlanned(Model):
    """What a row would do; `changes`: by field what was and what would be, a person's data masked."""

    row: int
    subject_id: str
    outcome: RowOutcome
    changes: dict[str, tuple[str, str]]


class PlanFound(Model):
    """What a file would do. `in_the_past`: how many rows judge again what was sold already."""

    kind: ImportKind
    may_be_applied: bool
    digest: str
    counts: dict[RowOutcome, int]
    in_the_past: int
    problems: list[ProblemFound]
    ignored_columns: list[str]
    rows: list[RowPlanned]


class AppliedFound(Model):
    """What a file did."""

    added: int
    changed: int
    unchanged: int


class InFullRequest(Body):
    """Why personal data is seen in full: it is logged."""

    because: Annotated[Text, Field(min_length=1, max_length=500)]


@router.get("/registry/vendors")
def find_vendors(
    conn: Db,
    now: Now,
    viewer: SeesRegistry,
    q: Annotated[str, Query(max_length=100)] = "",
    market: Annotated[str | None, Query(max_length=64)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> list[VendorFound]:
    """Vendors by a part of their name, its pinyin or initials, by a code, a stall or a scale."""
    scope = viewer.narrow(None if market is None else MarketId(market))
    found = search.vendors(conn, q, scope, now, limit=limit, offset=offset)
    return [VendorFound.model_validate(one) for one in found]


@router.get("/vendors/{market_id}/{vendor_id}/file")
def read_file(
    running: Running, conn: Db, now: Now, viewer: SeesRegistry, market_id: MarketId, vendor_id: VendorId
) -> dict[str, Any]:
    """The whole file of a vendor (docs/registry.md), personal data masked."""
    return as_json(
        vendor_file(conn, running.config, viewer, market_id, vendor_id, now=now, most_rows=ROWS_IN_AN_EXPORT)
    )


@router.post("/vendors/{market_id}/{vendor_id}/file")
def read_file_in_full(
    running: Running,
    conn: Db,
    now: Now,
    viewer: SeesPersonalData,
    market_id: MarketId,
    vendor_id: VendorId,
    asked: InFullRequest,
) -> dict[str, Any]:
    """The whole file of a vendor with personal data in full: that it was seen, by whom and why, is logged."""
    return as_json(
        vendor_file_in_full(
            conn,
            running.config,
            viewer,
            market_id,
            vendor_id,
            how="api",
            because=asked.because,
            now=now,
            most_rows=ROWS_IN_AN_EXPORT,
        )
    )


@router.post("/registry/previews")
def preview_file(conn: Db, now: Now, viewer: EditsRegistry, asked: FileRequest) -> PlanFound:
    """What a file would do; nothing is kept."""
    return _found(preview(conn, _file(viewer, asked), now=now))


@router.post("/registry/imports", status_code=201)
def apply_file(conn: Db, now: Now, viewer: EditsRegistry, asked: ApplyRequest) -> AppliedFound:
    """Apply a file in one transaction; one with a problem changes nothing, and all its problems are told."""
    change = Change(by=viewer.username, at=now, because=asked.because.strip(), source=Source.API)
    done = apply(conn, _file(viewer, asked), change, expected=asked.digest, past_is_meant=asked.past_is_meant)
    return AppliedFound.model_validate(done)


def _file(viewer: Viewer, asked: FileRequest) -> RegisterFile:
    viewer.narrow(MarketId(asked.market_id))
    file = RegisterFile(
        name=file_name(asked.file_name),
        content=asked.content[: REGISTER_LIMITS.most_bytes + 1],
        market_id=MarketId(asked.market_id),
        kind=asked.kind,
    )
    require_kind(viewer, kind_of_file(file))
    return file


def _found(plan: Plan) -> PlanFound:
    return PlanFound(
        kind=plan.kind,
        may_be_applied=plan.may_be_applied,
        digest=plan.digest,
        counts=dict(plan.counts),
        in_the_past=plan.in_the_past,
        problems=[
            ProblemFound(row=one.row, column=column_letter(one.column), field=one.what, says=one.says)
            for one in plan.problems
        ],
        ignored_columns=[one.title for one in plan.ignored],
        rows=[
            RowPlanned(row=row.number, subject_id=row.subject_id, outcome=row.outcome, changes=row.shown)
            for row in plan.rows
        ],
    )
