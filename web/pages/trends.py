"""What a market trades today, against the cap and yesterday; and what that proposes for tomorrow's references."""

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from domain.errors import NotAllowed, NotFound, RuleViolation
from domain.units import yuan
from pricing.traded import GoodsTrend
from web.access import Permission, Viewer
from web.day_trends import AskedDay, AskedMarket, DayTrends, market_of, proposals_on, take_over, trends_on
from web.i18n import mark
from web.signed_in import SeesCaps, TakesReferencesOver
from web.state import Db, Now, Running, Service
from web.strip import WIDTH, strip_of

router = APIRouter(include_in_schema=False)

_SEE_OTHER: Final = 303
_CONFLICT: Final = 409
_DAY: Final = timedelta(days=1)
_HEAD: Final = (
    *("day", "market_id", "species", "name", "name_en", "grade", "unit", "weighings", "kg", "paid_yuan", "over_cap"),
    *("lower_quartile_yuan", "median_yuan", "upper_quartile_yuan", "lowest_cap_yuan", "highest_cap_yuan"),
    *("median_before_yuan", "weighings_before"),
)
_REFUSED: Final = mark(
    "It was not taken over: there is a reference already, or the trade has moved. This is how it stands."
)


@router.get("/trends")
def trends(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: SeesCaps,
    market: AskedMarket = "",
    day: AskedDay = None,
) -> HTMLResponse:
    """The day's prices, goods by goods."""
    found, visible = market_of(conn, viewer, market)
    shown = trends_on(conn, running.day_counts, found, day, now)
    return running.renderer.page(
        request,
        "trends.html",
        viewer=viewer,
        shown=shown,
        markets=visible,
        strips=[strip_of(goods) for goods in shown.goods if goods.today],
        strip_width=WIDTH,
        address=_address,
        one_day=_DAY,
    )


@router.get("/trends.csv")
def trends_file(
    running: Running, conn: Db, now: Now, viewer: SeesCaps, market: AskedMarket = "", day: AskedDay = None
) -> Response:
    """The same as a file that a spreadsheet opens."""
    found, _ = market_of(conn, viewer, market)
    shown = trends_on(conn, running.day_counts, found, day, now)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_HEAD)
    writer.writerows(_rows(shown))
    name = f'attachment; filename="trends-{found.market_id}-{shown.day.isoformat()}.csv"'
    # The mark at the beginning tells a spreadsheet that it is UTF-8.
    return Response("\ufeff" + text.getvalue(), media_type="text/csv", headers={"Content-Disposition": name})


@router.get("/trends/references")
def references(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: SeesCaps,
    market: AskedMarket = "",
    day: AskedDay = None,
) -> HTMLResponse:
    """What the day's trade proposes, beside the references that are there."""
    found, visible = market_of(conn, viewer, market)
    shown = trends_on(conn, running.day_counts, found, day, now)
    return _references_page(request, running, conn, viewer, shown, visible)


@router.post("/trends/references")
def take_reference_over(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: TakesReferencesOver,
    species: Annotated[str, Form(max_length=32)],
    unit: Annotated[str, Form(max_length=8)],
    seen: Annotated[int, Form(ge=1, le=10**12)],
    grade: Annotated[str, Form(max_length=64)] = "",
    market: AskedMarket = "",
    day: AskedDay = None,
) -> Response:
    """Make a proposal the reference of its day; whoever does it stands there with it."""
    found, visible = market_of(conn, viewer, market)
    shown = trends_on(conn, running.day_counts, found, day, now)
    try:
        take_over(conn, viewer, shown, species, grade, unit, seen, now)
    except (NotAllowed, NotFound):
        raise
    except RuleViolation:
        return _references_page(request, running, conn, viewer, shown, visible, refusal=_REFUSED)
    return RedirectResponse(_address(shown, "/trends/references"), _SEE_OTHER)


def _references_page(
    request: Request,
    running: Service,
    conn: Db,
    viewer: Viewer,
    shown: DayTrends,
    visible: object,
    *,
    refusal: str | None = None,
) -> HTMLResponse:
    return running.renderer.page(
        request,
        "references.html",
        viewer=viewer,
        status=200 if refusal is None else _CONFLICT,
        shown=shown,
        markets=visible,
        proposals=proposals_on(conn, shown),
        may_take=viewer.may(Permission.TAKE_OVER_REFERENCES),
        refusal=refusal,
        address=_address,
        one_day=_DAY,
    )


def _address(shown: DayTrends, path: str = "/trends", days: int = 0) -> str:
    """Return where the same is shown, or that of so many days later."""
    day = (shown.day + days * _DAY).isoformat()
    return f"{path}?{urlencode({'market': shown.market.market_id, 'day': day})}"


def _rows(shown: DayTrends) -> Iterator[tuple[object, ...]]:
    for goods in shown.goods:
        if goods.today is not None:
            yield tuple(_safe(value) for value in _row(shown, goods))


def _row(shown: DayTrends, goods: GoodsTrend) -> Iterator[object]:
    words, today, before = shown.words.get(goods.species_code), goods.today, goods.before
    assert today is not None  # noqa: S101 - asked by the caller
    yield from (shown.day.isoformat(), shown.market.market_id, goods.species_code)
    yield from (words.name_zh if words else "", words.name_en if words else "", goods.grade)
    yield from ("piece" if goods.by_piece else "kg", today.weighings, f"{today.net_g // 1000}.{today.net_g % 1000:03d}")
    yield from (yuan(today.paid_fen), today.over_cap)
    for price in (today.lower_fen, today.median_fen, today.upper_fen, today.lowest_cap_fen, today.highest_cap_fen):
        yield "" if price is None else yuan(price)
    yield "" if before is None or before.median_fen is None else yuan(before.median_fen)
    yield 0 if before is None else before.weighings


def _safe(value: object) -> object:
    """A spreadsheet takes a text that begins so for a formula; what scales call their grades is not ours."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
