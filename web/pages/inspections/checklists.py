"""The checklist of a visit on a phone, and the worker that opens it where there is no network."""

from collections import defaultdict
from collections.abc import Iterable
from importlib.resources import files

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from db import alert_pages, inspection_answers
from domain.inspection import Answer
from supervision.inspections import asking, visiting
from supervision.inspections.answering import ANSWERED_IN
from supervision.inspections.answers import COMPLIES, last_to_see, open_conflicts, standing_answers
from web.signed_in import Inspects
from web.state import Db, Running

router = APIRouter(include_in_schema=False)


@router.get("/inspections/visits/{inspection_id}/checklist")
def checklist(request: Request, running: Running, conn: Db, viewer: Inspects, inspection_id: int) -> HTMLResponse:
    """Every question of a visit with the answer that stands; answers are kept on the phone and sent by a script."""
    visit = visiting.seen(conn, inspection_id, viewer.scope)
    answers = inspection_answers.of_inspection(conn, inspection_id)
    return running.renderer.page(
        request,
        "checklist.html",
        viewer=viewer,
        visit=visit,
        checklist=asking.checklist(conn, inspection_id),
        standing=standing_answers(answers),
        last_to_see=last_to_see(answers),
        conflicts=_by_question(open_conflicts(answers)),
        is_open=visit.state in ANSWERED_IN,
        choices=COMPLIES,
        people=alert_pages.display_names(conn, {one.answered_by for one in answers}),
    )


def _by_question(answers: Iterable[Answer]) -> dict[tuple[str, str], list[Answer]]:
    found = defaultdict[tuple[str, str], list[Answer]](list)
    for one in answers:
        found[one.item_code, one.question_code].append(one)
    return found


@router.get("/checklist-worker.js")
def worker() -> Response:
    """The worker's script, from the root: where a worker's script lies bounds what it may answer for."""
    script = (files("web") / "static" / "checklist-worker.js").read_text(encoding="utf-8")
    return Response(script, media_type="text/javascript", headers={"Cache-Control": "no-cache"})
