"""What the tests of chaos need."""

import pytest

from tests.brokers import Mosquitto


@pytest.fixture
def mosquitto_or_skip() -> None:
    if Mosquitto.program() is None:
        pytest.skip("needs Mosquitto (Debian: apt install mosquitto)")
