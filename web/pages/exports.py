"""Exports: to whom records are given, and the ledger of what they were given."""

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse
from psycopg import Connection

from db import export_deliveries, export_destinations, registry
from db.export_destinations import NewDestination
from domain.errors import RuleViolation
from domain.export import DeliveryState, ExportForm
from supervision.exports import destinations
from web.access import Viewer
from web.pages.export_destinations import by_of, destination_page
from web.signed_in import ManagesExports
from web.state import Db, Now, Running, Service
from web.typed_numbers import whole

router = APIRouter(include_in_schema=False)

_UNPROCESSABLE: Final = 422
_PAGE_SIZE: Final = 50
_NEWEST: Final = 2**63 - 1

_Text = Annotated[str, Form(max_length=3000)]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Typed:
    """The form of a new destination, as it was typed."""

    name: str = ""
    url: str = ""
    forms: tuple[str, ...] = tuple(ExportForm)
    markets: tuple[str, ...] = ()
    identities: bool = False


@router.get("/exports")
def exports(
    request: Request,
    running: Running,
    conn: Db,
    viewer: ManagesExports,
    destination: Annotated[str, Query(max_length=20)] = "",
    state: Annotated[str, Query(max_length=20)] = "",
    before: Annotated[int, Query(ge=1, le=_NEWEST)] = _NEWEST,
    after: Annotated[int, Query(ge=0, le=export_deliveries.LAST)] = export_deliveries.LAST,
) -> HTMLResponse:
    """Every destination, and the ledger of all or one of them."""
    return _page(request, running, conn, viewer, _Typed(), chosen=(destination, state, before, after))


@router.post("/exports/destinations")
def register_destination(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: ManagesExports,
    name: _Text = "",
    url: _Text = "",
    forms: Annotated[list[str] | None, Form()] = None,
    markets: Annotated[list[str] | None, Form()] = None,
    identities: Annotated[bool, Form()] = False,
) -> Response:
    """Register a destination; its secret is on the answer, and nowhere else."""
    typed = _Typed(name=name, url=url, forms=tuple(forms or ()), markets=tuple(markets or ()), identities=identities)
    try:
        with conn.transaction():
            made = destinations.register(conn, _new(typed), running.config.exports_policy, by=by_of(viewer, now))
    except RuleViolation as error:
        return _page(request, running, conn, viewer, typed, refusal=error)
    return destination_page(request, running, conn, viewer, made.destination_id, secret=made.secret)


def _new(typed: _Typed) -> NewDestination:
    if not set(typed.forms) <= set(ExportForm):
        raise RuleViolation("forms holds a word that is none: choose from what the form offers")
    return NewDestination(
        name=typed.name.strip(),
        url=typed.url.strip(),
        forms=frozenset(map(ExportForm, typed.forms)),
        market_ids=typed.markets,
        sees_identities=typed.identities,
    )


def _page(
    request: Request,
    running: Service,
    conn: Connection,
    viewer: Viewer,
    typed: _Typed,
    *,
    chosen: tuple[str, str, int, int] = ("", "", _NEWEST, export_deliveries.LAST),
    refusal: RuleViolation | None = None,
) -> HTMLResponse:
    destination, state, before, after = chosen
    found = export_deliveries.ledger(
        conn,
        destination_id=whole(destination),
        state=DeliveryState(state) if state in set(DeliveryState) else None,
        before=before,
        after=after,
        limit=_PAGE_SIZE + 1,
    )
    known = export_destinations.destinations(conn)
    return running.renderer.page(
        request,
        "exports.html",
        viewer=viewer,
        status=200 if refusal is None else _UNPROCESSABLE,
        destinations=known,
        names={one.destination_id: one.name for one in known},
        lines=found[:_PAGE_SIZE],
        older=found[_PAGE_SIZE - 1] if len(found) > _PAGE_SIZE else None,
        destination=destination,
        state=state,
        states=tuple(DeliveryState),
        typed=typed,
        refusal=refusal,
        forms=tuple(ExportForm),
        markets=registry.markets(conn),
        zone=running.config.notices_policy.timezone,
    )
