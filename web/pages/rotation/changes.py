"""Why somebody has a stall, and a proposal changed by hand: tried first, with what it costs whom, then kept."""

from collections import Counter
from typing import Annotated, Final

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from credit.rotation import planning
from credit.rotation.editing import Edit, EditKind
from credit.rotation.explaining import explain
from domain.errors import NotAllowed, NotFound, RuleViolation
from web.pages.rotation.rounds import round_page
from web.rotation_views import seen_round, shown
from web.signed_in import PlansRotation, SeesRotation
from web.state import Db, Now, Running

router = APIRouter(include_in_schema=False)

#: Of stalls that are better than one's own a page names so many; how many there are by each reason it says of all.
MOST_BETTER: Final = 30
_SEE_OTHER: Final = 303

_Stall = Annotated[str, Query(max_length=64)]
_Asked = Annotated[str, Query(max_length=10)]


@router.get("/rotation/{round_id}/claims/{number}")
def why(request: Request, running: Running, conn: Db, viewer: SeesRotation, round_id: int, number: int) -> HTMLResponse:
    """Why a number has its stall."""
    found = shown(conn, seen_round(conn, viewer, round_id))
    line = next((one for one in found.lines if one.place.number == number), None)
    if line is None:
        raise NotFound(f"round {round_id} has no number {number}")
    told = explain(found.rotation, found.solution, number)
    return running.renderer.page(
        request,
        "rotation_claim.html",
        viewer=viewer,
        round=found.round,
        shown=found,
        line=line,
        why=told,
        reasons=Counter(one.why for one in told.better),
        better=told.better[:MOST_BETTER],
        names=found.name_of,
        scores=found.score_of,
        rules=found.rotation.rules,
    )


@router.get("/rotation/{round_id}/change")
def try_change(
    request: Request,
    running: Running,
    conn: Db,
    viewer: PlansRotation,
    round_id: int,
    kind: EditKind = EditKind.PIN,
    stall_id: _Stall = "",
    number: _Asked = "",
    other: _Asked = "",
) -> HTMLResponse:
    """What a change by hand would cost, and whose place falls; nothing is kept."""
    of = seen_round(conn, viewer, round_id)
    typed = {"kind": str(kind), "stall_id": stall_id, "number": number, "other": other}
    try:
        before, after, _, told = planning.tried(conn, round_id, _edit(kind, stall_id, number, other))
    except (NotAllowed, NotFound):
        raise
    except RuleViolation as error:
        return round_page(request, running, conn, viewer, round_id, refusal=error, typed=typed)
    found = shown(conn, of)
    return running.renderer.page(
        request,
        "rotation_change.html",
        viewer=viewer,
        round=of,
        before=before,
        after=after,
        change=told,
        names=found.name_of,
        classes={one.stall_id: one.position_class for one in found.rotation.stalls},
        kind=kind,
        typed=typed,
    )


@router.post("/rotation/{round_id}/change")
def keep_change(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: PlansRotation,
    round_id: int,
    kind: Annotated[EditKind, Form()] = EditKind.PIN,
    stall_id: Annotated[str, Form(max_length=64)] = "",
    number: Annotated[str, Form(max_length=10)] = "",
    other: Annotated[str, Form(max_length=10)] = "",
    because: Annotated[str, Form(max_length=600)] = "",
    seen: Annotated[int, Form(ge=0, le=2**31 - 1)] = 0,
) -> Response:
    """Keep a change by hand, with its reason, as another version."""
    seen_round(conn, viewer, round_id)
    try:
        edit = _edit(kind, stall_id, number, other)
        planning.change_by_hand(conn, round_id, edit, because, seen=seen, by=viewer.username, now=now)
    except (NotAllowed, NotFound):
        raise
    except RuleViolation as error:
        typed = {"kind": str(kind), "stall_id": stall_id, "number": number, "other": other, "reason": because}
        return round_page(request, running, conn, viewer, round_id, refusal=error, typed=typed)
    return RedirectResponse(f"/rotation/{round_id}", _SEE_OTHER)


def _edit(kind: EditKind, stall_id: str, number: str, other: str) -> Edit:
    return Edit(kind=kind, stall_id=stall_id.strip(), number=_number(number), other=_number(other))


def _number(text: str) -> int | None:
    plain = text.strip()
    return int(plain) if plain.isascii() and plain.isdigit() else None
