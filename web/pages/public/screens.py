"""A market's screen: for a television in its hall, and for anybody."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import HTMLResponse

from credit.market_screen import market_screen
from credit.publicity_rules import praised_tiers
from db import alert_pages
from domain.ids import MarketId
from web.i18n import Language, language_of
from web.state import Db, Now, Running
from web.strangers import KEPT_BRIEFLY, Address, take_public_page

router = APIRouter(include_in_schema=False)


@router.get("/screen/{market_id}")
def screen(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    address: Address,
    market_id: Annotated[str, Path(max_length=64)],
    lang: Annotated[str, Query(max_length=8)] = "",
) -> HTMLResponse:
    """Today's caps and the vendors that the rules praise. The language is of the address: a screen has no cookies."""
    take_public_page(conn, running, address, now)
    language = language_of(lang)
    shown = market_screen(
        conn,
        MarketId(market_id),
        shipped=running.config.credit_rules,
        policy=running.config.supervision_policy,
        now=now,
    )
    page = running.renderer.page(
        request,
        "screen.html",
        language=language,
        shown=shown,
        pinyin=alert_pages.pinyin_of_local_names(conn),
        praised_tiers=praised_tiers(shown.rules),
        other=Language.EN if language is Language.ZH else Language.ZH,
    )
    page.headers.update(KEPT_BRIEFLY)
    return page
