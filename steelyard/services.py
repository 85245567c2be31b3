"""The services, put together from their settings."""

import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import structlog
from psycopg import Connection

from credit.ledger import Policies, overturn_by_itself
from credit.promises.policy import read_promises_policy
from credit.rules.book import rules_now
from credit.rules.reading import read_credit_rules
from credit.rules.shape import CreditRules
from credit.standings import standings
from db.migrate import engine_of
from domain.errors import BadFile
from domain.ids import MarketId, VendorId
from domain.quarantine import ReplayOutcome
from ingest.cap_announcer import CapAnnouncer
from ingest.continuity_watcher import ContinuityWatcher
from ingest.findings_watcher import FindingsWatcher
from ingest.group_watch import GroupWatch
from ingest.health import Health, HealthServer
from ingest.keeper import WeighingKeeper
from ingest.metrics import Held, IngestMetrics
from ingest.paho_subscriber import PahoSubscriber
from ingest.presence import Presence
from ingest.rejudge_watcher import RejudgeWatcher
from ingest.rejudging import Overturn, Rejudger
from ingest.replay_watcher import ReplayWatcher
from ingest.subscriber import BrokerAddress
from ingest.vendor_announcer import Tiers, VendorAnnouncer
from ingest.worker import Worker, WorkerSettings
from pricing.policy import read_rules_policy
from steelyard.resources import data_directory
from steelyard.settings import Settings
from supervision.policy import read_supervision_policy

if TYPE_CHECKING:
    from ingest.mqtt5_subscriber import Mqtt5Subscriber
    from web.config import WebConfig

#: One batch in hand at the database, one arriving meanwhile; MQTT 5 allows 65 535.
_BATCHES_IN_FLIGHT = 2
_LARGEST_RECEIVE_MAXIMUM = 65_535


def ingest_worker(settings: Settings, stop: threading.Event) -> Worker:
    """Put an ingest worker together. Raise Unavailable where there is no database, BadFile where a setting is wrong."""
    policies = policies_of(settings)
    policy = policies.rules
    tiers = tiers_by(policies.credit)
    url = settings.database_url_with_password
    structlog.get_logger().info("database", engine=str(engine_of(url)))
    broker = _broker(settings)
    subscriber = _client(settings)(
        broker,
        receive_maximum=min(_LARGEST_RECEIVE_MAXIMUM, _BATCHES_IN_FLIGHT * settings.batch_size),
        links=settings.mqtt_links,
    )
    teller = replace(broker, client_id=f"tell-{settings.worker_id}", session_expiry_s=0)
    worker = Worker(
        settings=WorkerSettings(database_url=url, batch_size=settings.batch_size),
        subscriber=subscriber,
        policy=policy,
        stop=stop,
        companions=(
            CapAnnouncer(url, subscriber, _now),
            VendorAnnouncer(url, lambda: Presence(teller), tiers, _now),
            ContinuityWatcher(url, policy.continuity.grace, _now),
            FindingsWatcher(url, policy.findings, _now),
            WeighingKeeper(url, policy.acceptance.oldest, _now),
            RejudgeWatcher(url, Rejudger(policy=policy, overturn=overturning(policies)), _now),
        ),
    )
    if settings.mqtt_session_expiry_s:
        hearing = replace(broker, client_id=f"group-{settings.worker_id}", session_expiry_s=0)
        worker.companions = (*worker.companions, GroupWatch(hearing, subscriber))

    def tell(outcome: ReplayOutcome) -> None:
        worker.observer.replayed(outcome)  # whoever observes the worker by then

    def tell_held(held: Held) -> None:
        worker.observer.holds(held)

    replays = ReplayWatcher(url, policy, _now, tell, tell_held=tell_held)
    worker.companions = (*worker.companions, replays)
    if settings.metrics_port:
        _tell_metrics(worker, settings)
    return worker


def _tell_metrics(worker: Worker, settings: Settings) -> None:
    metrics = IngestMetrics(lambda: worker.queue_depth, lambda: worker.subscriber.is_subscribed)
    health = Health(lambda: worker.is_going_on, lambda: worker.not_ready)
    try:
        server = HealthServer(settings.metrics_host, settings.metrics_port, metrics.registry, health)
    except OSError as error:
        where = f"{settings.metrics_host}:{settings.metrics_port}"
        raise BadFile("environment", (f"STEELYARD_METRICS_PORT: cannot listen on {where}: {error.strerror}",)) from None
    worker.observer = metrics
    worker.companions = (*worker.companions, server)


