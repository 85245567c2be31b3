"""What a visit found wrong comes to a case."""

from typing import Annotated, Final

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from domain.errors import NotAllowed, NotFound, RuleViolation
from supervision.cases.starting import open_on_findings
from web.pages.inspections.visits import visit_page
from web.signed_in import HandlesCases
from web.state import Db, Now, Running

router = APIRouter(prefix="/inspections", include_in_schema=False)

_SEE_OTHER: Final = 303
#: Between the codes of an item and of its question, which hold neither.
_BETWEEN: Final = "/"


@router.post("/visits/{inspection_id}/case")
def open_case(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: HandlesCases,
    inspection_id: int,
    finding: Annotated[list[str] | None, Form()] = None,
    reason: Annotated[str, Form(max_length=4000)] = "",
) -> Response:
    """Put findings into a case; refused, what was chosen and typed stays."""
    chosen = finding or []
    wanted = [(item, question) for item, _, question in (one.partition(_BETWEEN) for one in chosen)]
    try:
        with conn.transaction():
            case_id = open_on_findings(conn, inspection_id, wanted, reason=reason, by=viewer.actor, now=now)
    except (NotAllowed, NotFound):
        raise
    except RuleViolation as error:
        typed = {"reason": reason}
        return visit_page(request, running, conn, viewer, inspection_id, refusal=error, typed=typed, chosen=chosen)
    return RedirectResponse(f"/cases/{case_id}", _SEE_OTHER)
