"""The public pages of rounds, which ask for no sign-in: what was promised, what came of it; a vendor's own reasons."""

from collections import Counter
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import HTMLResponse
from psycopg import Connection

from credit.rotation import planning
from credit.rotation.explaining import explain
from credit.rotation.round_file import file_of
from db import rotation_rounds
from domain.errors import NotFound
from domain.rotation import Round
from supervision.inspections import vendor_page
from web.pages.rotation.changes import MOST_BETTER
from web.rotation_views import shown
from web.state import Db, Running

router = APIRouter(include_in_schema=False)


@router.get("/rounds")
def public_rounds(request: Request, running: Running, conn: Db) -> HTMLResponse:
    """Every round whose hash was published, for anybody."""
    return running.renderer.page(request, "rounds.html", rounds=rotation_rounds.listed(conn, only_public=True))


@router.get("/rounds/{round_id}")
def public_round(request: Request, running: Running, conn: Db, round_id: int) -> HTMLResponse:
    """What was promised before a round and what came of it, for anybody; no vendor is named."""
    of = _published(conn, round_id)
    return running.renderer.page(request, "round.html", round=of, versions=rotation_rounds.proposals(conn, of.round_id))


@router.get("/rounds/{round_id}/file")
def round_file(conn: Db, round_id: int) -> Response:
    """The file a round is repeated from."""
    content = file_of(planning.published_round(conn, _published(conn, round_id)))
    name = f'attachment; filename="rotation-{round_id}.json"'
    return Response(content, media_type="application/json", headers={"Content-Disposition": name})


@router.get("/v/{code}/stall")
def own_stall(request: Request, running: Running, conn: Db, code: Annotated[str, Path(max_length=64)]) -> HTMLResponse:
    """Why a vendor has the stall it has in the newest round, for who has the code; no other vendor is named."""
    vendor = vendor_page.holder(conn, code)
    mine = rotation_rounds.of_vendor(conn, vendor.market_id, vendor.vendor_id)
    found = None if not mine else shown(conn, planning.known(conn, mine[0][0]))
    told = []
    for _, number in mine:
        if found is not None:
            why = explain(found.rotation, found.solution, number)
            line = next(one for one in found.lines if one.place.number == number)
            told.append((line, why, Counter(one.why for one in why.better), why.better[:MOST_BETTER]))
    return running.renderer.page(
        request, "vendor_stall.html", vendor=vendor, code=code, shown=found, told=told, names=None
    )


def _published(conn: Connection, round_id: int) -> Round:
    of = rotation_rounds.one(conn, round_id)
    if of is None or of.frozen_sha256 is None:
        raise NotFound(f"there is no published round {round_id}")
    return of