def overturning(policies: Policies) -> Overturn:
    """Return how a breach of which nothing stands any more is overturned, and its points are given back."""

    def overturn(conn: Connection, alert_id: int, why: str, now: datetime) -> None:
        overturn_by_itself(conn, alert_id, why=why, now=now, policies=policies)

    return overturn


def policies_of(settings: Settings) -> Policies:
    """Read the policies that alerts are handled by. Raise BadFile where one is wrong."""
    policies = Policies(
        rules=read_rules_policy(settings.policy_file("rules.toml")),
        credit=read_credit_rules(settings.policy_file("credit.toml")),
        supervision=read_supervision_policy(settings.policy_file("supervision.toml")),
        promises=read_promises_policy(settings.policy_file("promises.toml")),
    )
    days, expected = policies.credit.appeal.working_days, policies.supervision.appeal.working_days
    if days != expected:
        problem = f"appeal.working_days is {days}; expected {expected}, as in supervision.toml"
        raise BadFile("credit.toml", (problem,))
    return policies


def web_config(settings: Settings) -> "WebConfig":
    """Read what the console is told at start. Raise BadFile where a policy is wrong."""
    # Imported here: no ingest worker needs the console.
    from credit.risk.policy import read_risk_policy
    from credit.rotation.policy import read_rotation_rules
    from supervision.approvals.policy import read_approvals_policy
    from supervision.cases.legal_bases import read_legal_bases
    from supervision.complaints.policy import read_complaints_policy
    from supervision.exports.policy import read_exports_policy
    from supervision.inspections.policy import read_inspection_policy
    from supervision.notices.policy import read_notices_policy
    from web.config import WebConfig

    policies = policies_of(settings)
    return WebConfig(
        database_url=settings.database_url_with_password,
        rules_policy=policies.rules,
        credit_rules=policies.credit,
        credit_file=settings.policy_file("credit.toml").read_text(encoding="utf-8"),
        supervision_policy=policies.supervision,
        approvals_policy=read_approvals_policy(settings.policy_file("approvals.toml")),
        promises_policy=policies.promises,
        risk_policy=read_risk_policy(settings.policy_file("risk.toml")),
        rotation_rules=read_rotation_rules(settings.policy_file("rotation.toml")),
        complaints_policy=read_complaints_policy(settings.policy_file("complaints.toml")),
        notices_policy=read_notices_policy(settings.policy_file("notices.toml")),
        inspection_policy=read_inspection_policy(settings.policy_file("inspections.toml")),
        legal_bases=read_legal_bases(data_directory() / "legal_bases.toml"),
        public_url=settings.public_url,
        exports_policy=read_exports_policy(settings.policy_file("exports.toml")),
        secure_cookies=settings.secure_cookies,
        trusted_proxies=settings.proxies,
    )


def tiers_by(shipped: CreditRules) -> Tiers:
    """Return how an announcer learns the tiers of a market's vendors: by these rules until others are put in force."""

    def tiers(conn: Connection, market_id: MarketId, now: datetime) -> Mapping[VendorId, str]:
        lines = standings(conn, market_id, rules=rules_now(conn, shipped, now), now=now)
        return {line.vendor.vendor_id: line.score.tier.name for line in lines}

    return tiers


def _client(settings: Settings) -> type[PahoSubscriber] | type["Mqtt5Subscriber"]:
    if settings.mqtt_client == "paho":
        return PahoSubscriber
    try:
        from ingest.mqtt5_subscriber import Mqtt5Subscriber
    except ModuleNotFoundError as error:
        problem = f"STEELYARD_MQTT_CLIENT is 'mqtt5', and {error.name} is not installed: pip install 'steelyard[fast]'"
        raise BadFile("environment", (problem,)) from None
    return Mqtt5Subscriber


def _now() -> datetime:
    return datetime.now(UTC)


def _broker(settings: Settings) -> BrokerAddress:
    return BrokerAddress(
        host=settings.mqtt_host,
        port=settings.mqtt_port,
        client_id=f"ingest-{settings.worker_id}",
        username=settings.mqtt_username,
        password=settings.mqtt_password,
        ca_file=None if settings.mqtt_ca_file is None else str(settings.mqtt_ca_file),
        session_expiry_s=settings.mqtt_session_expiry_s,
    )
