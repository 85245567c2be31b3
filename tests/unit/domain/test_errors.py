"""A refusal says field, value and expectation, and travels like any exception."""

from contextlib import contextmanager

import pytest

from domain.errors import BadFile, BadMessage, show_value


def test_a_refusal_names_field_value_and_expectation() -> None:
    assert str(BadMessage("bad_field", "net_g", "-5", "`int` >= 0")) == "net_g is -5; expected `int` >= 0"


def test_a_refusal_passes_through_a_context_manager() -> None:
    @contextmanager
    def block():  # type: ignore[no-untyped-def]
        yield

    with pytest.raises(BadMessage), block():
        raise BadMessage("r", "f", "v", "e")


def test_a_file_shows_every_problem() -> None:
    assert str(BadFile("caps.csv", ("row 2: a", "row 7: b"))) == "caps.csv: 2 problem(s)\n  row 2: a\n  row 7: b"


def test_a_long_value_is_cut() -> None:
    assert len(show_value("x" * 1000)) == 80
