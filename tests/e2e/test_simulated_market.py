"""`steelyard simulate`: a market against a database and a broker that are there already, as compose runs it."""

import json
import os
import subprocess
import sys
import threading

from psycopg import Connection

from ingest.subscriber import BrokerAddress, Subscriber
from ingest.worker import Worker, WorkerSettings
from pricing.policy import read_rules_policy
from steelyard.resources import policy_directory
from tests.brokers import RealBroker


def steelyard(broker: RealBroker, database_url: str, *words: str) -> str:
    environment = {
        **os.environ,
        "STEELYARD_DATABASE_URL": database_url,
        "STEELYARD_MQTT_HOST": broker.host,
        "STEELYARD_MQTT_PORT": str(broker.port),
    }
    ran = subprocess.run(
        [sys.executable, "-m", "steelyard", *words],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_a_registered_market_sells_through_its_own_agents(
    broker: RealBroker, database_url: str, conn: Connection
) -> None:
    said = steelyard(broker, database_url, "simulate", "register", "--stalls", "4")
    assert "4 stalls are registered in market sanya-1" in said
    assert "sign in as manager, regulator, admin with the password " in said
    assert "sign in" not in steelyard(broker, database_url, "simulate", "register", "--stalls", "4")
    worker = Worker(
        settings=WorkerSettings(database_url=database_url),
        subscriber=Subscriber(
            BrokerAddress(host=broker.host, port=broker.port, client_id="ingest-1"), receive_maximum=100
        ),
        policy=read_rules_policy(policy_directory() / "rules.toml"),
        stop=threading.Event(),
    )
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        pace = ["--frame-interval", "0.028", "--shortest-pause", "0", "--longest-pause", "0.1"]
        said = steelyard(
            broker, database_url, "simulate", "market", "--stalls", "4", "--agents", "1", "--weighings", "20", *pace
        )
    finally:
        worker.stop.set()
        thread.join(30)
    assert json.loads(said)["sales"] == 20
    assert conn.execute("SELECT count(*), count(DISTINCT vendor_id) FROM weighings").fetchone() == (20, 4)
    assert conn.execute("SELECT area FROM markets UNION SELECT area FROM cap_lists").fetchall() == [("sanya-demo",)]
