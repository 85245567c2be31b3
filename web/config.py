"""What the web service is told at start."""

from dataclasses import dataclass

from credit.rules import CreditRules
from pricing.policy import RulesPolicy
from supervision.inspections.policy import InspectionPolicy


@dataclass(frozen=True, kw_only=True, slots=True)
class WebConfig:
    """Everything the web service needs to know.

    `stream_interval_s` is how often at most a busy list tells its readers of a change; a quiet one tells at once.
    """

    database_url: str
    rules_policy: RulesPolicy
    credit_rules: CreditRules
    inspection_policy: InspectionPolicy
    secure_cookies: bool
    session_hours: int = 12
    stream_interval_s: float = 0.075
    ping_s: float = 15.0
