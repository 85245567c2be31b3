"""Who may do what, and whose things they see. The only place that decides it, for pages and API alike."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from db.export_tokens import Token
from domain.errors import NotAllowed, NotFound
from domain.export import TokenScope
from domain.ids import MarketId
from supervision.alerts.handling import Actor
from supervision.alerts.states import Authority


class Role(StrEnum):
    """What a person is to the product."""

    MANAGER = "manager"
    REGULATOR = "regulator"
    ADMIN = "admin"


class Permission(StrEnum):
    """What a route asks for."""

    SEE_ALERTS = "see_alerts"
    ACT_ON_ALERTS = "act_on_alerts"
    SEE_HANDLING = "see_handling"
    DECIDE_AS_AUTHORITY = "decide_as_authority"
    SEE_CREDIT = "see_credit"
    RECORD_CREDIT = "record_credit"
    DECIDE_CREDIT = "decide_credit"
    SEE_CAPS = "see_caps"
    EDIT_CAPS = "edit_caps"
    SEE_QUARANTINE = "see_quarantine"
    HANDLE_QUARANTINE = "handle_quarantine"
    ENTER_PURCHASES = "enter_purchases"
    TAKE_OVER_REFERENCES = "take_over_references"
    SEE_COMPLAINTS = "see_complaints"
    HANDLE_COMPLAINTS = "handle_complaints"
    SEE_CONTACTS = "see_contacts"
    MANAGE_WEBHOOKS = "manage_webhooks"
    SEE_REGISTRY = "see_registry"
    EDIT_REGISTRY = "edit_registry"
    EDIT_MARKETS = "edit_markets"
    EDIT_IDENTITIES = "edit_identities"
    SEE_PERSONAL_DATA = "see_personal_data"
    SEE_ITEMS = "see_items"
    EDIT_ITEMS = "edit_items"
    EDIT_CREDIT_RULES = "edit_credit_rules"
    SEE_INSPECTIONS = "see_inspections"
    REPORT_RECTIFICATION = "report_rectification"
    INSPECT = "inspect"
    PLAN_INSPECTIONS = "plan_inspections"
    ISSUE_VENDOR_CODES = "issue_vendor_codes"
    SEE_APPROVALS = "see_approvals"
    HANDLE_APPROVALS = "handle_approvals"
    SEE_CASES = "see_cases"
    HANDLE_CASES = "handle_cases"
    MANAGE_EXPORTS = "manage_exports"
    REPORT_ON_CITY = "report_on_city"
    SEE_RISK = "see_risk"
    SEE_ROTATION = "see_rotation"
    PLAN_ROTATION = "plan_rotation"


_OF_A_MARKET = frozenset(
    {
        *(Permission.SEE_ALERTS, Permission.ACT_ON_ALERTS, Permission.SEE_CREDIT, Permission.SEE_CAPS),
        *(Permission.SEE_QUARANTINE, Permission.SEE_COMPLAINTS, Permission.HANDLE_COMPLAINTS, Permission.SEE_CONTACTS),
        *(Permission.SEE_REGISTRY, Permission.EDIT_REGISTRY, Permission.SEE_ITEMS, Permission.SEE_INSPECTIONS),
        *(Permission.REPORT_RECTIFICATION, Permission.ISSUE_VENDOR_CODES, Permission.SEE_APPROVALS),
        *(Permission.SEE_CASES, Permission.RECORD_CREDIT, Permission.SEE_ROTATION, Permission.PLAN_ROTATION),
    }
)

#: What may be charged, what inspections are about and whom they visit, what authorities decide, and how alerts are
#: handled is for the regulator. Who somebody is by law is too, and a person's data, which the manager does not need
#: to see (个人信息保护法, article 6): a regulator sees it for a reason, and each time it is logged.
_OF_REGULATORS = frozenset(
    {
        *(Permission.EDIT_CAPS, Permission.TAKE_OVER_REFERENCES, Permission.EDIT_ITEMS, Permission.INSPECT),
        Permission.EDIT_CREDIT_RULES,
        *(Permission.PLAN_INSPECTIONS, Permission.DECIDE_AS_AUTHORITY, Permission.SEE_HANDLING),
        *(Permission.MANAGE_WEBHOOKS, Permission.EDIT_IDENTITIES, Permission.SEE_PERSONAL_DATA),
        *(Permission.HANDLE_APPROVALS, Permission.HANDLE_CASES, Permission.MANAGE_EXPORTS),
        *(Permission.EDIT_MARKETS, Permission.DECIDE_CREDIT, Permission.REPORT_ON_CITY, Permission.SEE_RISK),
    }
)

#: Who runs the market mends its devices, and so deals with what they send; a regulator looks on. They hand in their
#: vendors' slips, and say which stall is whose and where a scale stands.
PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.MANAGER: _OF_A_MARKET | {Permission.HANDLE_QUARANTINE, Permission.ENTER_PURCHASES},
    Role.REGULATOR: _OF_A_MARKET | _OF_REGULATORS,
    # Who runs the system calls no complainant back.
    Role.ADMIN: frozenset(Permission) - {Permission.SEE_CONTACTS},
}

_ROLES: Mapping[Role, str] = {Role.MANAGER: "a manager", Role.REGULATOR: "a regulator", Role.ADMIN: "an admin"}

#: Roles that see one market: their own.
_BOUND_TO_A_MARKET = frozenset({Role.MANAGER})


@dataclass(frozen=True, kw_only=True, slots=True)
class Viewer:
    """A signed-in person. `scope` is the one market they see; None: every market."""

    username: str
    display_name: str
    role: Role
    scope: MarketId | None
    csrf_token: str
    #: The address their request came from.
    origin: str = ""

    @property
    def actor(self) -> Actor:
        """The person as the audit trail names them, with the authority of their role."""
        return Actor(username=self.username, authority=self.authority, market_id=self.scope, origin=self.origin)

    @property
    def authority(self) -> Authority:
        """What their role may do with alerts."""
        return Authority.REGULATOR if self.may(Permission.DECIDE_AS_AUTHORITY) else Authority.MARKET

    @property
    def acts_with(self) -> Authority | None:
        """The authority they act on alerts with; None where they only look on."""
        return self.authority if self.may(Permission.ACT_ON_ALERTS) else None

    def may(self, permission: Permission) -> bool:
        """Say whether the person's role allows this."""
        return permission in PERMISSIONS[self.role]

    def require(self, permission: Permission) -> None:
        """Raise NotAllowed where the person's role does not allow this."""
        if not self.may(permission):
            raise NotAllowed(f"{_ROLES[self.role]} may not {permission.replace('_', ' ')}")

    def sees(self, market_id: MarketId) -> bool:
        """Say whether the person sees this market."""
        return self.scope in (None, market_id)

    def narrow(self, market_id: MarketId | None) -> MarketId | None:
        """Return which market to show where one was asked for (None: none was).

        Raise NotFound for a market the person does not see: whether it exists is nobody's business but its own.
        """
        if market_id is None:
            return self.scope
        if not self.sees(market_id):
            raise NotFound(f"there is no market {market_id} that you may see")
        return market_id


def scope_of(role: Role, market_id: MarketId | None) -> MarketId | None:
    """Return the one market a person of this role sees; None: every market."""
    if role not in _BOUND_TO_A_MARKET:
        return None
    if market_id is None:
        raise NotAllowed(f"a {role} without a market sees nothing: give the account a market")
    return market_id


@dataclass(frozen=True, slots=True)
class Holder:
    """A department that shows a token: it is no person, and has no role."""

    token: Token

    def may(self, scope: TokenScope) -> bool:
        """Say whether the token was given this scope."""
        return scope in self.token.scopes

    def sees(self, market_id: str) -> bool:
        """Say whether the token is for this market."""
        return not self.token.market_ids or market_id in self.token.market_ids
