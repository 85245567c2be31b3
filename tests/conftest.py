"""Fixtures for all rings of tests: the database server, a fresh database for every test, and who may be skipped."""

import os
import shutil
import signal
from collections.abc import Iterator

import psycopg
import pytest
import structlog
from hypothesis import HealthCheck, settings

from tests.brokers import Mosquitto
from tests.browsers import find_chromium
from tests.databases import copies, debian_folder, embedded, local
from tests.databases.chain import Chain
from tests.environment import is_complete_run_required, scrub

scrub(os.environ)

# Timing decides no test: a machine that is busy is no mistake.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

CHAIN = pytest.StashKey[Chain]()
NOT_RUN = pytest.StashKey[dict[str, int]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("chaos", "chaos (docs/chaos.md): CI runs the small size")
    group.addoption("--chaos-seed", type=int, default=20261123, help="which faults come when")
    group.addoption("--chaos-weighings", type=int, default=50_000, help="weighings of all brokers' runs together")
    group.addoption("--chaos-faults", type=int, default=20, help="faults of all brokers' runs together")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[CHAIN] = Chain()
    config.stash[NOT_RUN] = {}
    # Ended from outside, the run still stops its servers: like Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def pytest_report_header(config: pytest.Config) -> list[str]:
    return [config.stash[CHAIN].header(), f"browser: {find_chromium() or 'no Chromium found'}"]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Before any fixture: a test that lacks what it needs is skipped with the reason, and in CI it fails."""
    reason = _what_it_lacks(item)
    if reason is None:
        return
    if is_complete_run_required():
        pytest.fail(reason, pytrace=False)
    counts = item.config.stash[NOT_RUN]
    counts[reason] = counts.get(reason, 0) + 1
    pytest.skip(reason)


def _what_it_lacks(item: pytest.Item) -> str | None:
    """The first thing that a test needs and this machine has not."""
    if item.get_closest_marker("browser") and find_chromium() is None:
        return "needs a Chromium, and none is on PATH (Debian: apt install chromium)"
    if item.get_closest_marker("mosquitto") and Mosquitto.program() is None:
        return "needs Mosquitto, and it is not installed (Debian: apt install mosquitto)"
    if item.get_closest_marker("systemd") and shutil.which("systemd-analyze") is None:
        return "needs systemd-analyze (Debian: apt install systemd)"
    servers = {
        "timescale": item.config.stash[CHAIN].why_no_timescale,
        "postgresql": local.why_not,
        "debian_folder": debian_folder.why_not,
    }
    asked = (why_not() for name, why_not in servers.items() if item.get_closest_marker(name))
    return next((reason for reason in asked if reason is not None), None)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for reason, count in config.stash[NOT_RUN].items():
        terminalreporter.write_line(f"NOT TESTED here, {count} tests: {reason}", yellow=True, bold=True)


@pytest.fixture(autouse=True)
def logs_as_they_come() -> None:
    """What a command that ran in this process made of the logs is not for the tests after it."""
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def database_server(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of the best server there is (see `tests.databases.chain`), for its superuser."""
    with request.config.stash[CHAIN].chosen.run() as url:
        yield url


@pytest.fixture(scope="session")
def plain_server() -> Iterator[str]:
    """The URL of an embedded PostgreSQL, which has no TimescaleDB: the product must work there too."""
    with embedded.find().run() as url:
        yield url


@pytest.fixture(scope="session")
def template_database(database_server: str) -> Iterator[str]:
    """The name of a migrated database to copy from."""
    from db.migrate import migrate

    with copies.template(database_server, migrate) as name:
        yield name


@pytest.fixture
def database_url(database_server: str, template_database: str) -> Iterator[str]:
    """A migrated database of this test's own."""
    with copies.fresh_copy(database_server, template_database) as url:
        yield url


@pytest.fixture(scope="session")
def plain_template(plain_server: str) -> Iterator[str]:
    """The name of a migrated database without TimescaleDB to copy from."""
    from db.migrate import migrate

    with copies.template(plain_server, migrate) as name:
        yield name


@pytest.fixture
def plain_database_url(plain_server: str, plain_template: str) -> Iterator[str]:
    """A migrated database without TimescaleDB, of this test's own."""
    with copies.fresh_copy(plain_server, plain_template) as url:
        yield url


@pytest.fixture
def conn(database_url: str) -> Iterator[psycopg.Connection]:
    """A connection to `database_url`; what the test does not commit is rolled back."""
    connection = psycopg.connect(database_url)
    try:
        yield connection
    finally:
        connection.close()
