"""What waits for a disk that refuses: so much of it, in order, and never a void of the wrong sale."""

from dataclasses import replace

from domain.ids import ScaleId
from edge_agent.weighing.recording import Draft
from edge_agent.weighing.unwritten import MOST_A_SCALE, SLICE, Unwritten
from tests.unit.edge_agent.test_outbox import OTHER, draft

SCALE = ScaleId("SC-001")


def void(scale_id: ScaleId = SCALE) -> Draft:
    return replace(draft(scale_id), voids_last=True)


def full() -> Unwritten:
    unwritten = Unwritten()
    unwritten.add(draft(SCALE) for _ in range(MOST_A_SCALE))
    return unwritten


def test_a_scale_with_too_many_loses_its_new_ones_and_no_other_scale_does() -> None:
    unwritten = full()
    unwritten.add([draft(SCALE), draft(OTHER)])
    assert (len(unwritten), unwritten.lost) == (MOST_A_SCALE + 1, 1)
    assert unwritten.holds(OTHER)


def test_a_void_goes_with_the_sale_that_was_lost() -> None:
    unwritten = full()
    unwritten.add([draft(SCALE)])
    unwritten.written(unwritten.due(0.0))
    unwritten.add([void(), void(OTHER)])  # there is room again, but what it means is not there
    assert unwritten.lost == 2
    unwritten.add([draft(SCALE), void()])
    assert unwritten.lost == 2


def test_what_is_refused_is_tried_again_after_a_second_and_told_once_a_minute() -> None:
    unwritten = full()
    assert len(unwritten.due(10.0)) == SLICE
    assert unwritten.refused(10.0)
    assert not unwritten.due(10.9)
    assert len(unwritten.due(11.0)) == 1
    assert not unwritten.refused(11.0)
    assert unwritten.refused(70.0)
    unwritten.written(unwritten.due(71.0))
    assert len(unwritten.due(71.0)) == 2  # it goes better again
    assert unwritten.refused(71.5)  # it is another failure


def test_written_ones_make_place_in_their_order() -> None:
    unwritten = full()
    for _ in range(-(-MOST_A_SCALE // SLICE)):
        unwritten.written(unwritten.due(0.0))
    assert len(unwritten) == 0
    assert not unwritten.holds(SCALE)
    assert not unwritten.due(0.0)


def test_a_void_and_what_replaces_the_sale_are_taken_together_or_not_at_all() -> None:
    unwritten = Unwritten()
    unwritten.add(draft(SCALE) for _ in range(MOST_A_SCALE - 1))
    unwritten.add([void(), draft(SCALE)])
    assert (len(unwritten), unwritten.lost) == (MOST_A_SCALE - 1, 2)
    unwritten = Unwritten()
    unwritten.add(draft(SCALE) for _ in range(MOST_A_SCALE - 2))
    unwritten.add([void(), draft(SCALE)])
    assert (len(unwritten), unwritten.lost) == (MOST_A_SCALE, 0)


def test_a_void_and_what_replaces_the_sale_are_written_together() -> None:
    unwritten = Unwritten()
    unwritten.add([void(), draft(SCALE), draft(SCALE)])
    unwritten.refused(0.0)
    assert [one.voids_last for one in unwritten.due(1.0)] == [True, False]
