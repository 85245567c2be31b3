"""Fixtures of the second ring: real servers."""

from collections.abc import Iterator

import pytest

from tests.brokers import RealBroker


@pytest.fixture
def broker() -> Iterator[RealBroker]:
    """A broker of this test's own, so that killing it hurts nobody else."""
    with RealBroker() as running:
        yield running
