"""Who may do what, and whose things they see. The only place that decides it, for pages and API alike."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.errors import NotAllowed, NotFound
from domain.ids import MarketId


class Role(StrEnum):
    """What a person is to the product."""

    MANAGER = "manager"
    REGULATOR = "regulator"
    ADMIN = "admin"


class Permission(StrEnum):
    """What a route asks for."""

    SEE_ALERTS = "see_alerts"
    ACT_ON_ALERTS = "act_on_alerts"
    SEE_CREDIT = "see_credit"
    SEE_CAPS = "see_caps"
    EDIT_CAPS = "edit_caps"
    SEE_QUARANTINE = "see_quarantine"
    HANDLE_QUARANTINE = "handle_quarantine"
    ENTER_PURCHASES = "enter_purchases"
    TAKE_OVER_REFERENCES = "take_over_references"
    SEE_ITEMS = "see_items"
    EDIT_ITEMS = "edit_items"
    SEE_INSPECTIONS = "see_inspections"
    REPORT_RECTIFICATION = "report_rectification"
    INSPECT = "inspect"
    PLAN_INSPECTIONS = "plan_inspections"
    ISSUE_VENDOR_CODES = "issue_vendor_codes"


_OF_A_MARKET = frozenset(
    {
        *(Permission.SEE_ALERTS, Permission.ACT_ON_ALERTS, Permission.SEE_CREDIT, Permission.SEE_CAPS),
        *(Permission.SEE_QUARANTINE, Permission.SEE_ITEMS, Permission.SEE_INSPECTIONS),
        *(Permission.REPORT_RECTIFICATION, Permission.ISSUE_VENDOR_CODES),
    }
)

#: What inspections are about, and whom they visit, is for the regulator to say.
_OF_REGULATORS = frozenset(
    {
        *(Permission.EDIT_CAPS, Permission.TAKE_OVER_REFERENCES, Permission.EDIT_ITEMS, Permission.INSPECT),
        Permission.PLAN_INSPECTIONS,
    }
)

#: Who runs the market mends its devices, and so deals with what they send; a regulator looks on. What may be charged
#: there, and what caps are reckoned from, is not for its manager to say; they hand in their vendors' slips.
PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.MANAGER: _OF_A_MARKET | {Permission.HANDLE_QUARANTINE, Permission.ENTER_PURCHASES},
    Role.REGULATOR: _OF_A_MARKET | _OF_REGULATORS,
    Role.ADMIN: frozenset(Permission),
}

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

    def may(self, permission: Permission) -> bool:
        """Say whether the person's role allows this."""
        return permission in PERMISSIONS[self.role]

    def require(self, permission: Permission) -> None:
        """Raise NotAllowed where the person's role does not allow this."""
        if not self.may(permission):
            raise NotAllowed(f"a {self.role} may not {permission.replace('_', ' ')}")

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
