"""TimescaleDB in Docker, of the very version that docker-compose.yml deploys."""

import gc
import importlib
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import yaml

from tests.databases.postmaster import TIMESCALE_SETTINGS, WITHOUT_DURABILITY
from tests.databases.server import Server
from tests.waiting import wait_until

COMPOSE = Path(__file__).resolve().parents[2] / "docker-compose.yml"


def find() -> Server | None:
    if not does_an_engine_answer():
        return None
    image = image_in_compose()
    tag = image.rpartition(":")[2]
    return Server(kind="Docker", version=tag, timescale=f"TimescaleDB {tag} (timescale licence)", run=run)


def image_in_compose() -> str:
    services = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]
    return str(services["timescaledb"]["image"])


def does_an_engine_answer() -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        answer = ping()
        # The client forgets to close the socket of a refused connection; its warning must not land in some test.
        gc.collect()
    return answer


def ping() -> bool:
    # By name, since the client brings no types.
    docker = importlib.import_module("docker")
    refused: type[Exception] = docker.errors.DockerException
    try:
        client = docker.from_env(timeout=5)
    except refused:
        return False
    try:
        return bool(client.ping())
    except (refused, OSError):
        return False
    finally:
        client.close()


@contextmanager
def run() -> Iterator[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from testcontainers.core.container import DockerContainer

    settings = " ".join(f"-c {setting}" for setting in (*TIMESCALE_SETTINGS, *WITHOUT_DURABILITY))
    container = (
        DockerContainer(image_in_compose())
        .with_env("POSTGRES_HOST_AUTH_METHOD", "trust")
        .with_env("TIMESCALEDB_TELEMETRY", "off")
        .with_exposed_ports(5432)
        .with_command(f"postgres {settings}")
        .with_kwargs(tmpfs={"/var/lib/postgresql/data": "rw"})
    )
    with container:
        url = f"postgresql://postgres@{container.get_container_host_ip()}:{container.get_exposed_port(5432)}/postgres"
        wait_until(lambda: answers(url), what="TimescaleDB in Docker answers", within_s=120, every_s=0.2)
        yield url


def answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True
