"""How long a worker asks the database to wait for it."""

from ingest.patience import Patience


def test_each_time_it_took_too_long_it_asks_for_twice_as_much_up_to_a_bound() -> None:
    patience, asked = Patience(), []
    for now_s in range(6):
        asked.append(patience.at(now_s))
        patience = patience.after_too_long(now_s)
    assert asked == [1, 2, 4, 8, 16, 16]


def test_who_was_in_time_for_a_while_asks_for_the_usual_time_again() -> None:
    patience = Patience().after_too_long(0.0).after_too_long(10.0)
    assert (patience.at(309.9), patience.at(310.0)) == (4, 1)
    assert patience.after_too_long(400.0).at(400.0) == 2
