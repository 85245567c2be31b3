"""The web service, put together."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Depends, FastAPI
from fastapi.responses import PlainTextResponse, Response
from fastapi.security import HTTPBearer
from starlette.concurrency import run_in_threadpool
from starlette.staticfiles import StaticFiles

from db.changes import Change
from db.pool import open_pool, translate_absence
from domain.errors import Unavailable
from web import stream
from web.api import alerts as api_alerts
from web.api import approvals as api_approvals
from web.api import cap_lists as api_cap_lists
from web.api import case_opening as api_case_opening
from web.api import cases as api_cases
from web.api import complaints as api_complaints
from web.api import credit_records as api_credit_records
from web.api import credit_repairs as api_credit_repairs
from web.api import credit_rules as api_credit_rules
from web.api import export_destinations as api_export_destinations
from web.api import exports as api_exports
from web.api import handling_watch as api_handling_watch
from web.api import held_replays as api_held_replays
from web.api import inspections as api_inspections
from web.api import items as api_items
from web.api import lists as api_lists
from web.api import notices as api_notices
from web.api import portraits as api_portraits
from web.api import promises as api_promises
from web.api import purchases as api_purchases
from web.api import quarantine as api_quarantine
from web.api import register as api_register
from web.api import rejudging as api_rejudging
from web.api import reports as api_reports
from web.api import risk as api_risk
from web.api import scales as api_scales
from web.api import sessions as api_sessions
from web.api import trends as api_trends
from web.api import vendors as api_vendors
from web.api import webhooks as api_webhooks
from web.api.models import Problem
from web.config import WebConfig
from web.day_counts import DayCounts
from web.drawn import DrawnKept
from web.errors import add_error_handlers
from web.headers import BodyLimit, SecurityHeaders
from web.hub import Hub
from web.listener import ChangeListener
from web.pages import (
    actions,
    alerts,
    cap_imports,
    cap_lists,
    caps,
    case_lists,
    case_opening,
    cases,
    complaint_steps,
    complaints,
    credit_records,
    credit_repairs,
    credit_rules,
    daily_caps,
    exemptions,
    export_accesses,
    export_batches,
    export_destinations,
    export_tokens,
    exports,
    handling_watch,
    held_replays,
    markup_rates,
    notice_settings,
    notices,
    portraits,
    promises,
    public_codes,
    publicity,
    purchases,
    quarantine,
    rejudging,
    reports,
    risk,
    scales,
    sign_in,
    trends,
    vendor_files,
    vendors,
    webhooks,
)
from web.pages.inspections import (
    calendar,
    checklists,
    draws,
    item_imports,
    items,
    people,
    plans,
    vendor_pages,
    visit_cases,
    visits,
)
from web.pages.public import complaints as public_complaints
from web.pages.public import reports as public_reports
from web.pages.public import screens as public_screens
from web.pages.public import tickets as public_tickets
from web.pages.public import vendors as public_vendors
from web.pages.registry import approval_files as registry_approval_files
from web.pages.registry import approvals as registry_approvals
from web.pages.registry import imports as registry_imports
from web.pages.registry import markets as registry_markets
from web.pages.registry import scales as registry_scales
from web.pages.registry import stalls as registry_stalls
from web.pages.registry import vendors as registry_vendors
from web.pages.registry import views as registry_views
from web.pages.rotation import changes as rotation_changes
from web.pages.rotation import needs as rotation_needs
from web.pages.rotation import published as rotation_published
from web.pages.rotation import rounds as rotation_rounds
from web.rendering import Renderer
from web.state import Running, Service
from web.texts import require_usable_texts

_POOL_TIMEOUT_S = 3.0
_STATIC_AGE = "public, max-age=31536000, immutable"
#: Only says in the OpenAPI document how to sign in; who is let through is decided in `web.signed_in`.
_BEARER = Depends(HTTPBearer(auto_error=False, description="the token of POST /api/v1/sessions"))
_PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem} for status in (401, 403, 404, 409, 422, 429, 503)
}

#: Addresses with words in them come before those with an id in the same place.
_PAGES = (
    *(sign_in.router, stream.router, alerts.router, actions.router, vendors.router, scales.router, caps.router),
    *(promises.router, credit_rules.router, credit_records.router, credit_repairs.router),
    *(reports.router, public_reports.router, risk.router),
    *(held_replays.router, quarantine.router, cap_lists.router, cap_imports.router, trends.router),
    *(daily_caps.router, markup_rates.router, purchases.router, exemptions.router, rejudging.router),
    handling_watch.router,
    portraits.router,
    *(complaints.router, complaint_steps.router, public_tickets.router, public_complaints.router),
    *(public_screens.router, public_vendors.router, public_codes.router),
    *(notice_settings.router, webhooks.router, notices.router),
    registry_markets.router,
    *(vendor_files.router, registry_vendors.router, registry_stalls.router, registry_scales.router),
    *(registry_views.router, registry_imports.router, registry_approval_files.router, registry_approvals.router),
    *(calendar.router, checklists.router, visits.router, plans.router, draws.router, people.router),
    *(item_imports.router, items.router),
    *(visit_cases.router, vendor_pages.router, case_lists.router, case_opening.router, cases.router, publicity.router),
    *(rotation_needs.router, rotation_changes.router, rotation_rounds.router, rotation_published.router),
    *(export_accesses.router, export_tokens.router, exports.router),
    *(export_destinations.router, export_batches.router),
)
_API = (
    *(api_sessions.router, api_alerts.router, api_vendors.router, api_lists.router, api_scales.router),
    *(api_held_replays.router, api_quarantine.router, api_cap_lists.router, api_purchases.router, api_trends.router),
    *(api_rejudging.router, api_handling_watch.router, api_complaints.router),
    api_portraits.router,
    *(api_case_opening.router, api_cases.router),
    *(api_webhooks.router, api_notices.router, api_register.router, api_items.router, api_inspections.router),
    *(api_approvals.router, api_promises.router, api_reports.router, api_risk.router),
    *(api_credit_rules.router, api_credit_records.router, api_credit_repairs.router),
    *(api_exports.router, api_export_destinations.router),
)

health = APIRouter(include_in_schema=False)


@health.get("/healthz")
async def is_alive() -> PlainTextResponse:
    """The process answers."""
    return PlainTextResponse("alive")


@health.get("/readyz")
def is_ready(running: Running) -> Response:
    """The database answers too: a connection is checked before it is lent."""
    try:
        with translate_absence(), running.pool.connection():
            return PlainTextResponse("ready")
    except Unavailable:
        return PlainTextResponse("the database is away", 503)


def create_app(config: WebConfig) -> FastAPI:
    """Return the service, ready to be run. It opens its database connections when it starts and not before."""
    app = FastAPI(
        title="Steelyard (海秤)",
        version="1",
        description="Alerts are leads, not penalties. Money is in fen; times are RFC 3339.",
        lifespan=_lifespan(config),
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        dependencies=[Depends(require_usable_texts)],
    )
    app.add_middleware(BodyLimit)
    app.add_middleware(SecurityHeaders, secure=config.secure_cookies)
    add_error_handlers(app)
    app.include_router(health)
    for router in _PAGES:
        app.include_router(router)
    for router in _API:
        app.include_router(router, prefix="/api/v1", responses=_PROBLEMS, dependencies=[_BEARER])
    app.mount("/static", _Static(directory=Path(str(files("web"))) / "static"), name="static")
    return app


def _lifespan(config: WebConfig) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        hub, scales_hub, notices_hub = Hub(), Hub(), Hub()
        for one in (hub, scales_hub, notices_hub):
            one.start(asyncio.get_running_loop())
        pool = open_pool(config.database_url, timeout_s=_POOL_TIMEOUT_S)
        counts = DayCounts(pool)
        listeners = [
            ChangeListener(config.database_url, hub, Change.ALERTS),
            ChangeListener(config.database_url, scales_hub, Change.SCALE_CAPS),
            ChangeListener(config.database_url, notices_hub, Change.NOTICES),
        ]
        app.state.service = Service(
            config=config,
            pool=pool,
            hub=hub,
            scales_hub=scales_hub,
            notices_hub=notices_hub,
            renderer=Renderer(),
            day_counts=counts,
            drawn=DrawnKept(),
        )
        for listener in listeners:
            listener.start()
        try:
            yield
        finally:
            for listener in listeners:
                await run_in_threadpool(listener.stop)
            await run_in_threadpool(counts.close)
            await run_in_threadpool(pool.close)

    return lifespan


class _Static(StaticFiles):
    """Files whose address changes with their content: a browser may keep them."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = _STATIC_AGE
        return response
