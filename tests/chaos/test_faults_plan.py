"""A seed gives the same faults again, and every kind comes."""

from hypothesis import given
from hypothesis import strategies as st

from tests.chaos.faults import Fault, plan


@given(seed=st.integers(0, 2**32), count=st.integers(0, 60))
def test_a_plan_comes_again_with_its_seed_and_leaves_no_kind_out(seed: int, count: int) -> None:
    faults = plan(seed, 50_000, count)
    assert faults == plan(seed, 50_000, count)
    assert len(faults) == count
    assert [one.at_stored for one in faults] == sorted(one.at_stored for one in faults)
    if count >= len(Fault):
        assert {one.fault for one in faults} == set(Fault)
