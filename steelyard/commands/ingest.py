"""`steelyard ingest`: one ingest worker."""

import structlog

from db.migrate import engine_of
from ingest.subscriber import BrokerAddress, Subscriber
from ingest.worker import Worker, WorkerSettings
from pricing.policy import read_rules_policy
from steelyard.logs import configure_logs
from steelyard.settings import Settings, read_settings
from steelyard.stopping import stop_on_signals


def ingest() -> None:
    """Take weighings from the broker into the database until stopped. Start as many as you like."""
    configure_logs()
    stop = stop_on_signals()
    settings = read_settings()
    url = settings.database_url_with_password
    structlog.get_logger().info("database", engine=str(engine_of(url)))
    Worker(
        settings=WorkerSettings(
            database_url=url, batch_size=settings.batch_size, batch_wait_s=settings.batch_wait_ms / 1000
        ),
        # Two batches: one in hand at the database, one arriving meanwhile.
        subscriber=Subscriber(_broker(settings), receive_maximum=min(65535, 2 * settings.batch_size)),
        policy=read_rules_policy(settings.policy_dir / "rules.toml"),
        stop=stop,
    ).run()


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
