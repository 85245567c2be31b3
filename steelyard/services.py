"""The services, put together from their settings."""

import threading

import structlog

from db.migrate import engine_of
from ingest.subscriber import BrokerAddress, Subscriber
from ingest.worker import Worker, WorkerSettings
from pricing.policy import read_rules_policy
from steelyard.settings import Settings

_MS_PER_S = 1000
#: One batch in hand at the database, one arriving meanwhile; MQTT 5 allows 65 535.
_BATCHES_IN_FLIGHT = 2
_LARGEST_RECEIVE_MAXIMUM = 65_535


def ingest_worker(settings: Settings, stop: threading.Event) -> Worker:
    """Put an ingest worker together. Raise Unavailable where there is no database, BadFile where a setting is wrong."""
    policy = read_rules_policy(settings.policy_file("rules.toml"))
    url = settings.database_url_with_password
    structlog.get_logger().info("database", engine=str(engine_of(url)))
    return Worker(
        settings=WorkerSettings(
            database_url=url, batch_size=settings.batch_size, batch_wait_s=settings.batch_wait_ms / _MS_PER_S
        ),
        subscriber=Subscriber(
            _broker(settings),
            receive_maximum=min(_LARGEST_RECEIVE_MAXIMUM, _BATCHES_IN_FLIGHT * settings.batch_size),
        ),
        policy=policy,
        stop=stop,
    )


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
