"""The ticket of a sale: by the code that its QR carries, or by what is printed on it."""

from datetime import timedelta
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse
from psycopg import Connection

from db import registry
from domain.complaint import Ticket
from domain.errors import NotFound
from domain.ids import MarketId, StallId
from messages.ticket_codes import normal
from supervision.complaints.ticket_sales import sale_by_amount, sale_of
from web.complaint_forms import fen_of, local_moment, ticket_from
from web.state import Db, Now, Running, Service
from web.strangers import NOT_INDEXED, Address, take_look_up, take_miss
from web.ticket_view import path_of, query_of, ticket_of, view_of

router = APIRouter(include_in_schema=False)

_NOT_FOUND: Final = 404
_UNPROCESSABLE: Final = 422
_SEE_OTHER: Final = 303

_Id = Annotated[str, Path(max_length=64)]
_Text = Annotated[str, Query(max_length=64)]


@router.get("/robots.txt")
def robots() -> PlainTextResponse:
    """Nothing here is for search engines."""
    return PlainTextResponse("User-agent: *\nDisallow: /\n")


@router.get("/t")
def find_ticket(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    address: Address,
    market: _Text = "",
    stall: _Text = "",
    sold_at: _Text = "",
    amount: _Text = "",
) -> Response:
    """Find a sale by what is printed on its ticket: market, stall, time and amount, all of them."""
    typed = {"market": market.strip(), "stall": stall.strip(), "sold_at": sold_at.strip(), "amount": amount.strip()}
    if not any(value for name, value in typed.items() if name != "market"):
        return _form(request, running, conn, typed)
    missing = [name for name, value in typed.items() if not value]
    timezone = next((one.timezone for one in registry.markets(conn) if one.market_id == typed["market"]), None)
    moment = None if timezone is None else local_moment(typed["sold_at"], timezone)
    amount_fen = fen_of(typed["amount"])
    if missing or timezone is None or moment is None or amount_fen is None:
        return _form(request, running, conn, typed, problem="incomplete", status=_UNPROCESSABLE)
    take_look_up(conn, running, address, now)
    within = timedelta(minutes=running.config.complaints_policy.tickets.within_minutes)
    sale = sale_by_amount(conn, MarketId(typed["market"]), StallId(typed["stall"]), amount_fen, moment, within)
    if sale is None:
        take_miss(conn, running, address, now)
        return _form(request, running, conn, typed, problem="not_found", status=_NOT_FOUND)
    return RedirectResponse(path_of(ticket_of(sale)), _SEE_OTHER, headers=NOT_INDEXED)


@router.get("/t/{market_id}/{scale_id}/{journal_id}/{seq}")
def ticket_without_a_code(
    request: Request, running: Running, conn: Db, market_id: _Id, scale_id: _Id, journal_id: _Id, seq: _Id
) -> Response:
    """A number alone shows nothing, or anybody could count through a market's sales: ask for what is printed."""
    _ticket(market_id, scale_id, journal_id, seq, "")
    typed = {"market": market_id, "stall": "", "sold_at": "", "amount": ""}
    return _form(request, running, conn, typed, problem="no_code")


@router.get("/t/{market_id}/{scale_id}/{journal_id}/{seq}/{code}")
def ticket(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    address: Address,
    market_id: _Id,
    scale_id: _Id,
    journal_id: _Id,
    seq: _Id,
    code: _Id,
) -> Response:
    """The sale of a ticket; kindly, where it has not arrived yet. A wrong code is answered as one that has not."""
    asked = _ticket(market_id, scale_id, journal_id, seq, normal(code))
    take_look_up(conn, running, address, now)
    sale = sale_of(conn, asked)
    if sale is not None:
        return _page(request, running, "ticket.html", view=view_of(conn, sale, now))
    take_miss(conn, running, address, now)
    market = next((one for one in registry.markets(conn) if one.market_id == asked.market_id), None)
    if market is None:
        raise NotFound(f"there is no market {asked.market_id}")
    return _page(
        request,
        running,
        "ticket_not_here.html",
        status=_NOT_FOUND,
        ticket=asked,
        market=market,
        complain=f"/complain?{urlencode(query_of(asked))}",
    )


def _ticket(market: str, scale: str, journal: str, seq: str, code: str) -> Ticket:
    found = ticket_from(market, scale, journal, seq, code)
    if found is None:
        raise NotFound("this is the address of no ticket")
    return found


def _form(
    request: Request,
    running: Service,
    conn: Connection,
    typed: dict[str, str],
    *,
    problem: str = "",
    status: int = 200,
) -> HTMLResponse:
    complain = {"market": typed["market"], "stall": typed["stall"], "occurred": typed["sold_at"]}
    return _page(
        request,
        running,
        "ticket_find.html",
        status=status,
        typed=typed,
        problem=problem,
        markets=registry.markets(conn),
        complain=f"/complain?{urlencode({name: value for name, value in complain.items() if value})}",
    )


def _page(request: Request, running: Service, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    page = running.renderer.page(request, template, status=status, **values)
    page.headers.update(NOT_INDEXED)
    return page
