"""The public pages of draws, which ask for no sign-in: what was promised before, and what came of it."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from psycopg import Connection

from db import inspection_plans
from domain.errors import NotFound
from domain.inspection import Plan, PlanState
from web.state import Db, Running

router = APIRouter(include_in_schema=False)


@router.get("/draws")
def public_draws(request: Request, running: Running, conn: Db) -> HTMLResponse:
    """Every draw whose hash was published, for anybody."""
    found = inspection_plans.listed(conn, only_public=True)
    return running.renderer.page(request, "draws.html", plans=found)


@router.get("/draws/{plan_id}")
def public_draw(request: Request, running: Running, conn: Db, plan_id: int) -> HTMLResponse:
    """What was promised before a draw and what came of it, for anybody; no subject is named."""
    found = _published(conn, plan_id)
    drawn = running.drawn.of(conn, found).visits if found.state is PlanState.DRAWN else ()
    return running.renderer.page(request, "draw.html", plan=found, drawn=drawn)


@router.get("/draws/{plan_id}/file")
def draw_file(running: Running, conn: Db, plan_id: int) -> Response:
    """The file a draw is repeated from."""
    content = running.drawn.of(conn, _published(conn, plan_id)).file
    name = f'attachment; filename="draw-{plan_id}.json"'
    return Response(content, media_type="application/json", headers={"Content-Disposition": name})


def _published(conn: Connection, plan_id: int) -> Plan:
    found = inspection_plans.one(conn, plan_id)
    if found is None or found.frozen_sha256 is None:
        raise NotFound(f"there is no published draw {plan_id}")
    return found
