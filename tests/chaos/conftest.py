"""Options for runs by hand; CI runs the small size."""

import pytest

from tests.brokers import Mosquitto

WEIGHINGS, FAULTS = 50_000, 20


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("chaos")
    group.addoption("--chaos-seed", type=int, default=20261123, help="which faults come when")
    group.addoption("--chaos-weighings", type=int, default=WEIGHINGS, help="weighings of all brokers' runs together")
    group.addoption("--chaos-faults", type=int, default=FAULTS, help="faults of all brokers' runs together")


@pytest.fixture
def mosquitto_or_skip() -> None:
    if Mosquitto.program() is None:
        pytest.skip("needs Mosquitto (Debian: apt install mosquitto)")
