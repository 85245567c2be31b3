"""Fixtures of the second ring: real servers."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.brokers import Mosquitto, RealBroker


@pytest.fixture
def broker() -> Iterator[RealBroker]:
    """A broker of this test's own, so that killing it hurts nobody else."""
    with RealBroker() as running:
        yield running


@pytest.fixture
def mosquitto() -> Iterator[Mosquitto]:
    """The broker of production, of this test's own; a test that uses it is marked so."""
    with tempfile.TemporaryDirectory(prefix="steelyard-mosquitto-") as folder:
        running = Mosquitto(Path(folder))
        running.start()
        yield running
        running.stop()
