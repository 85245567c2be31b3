"""The caps in force, as published and in both units."""

from itertools import groupby
from operator import attrgetter

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from db import alert_pages, cap_items
from db.cap_items import CapItemLine
from web.freshness import freshness
from web.signed_in import SeesCaps
from web.state import Db, Now, Running

router = APIRouter(include_in_schema=False)


@router.get("/caps")
def caps_in_force(request: Request, running: Running, conn: Db, now: Now, viewer: SeesCaps) -> HTMLResponse:
    """The list in force for each visible market, with its items; markets under one list share it."""
    markets = freshness(conn, viewer.scope, now)
    lists = {one.cap_list.cap_list_id: one for one in markets if one.cap_list is not None}
    return running.renderer.page(
        request,
        "caps.html",
        viewer=viewer,
        pinyin=alert_pages.pinyin_of_local_names(conn),
        lists=[
            (
                one,
                [m.market for m in markets if m.cap_list is not None and m.cap_list.cap_list_id == list_id],
                _by_category(cap_items.items_of(conn, list_id)),
            )
            for list_id, one in lists.items()
        ],
        without=[one.market for one in markets if one.cap_list is None],
    )


def _by_category(items: list[CapItemLine]) -> list[tuple[str, list[CapItemLine]]]:
    """Group items, which come category by category, in their order."""
    return [(category, list(of_category)) for category, of_category in groupby(items, attrgetter("category"))]
