"""A clerk, put together from the settings."""

import threading
from functools import partial

from credit.exporting import RecordingExports
from credit.merits.duty import AddingMerits
from credit.portrait.duty import MakingPortraits
from credit.portrait.policy import read_portrait_policy
from credit.promises.duty import EndingPromises
from credit.promises.reminding import RemindingOfOffers
from credit.repairs.duty import EndingRepairs
from credit.risk.computing import RiskPolicies
from credit.risk.duty import ComputingRisk
from credit.risk.policy import read_risk_policy
from credit.rules.reading import read_credit_rules
from domain.errors import BadFile
from ingest.health import Health, HealthServer
from pricing.policy import read_rules_policy
from steelyard.clerk.clerk import Clerk
from steelyard.clerk.metrics import ClerkMetrics
from steelyard.settings import Settings
from supervision.approvals.duty import MatchingApprovals
from supervision.approvals.policy import read_approvals_policy
from supervision.approvals.reminding import RemindingOfChecks
from supervision.complaints.duty import TendingComplaints
from supervision.complaints.policy import read_complaints_policy
from supervision.deadlines.duty import WatchingDeadlines
from supervision.duties import Duty
from supervision.exports.delivering import DeliveringExports
from supervision.exports.filling import FillingLedgers
from supervision.exports.policy import read_exports_policy
from supervision.notices.couriers import Courier
from supervision.notices.handing_on import HandingOn
from supervision.notices.mail_carrier import MailCarrier
from supervision.notices.policy import NoticesPolicy, read_notices_policy
from supervision.notices.posting import Posting
from supervision.notices.smtp_post import MailServer
from supervision.notices.webhook_body import body_of
from supervision.notices.webhook_carrier import WebhookCarrier
from supervision.policy import read_supervision_policy
from supervision.publicity.duty import KeepingPublicity
from supervision.publicity.policy import read_publicity_policy
from supervision.uploads.duty import RemovingUploads
from supervision.uploads.policy import read_uploads_policy


def clerk_of(settings: Settings, stop: threading.Event) -> Clerk:
    """Put a clerk together. Raise BadFile where a setting or a policy is wrong."""
    metrics = ClerkMetrics()
    clerk = Clerk(settings.database_url_with_password, duties_of(settings, metrics), stop, metrics=metrics)
    if settings.metrics_port:
        health = Health(lambda: clerk.is_going_on, lambda: clerk.problem)
        try:
            server = HealthServer(settings.metrics_host, settings.metrics_port, metrics.registry, health)
        except OSError as error:
            where = f"{settings.metrics_host}:{settings.metrics_port}"
            problem = f"STEELYARD_METRICS_PORT: cannot listen on {where}: {error.strerror}"
            raise BadFile("environment", (problem,)) from None
        clerk.companions = (server,)
    return clerk


def duties_of(settings: Settings, metrics: ClerkMetrics) -> list[Duty]:
    """Return everything that a clerk does. A new duty is added here."""
    policy = read_notices_policy(settings.policy_file("notices.toml"))
    rules = read_rules_policy(settings.policy_file("rules.toml"))
    credit = read_credit_rules(settings.policy_file("credit.toml"))
    supervision = read_supervision_policy(settings.policy_file("supervision.toml"))
    complaints = read_complaints_policy(settings.policy_file("complaints.toml"))
    approvals = read_approvals_policy(settings.policy_file("approvals.toml"))
    publicity = read_publicity_policy(settings.policy_file("publicity.toml"))
    exports = read_exports_policy(settings.policy_file("exports.toml"))
    duties: list[Duty] = [
        WatchingDeadlines(supervision, rules.severity_told),
        TendingComplaints(complaints),
        MatchingApprovals(),
        RemindingOfChecks(approvals, supervision.working_calendar, policy.ahead.check_working_days),
        RemovingUploads(read_uploads_policy(settings.policy_file("uploads.toml"))),
        EndingPromises(),
        RemindingOfOffers(policy.ahead.offer),
        KeepingPublicity(publicity, supervision),
        HandingOn(policy, rules.severity_told),
        Posting(policy, partial(body_of, public_url=settings.public_url)),
        Courier(WebhookCarrier(policy.webhook), metrics.attempted),
        ComputingRisk(RiskPolicies(risk=read_risk_policy(settings.policy_file("risk.toml")), rules=rules)),
        EndingRepairs(credit),
        AddingMerits(credit, supervision.working_calendar),
        RecordingExports(credit),
        FillingLedgers(exports),
        MakingPortraits(read_portrait_policy(settings.policy_file("portrait.toml"))),
        *(DeliveringExports(exports, number) for number in range(1, exports.at_once)),
        DeliveringExports(exports, exports.at_once, only_well=exports.at_once > 1),
    ]
    mail = _mail_carrier(settings, policy)
    return duties if mail is None else [*duties, Courier(mail, metrics.attempted)]


def _mail_carrier(settings: Settings, policy: NoticesPolicy) -> MailCarrier | None:
    if settings.smtp_host is None or settings.smtp_from is None or settings.public_url is None:
        return None
    # Imported here: a clerk without mail needs no templates.
    from web.notice_mail import writer

    server = MailServer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        security=settings.smtp_security,
        sender=settings.smtp_from,
        username=settings.smtp_username,
        password=settings.smtp_password,
    )
    return MailCarrier(server, policy, writer(settings.public_url, policy.timezone))
