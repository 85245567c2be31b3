"""Who sends a request. What a route asks for stands in its signature: `viewer: SeesAlerts`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from db import accounts
from db.accounts import Session
from db.pool import translate_absence
from domain.errors import NotAllowed, Unavailable
from web import csrf
from web.access import Permission, Role, Viewer, scope_of
from web.client_address import client_address
from web.sessions import Credential, credential_of, digest
from web.state import Db, Now, Running, moment, service


class NotSignedIn(Exception):
    """Nobody, or nobody any more."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """A living session, and the credential it was found by."""

    session: Session
    credential: Credential


def identify(request: Request, running: Running, conn: Db, now: Now) -> Identity | None:
    """Return the living session of a request, or None."""
    credential = credential_of(request, secure=running.config.secure_cookies)
    if credential is None:
        return None
    session = accounts.session(conn, digest(credential.token), now)
    return None if session is None else Identity(session=session, credential=credential)


async def trusted(request: Request, identity: Annotated[Identity | None, Depends(identify)]) -> Identity | None:
    """Return the session once the request is known to come from our own page, where a browser sent the cookie."""
    if identity is not None and identity.credential.is_cookie and csrf.changes_something(request):
        await csrf.require(request, identity.session.csrf_token)
    return identity


TrustedIdentity = Annotated[Identity | None, Depends(trusted)]


def signed_in(request: Request, identity: TrustedIdentity) -> Viewer:
    """Return who sends the request. Raise NotSignedIn."""
    if identity is None:
        raise NotSignedIn
    return viewer_of(identity.session, origin=_origin(request))


def _origin(request: Request) -> str:
    peer = request.client.host if request.client else ""
    return client_address(peer, request.headers.getlist("x-forwarded-for"), service(request).config.trusted_proxies)


def viewer_if_known(request: Request) -> Viewer | None:
    """Return who sends a request that went wrong, so that its page keeps the navigation; None where nobody can tell."""
    running = service(request)
    if credential_of(request, secure=running.config.secure_cookies) is None:
        return None
    try:
        with translate_absence(), running.pool.connection() as conn:
            identity = identify(request, running, conn, moment())
            return None if identity is None else viewer_of(identity.session)
    except (Unavailable, NotAllowed):
        return None


def viewer_of(session: Session, *, origin: str = "") -> Viewer:
    """Return the person behind a session."""
    role = Role(session.role)
    return Viewer(
        username=session.username,
        display_name=session.display_name,
        role=role,
        scope=scope_of(role, session.market_id),
        csrf_token=session.csrf_token,
        origin=origin,
    )


SignedIn = Annotated[Viewer, Depends(signed_in)]


def requires(permission: Permission) -> Callable[[Viewer], Viewer]:
    """Return the dependency of a route that asks for `permission`."""

    def allowed(viewer: SignedIn) -> Viewer:
        viewer.require(permission)
        return viewer

    return allowed


SeesAlerts = Annotated[Viewer, Depends(requires(Permission.SEE_ALERTS))]
ActsOnAlerts = Annotated[Viewer, Depends(requires(Permission.ACT_ON_ALERTS))]
SeesHandling = Annotated[Viewer, Depends(requires(Permission.SEE_HANDLING))]
SeesCredit = Annotated[Viewer, Depends(requires(Permission.SEE_CREDIT))]
RecordsCredit = Annotated[Viewer, Depends(requires(Permission.RECORD_CREDIT))]
DecidesCredit = Annotated[Viewer, Depends(requires(Permission.DECIDE_CREDIT))]
SeesCaps = Annotated[Viewer, Depends(requires(Permission.SEE_CAPS))]
EditsCaps = Annotated[Viewer, Depends(requires(Permission.EDIT_CAPS))]
TakesReferencesOver = Annotated[Viewer, Depends(requires(Permission.TAKE_OVER_REFERENCES))]
SeesQuarantine = Annotated[Viewer, Depends(requires(Permission.SEE_QUARANTINE))]
HandlesQuarantine = Annotated[Viewer, Depends(requires(Permission.HANDLE_QUARANTINE))]
SeesComplaints = Annotated[Viewer, Depends(requires(Permission.SEE_COMPLAINTS))]
HandlesComplaints = Annotated[Viewer, Depends(requires(Permission.HANDLE_COMPLAINTS))]
SeesContacts = Annotated[Viewer, Depends(requires(Permission.SEE_CONTACTS))]
ManagesExports = Annotated[Viewer, Depends(requires(Permission.MANAGE_EXPORTS))]
ManagesWebhooks = Annotated[Viewer, Depends(requires(Permission.MANAGE_WEBHOOKS))]
EntersPurchases = Annotated[Viewer, Depends(requires(Permission.ENTER_PURCHASES))]
SeesRegistry = Annotated[Viewer, Depends(requires(Permission.SEE_REGISTRY))]
EditsMarkets = Annotated[Viewer, Depends(requires(Permission.EDIT_MARKETS))]
EditsRegistry = Annotated[Viewer, Depends(requires(Permission.EDIT_REGISTRY))]
EditsIdentities = Annotated[Viewer, Depends(requires(Permission.EDIT_IDENTITIES))]
SeesPersonalData = Annotated[Viewer, Depends(requires(Permission.SEE_PERSONAL_DATA))]
SeesItems = Annotated[Viewer, Depends(requires(Permission.SEE_ITEMS))]
EditsCreditRules = Annotated[Viewer, Depends(requires(Permission.EDIT_CREDIT_RULES))]
EditsItems = Annotated[Viewer, Depends(requires(Permission.EDIT_ITEMS))]
SeesInspections = Annotated[Viewer, Depends(requires(Permission.SEE_INSPECTIONS))]
Inspects = Annotated[Viewer, Depends(requires(Permission.INSPECT))]
PlansInspections = Annotated[Viewer, Depends(requires(Permission.PLAN_INSPECTIONS))]
SeesApprovals = Annotated[Viewer, Depends(requires(Permission.SEE_APPROVALS))]
HandlesApprovals = Annotated[Viewer, Depends(requires(Permission.HANDLE_APPROVALS))]
IssuesVendorCodes = Annotated[Viewer, Depends(requires(Permission.ISSUE_VENDOR_CODES))]
SeesRisk = Annotated[Viewer, Depends(requires(Permission.SEE_RISK))]
SeesRotation = Annotated[Viewer, Depends(requires(Permission.SEE_ROTATION))]
PlansRotation = Annotated[Viewer, Depends(requires(Permission.PLAN_ROTATION))]
SeesCases = Annotated[Viewer, Depends(requires(Permission.SEE_CASES))]
HandlesCases = Annotated[Viewer, Depends(requires(Permission.HANDLE_CASES))]
