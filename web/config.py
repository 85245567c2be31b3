"""What the web service is told at start."""

from dataclasses import dataclass

from credit.ledger import Policies
from credit.promises.policy import PromisesPolicy
from credit.reports.asking import Basis
from credit.risk.policy import RiskPolicy
from credit.rotation.policy import RotationRules
from credit.rules.shape import CreditRules
from pricing.policy import RulesPolicy
from supervision.approvals.policy import ApprovalsPolicy
from supervision.cases.legal_bases import LegalBases
from supervision.complaints.policy import ComplaintsPolicy
from supervision.exports.policy import ExportsPolicy
from supervision.inspections.policy import InspectionPolicy
from supervision.notices.policy import NoticesPolicy
from supervision.policy import SupervisionPolicy
from web.client_address import Network


@dataclass(frozen=True, kw_only=True, slots=True)
class WebConfig:
    """Everything the web service needs to know.

    `credit_rules` are the shipped ones, which count until others are put in force; `credit_file` is their text.
    `trusted_proxies` are those whose word on where a request is from is taken.
    `public_url`: where people reach the console; None: where a request came to.
    `stream_interval_s` is how often at most a busy list tells its readers of a change; a quiet one tells at once.
    """

    database_url: str
    rules_policy: RulesPolicy
    credit_rules: CreditRules
    credit_file: str
    supervision_policy: SupervisionPolicy
    approvals_policy: ApprovalsPolicy
    complaints_policy: ComplaintsPolicy
    notices_policy: NoticesPolicy
    inspection_policy: InspectionPolicy
    promises_policy: PromisesPolicy
    risk_policy: RiskPolicy
    rotation_rules: RotationRules
    legal_bases: LegalBases
    exports_policy: ExportsPolicy
    secure_cookies: bool
    session_hours: int = 12
    trusted_proxies: tuple[Network, ...] = ()
    public_url: str | None = None
    stream_interval_s: float = 0.075
    ping_s: float = 15.0

    @property
    def reports_basis(self) -> Basis:
        """What credit reports are made by."""
        return Basis(shipped=self.credit_rules, supervision=self.supervision_policy)

    @property
    def policies(self) -> Policies:
        """What steps with alerts are decided and charged by."""
        return Policies(
            supervision=self.supervision_policy,
            credit=self.credit_rules,
            rules=self.rules_policy,
            promises=self.promises_policy,
        )
