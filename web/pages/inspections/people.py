"""Who inspects, whom they do not visit, and the risk classes of subjects. For regulators only."""

from collections.abc import Sequence
from typing import Annotated, Final

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from psycopg import Connection
from pydantic import StringConstraints

from db import alert_pages, inspectors, items, registry
from domain.errors import IllegalTransition, NotAllowed, RuleViolation
from domain.ids import MarketId, VendorId
from domain.supervision_item import Catalogue, RiskClass
from web.access import Viewer
from web.signed_in import PlansInspections
from web.state import Db, Now, Running, Service

router = APIRouter(prefix="/inspections", include_in_schema=False)

_SEE_OTHER: Final = 303
_CONFLICT: Final = 409
_UNPROCESSABLE: Final = 422
_HERE: Final = "/inspections/inspectors"
_CLASSES: Final = "/inspections/classes"

_Text = Annotated[str, Form(max_length=64)]
_Reason = Annotated[str, Form(max_length=2000)]
#: Ticked one by one, or written in a line where no catalogue says which there are.
_Skills = Annotated[Sequence[Annotated[str, StringConstraints(max_length=300)]], Form(max_length=50)]


@router.get("/inspectors")
def who_inspects(request: Request, running: Running, conn: Db, viewer: PlansInspections) -> HTMLResponse:
    """Inspectors and their conflicts."""
    return _people(request, running, conn, viewer)


@router.post("/inspectors")
def add_inspector(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: PlansInspections,
    username: _Text = "",
    badge_no: _Text = "",
    department: _Text = "",
    qualifications: _Skills = (),
) -> Response:
    """Make an account an inspector, or change what it is as one."""
    typed = {"username": username, "badge_no": badge_no, "department": department}
    skills = " ".join(qualifications).replace("，", " ").replace(",", " ").split()
    try:
        _require(
            bool(username.strip() and badge_no.strip() and department.strip() and skills),
            "an inspector has an account, a badge number, a department, and one qualification at least",
            "inspector_not_whole",
        )
        with conn.transaction():
            inspectors.add(
                conn,
                username.strip(),
                badge_no=badge_no.strip(),
                department=department.strip(),
                qualifications=skills,
                by=viewer.username,
                at=now,
            )
    except NotAllowed:
        raise
    except RuleViolation as error:
        return _people(request, running, conn, viewer, refusal=error, typed=typed, skills=skills)
    return RedirectResponse(_HERE, _SEE_OTHER)


@router.post("/inspectors/{user_id}/retire")
def retire(conn: Db, now: Now, viewer: PlansInspections, user_id: int) -> Response:
    """Send an inspector nowhere any more."""
    if not inspectors.retire(conn, user_id, by=viewer.username, at=now):
        raise IllegalTransition(f"there is no inspector {user_id} who is sent anywhere")
    return RedirectResponse(_HERE, _SEE_OTHER)


@router.post("/conflicts")
def declare(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: PlansInspections,
    inspector: Annotated[str, Form(max_length=20)] = "",
    market: _Text = "",
    vendor: _Text = "",
    reason: _Reason = "",
) -> Response:
    """Keep that an inspector does not visit a vendor or a market."""
    typed = {"inspector": inspector, "market": market, "vendor": vendor, "reason": reason}
    try:
        is_whole = inspector.isascii() and inspector.isdigit() and bool(market and reason.strip())
        _require(is_whole, "a conflict names the inspector, the market, and the reason", "conflict_not_whole")
        with conn.transaction():
            inspectors.declare_conflict(
                conn,
                int(inspector),
                MarketId(market),
                VendorId(vendor.strip()) if vendor.strip() else None,
                reason=reason.strip(),
                by=viewer.username,
                at=now,
            )
    except NotAllowed:
        raise
    except RuleViolation as error:
        return _people(request, running, conn, viewer, refusal=error, typed=typed)
    return RedirectResponse(_HERE, _SEE_OTHER)


