"""`steelyard simulate`: a market against a database and a broker that are there already, as compose runs it."""

import json
import os
import subprocess
import sys
from pathlib import Path

from psycopg import Connection

from simulators.market.truth import read_lines
from tests.brokers import RealBroker
from tests.ingesting import ingesting


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
    with ingesting(broker, database_url):
        pace = ["--frame-interval", "0.028", "--shortest-pause", "0", "--longest-pause", "0.1"]
        said = steelyard(
            broker, database_url, "simulate", "market", "--stalls", "4", "--agents", "1", "--weighings", "20", *pace
        )
    assert json.loads(said)["sales"] == 20
    assert conn.execute("SELECT count(*), count(DISTINCT vendor_id) FROM weighings").fetchone() == (20, 4)
    assert conn.execute("SELECT area FROM markets UNION SELECT area FROM cap_lists").fetchall() == [("sanya-demo",)]


def test_a_registered_fleet_is_stored_to_the_last_weighing(
    broker: RealBroker, database_url: str, conn: Connection, tmp_path: Path
) -> None:
    register = ("simulate", "register", "--stalls", "1", "--fleet", "200")
    assert "200 scales of a fleet are registered there too, 200 of them new" in steelyard(
        broker, database_url, *register
    )
    assert "200 scales of a fleet are registered there too, 0 of them new" in steelyard(broker, database_url, *register)
    truth = tmp_path / "truth.jsonl"
    words = ("--scales", "200", "--weighings", "500", "--rate", "500", "--connections", "4", "--receipts")
    with ingesting(broker, database_url) as worker:
        said = steelyard(broker, database_url, "simulate", "fleet", *words, "--truth", str(truth))
    assert json.loads(said)["receipted"] == 500
    assert (worker.totals.stored, worker.totals.held) == (500, 0)
    made = {(line["scale_id"], line["journal_id"], line["weighings"], line["net_g"]) for line in read_lines(truth)}
    stored = conn.execute(
        "SELECT scale_id, journal_id, count(*), sum(net_g) FROM weighings"
        " WHERE vendor_id = 'FV-' || right(scale_id, 5) GROUP BY 1, 2"
    )
    assert {*stored} == made
