"""Keys at a scale."""

import pytest

from simulators.faults import Fault, FaultKind
from simulators.one_scale.keyboard import Keyboard
from simulators.one_scale.steps import Add, Deed, HaveFault, KeyPlu, KeyPrice, KeyTare, Put, Total, Zero


def typed(keys: str) -> tuple[list[Deed], Keyboard]:
    keyboard = Keyboard()
    return [deed for key in keys for deed in keyboard.press(key)], keyboard


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("712g", [Put(712)]),
        ("+", [Add(100)]),
        ("50-", [Add(-50)]),
        ("90.5y", [KeyPrice(9050)]),
        ("2001p", [KeyPlu("2001")]),
        ("30tt", [KeyTare(30), KeyTare(0)]),
        ("71\x7f2g", [Put(72)]),
        ("rz=\r", [Put(0), Zero(), Total(), Total()]),
        (
            "ss",
            [HaveFault(Fault(kind=FaultKind.SILENCE)), HaveFault(Fault(kind=FaultKind.NONE))],
        ),
    ],
)
def test_keys_do_things(keys: str, expected: list[Deed]) -> None:
    deeds, keyboard = typed(keys)
    assert deeds == expected
    assert keyboard.problem == ""


@pytest.mark.parametrize("keys", ["g", "1.2.3y", "x", "7.5g", "99999999999g"])
def test_what_cannot_be_done_is_said_and_nothing_happens(keys: str) -> None:
    deeds, keyboard = typed(keys)
    assert deeds == []
    assert keyboard.problem
    assert keyboard.entry == ""