@router.post("/conflicts/{conflict_id}/end")
def end_conflict(conn: Db, now: Now, viewer: PlansInspections, conflict_id: int) -> Response:
    """End a conflict; it stays in the list."""
    if not inspectors.end_conflict(conn, conflict_id, by=viewer.username, at=now):
        raise IllegalTransition(f"there is no conflict {conflict_id} that holds")
    return RedirectResponse(_HERE, _SEE_OTHER)


@router.get("/classes")
def classes(
    request: Request,
    running: Running,
    conn: Db,
    viewer: PlansInspections,
    market: Annotated[str, Query(max_length=64)] = "",
    vendor: Annotated[str, Query(max_length=64)] = "",
) -> HTMLResponse:
    """Risk classes as regulators set them, the newest first, and the form for one; `market`, `vendor`: filled in."""
    return _classes(request, running, conn, viewer, typed={"market": market, "vendor": vendor})


@router.post("/classes")
def set_class(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: PlansInspections,
    market: _Text = "",
    vendor: _Text = "",
    risk_class: Annotated[str, Form(max_length=1)] = "",
    reason: _Reason = "",
) -> Response:
    """Set the class of a subject for the month."""
    typed = {"market": market, "vendor": vendor, "risk_class": risk_class, "reason": reason}
    try:
        is_whole = risk_class in set(RiskClass) and bool(reason.strip())
        _require(is_whole, "a risk class is A, B, C or D, and has a reason", "class_not_whole")
        with conn.transaction():
            inspectors.set_class(
                conn,
                MarketId(market),
                VendorId(vendor.strip()),
                RiskClass(risk_class),
                reason=reason.strip(),
                by=viewer.username,
                at=now,
            )
    except NotAllowed:
        raise
    except RuleViolation as error:
        return _classes(request, running, conn, viewer, refusal=error, typed=typed)
    return RedirectResponse(_CLASSES, _SEE_OTHER)


def _require(is_so: bool, otherwise: str, problem: str) -> None:
    if not is_so:
        raise RuleViolation(otherwise, problem=problem)


def _status(refusal: RuleViolation | None) -> int:
    return 200 if refusal is None else _CONFLICT if isinstance(refusal, IllegalTransition) else _UNPROCESSABLE


def _people(
    request: Request,
    running: Service,
    conn: Connection,
    viewer: Viewer,
    *,
    refusal: RuleViolation | None = None,
    typed: dict[str, str] | None = None,
    skills: Sequence[str] = (),
) -> HTMLResponse:
    conflicts = inspectors.conflicts(conn)
    catalogue = items.in_force(conn)
    return running.renderer.page(
        request,
        "inspectors.html",
        viewer=viewer,
        status=_status(refusal),
        inspectors=inspectors.listed(conn),
        conflicts=conflicts,
        catalogue=catalogue,
        qualifications=_asked_by_items(conn, catalogue),
        markets=registry.markets(conn),
        people=alert_pages.display_names(conn, {one.declared_by for one in conflicts}),
        refusal=refusal,
        typed=typed or {},
        skills=skills,
    )


def _asked_by_items(conn: Connection, catalogue: Catalogue | None) -> list[str]:
    asked = () if catalogue is None else items.items_of(conn, catalogue.catalogue_id)
    return sorted({item.qualification for item in asked})


def _classes(
    request: Request,
    running: Service,
    conn: Connection,
    viewer: Viewer,
    *,
    refusal: RuleViolation | None = None,
    typed: dict[str, str] | None = None,
) -> HTMLResponse:
    found = inspectors.classes_set(conn)
    return running.renderer.page(
        request,
        "risk_classes.html",
        viewer=viewer,
        status=_status(refusal),
        classes=found,
        risk_classes=list(RiskClass),
        policy=running.config.inspection_policy,
        markets=registry.markets(conn),
        market_names={one.market_id: one.name for one in registry.markets(conn)},
        people=alert_pages.display_names(conn, {one.set_by for one in found}),
        refusal=refusal,
        typed=typed or {},
    )
