"""What `steelyard bench credit` measures of rotations, on a small market."""

from credit.rotation.model import problems_of
from steelyard.bench.rotation import market, measure_rotation
from tests.unit.credit.rotations import RULES


def test_a_small_market_is_measured_beside_its_reference() -> None:
    found = measure_rotation(60)

    told = found.as_object()
    assert told["stalls"] == 60
    assert min(found.seconds, found.seconds_of_equals, found.reference_seconds) > 0
    assert (told["gap"], told["left_without"]) == (0, 0)


def test_the_market_that_is_measured_is_the_same_every_time_and_sound() -> None:
    of = market(120, RULES, seed=3)

    assert of == market(120, RULES, seed=3)
    assert problems_of(of) == []
    assert len(of.apart) == 2
