"""A script says what happens on a scale; what is wrong with it is said at once, line by line."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import BadFile
from simulators.faults import Fault, FaultKind
from simulators.one_scale.script import parse_script, read_script
from simulators.one_scale.steps import (
    Add,
    HaveFault,
    KeyPlu,
    KeyPrice,
    KeyTare,
    Put,
    Repeat,
    Total,
    Wait,
    WaitStable,
    Zero,
)

EVERY_STEP = """\
# a sale
put 712
add -12        # less
price 90.5
plu 2001
tare 30
wait 1.5
wait stable
zero
total
fault drop 10%
restart
remove
repeat 3
"""


def test_every_step_is_read() -> None:
    assert parse_script(EVERY_STEP) == (
        Put(712),
        Add(-12),
        KeyPrice(9050),
        KeyPlu("2001"),
        KeyTare(30),
        Wait(1.5),
        WaitStable(),
        Zero(),
        Total(),
        HaveFault(Fault(kind=FaultKind.DROP, rate=0.1)),
        HaveFault(Fault(kind=FaultKind.RESTART)),
        Put(0),
        Repeat(3),
    )


def test_every_problem_is_named_with_its_line() -> None:
    text = "put many\nwait 1\nprice -1\nfly\n\ntare 1 2\nfault drop\nplu !\nzero now\nwait -1\nrepeat 1\n"
    with pytest.raises(BadFile) as refused:
        parse_script(text, "day.txt")
    assert refused.value.name == "day.txt"
    lines = [problem.split(":")[0] for problem in refused.value.problems]
    assert lines == [f"line {n}" for n in (1, 3, 4, 6, 7, 8, 9, 10, 11)]
    assert refused.value.problems[0] == "line 1: put is 'many'; expected a whole number from -1000000 to 1000000"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "there is no step"),
        ("# nothing\n", "there is no step"),
        ("put 1\nrepeat\n", "would never let time pass"),
        ("wait 1\nrepeat\nput 1\n", "line 3: comes after repeat"),
    ],
)
def test_a_script_as_a_whole_has_to_make_sense(text: str, problem: str) -> None:
    with pytest.raises(BadFile, match=problem):
        parse_script(text)


@given(st.text(max_size=200))
def test_any_text_is_a_script_or_a_list_of_problems(text: str) -> None:
    try:
        assert parse_script(text)
    except BadFile as error:
        assert error.problems


@pytest.mark.parametrize("content", [None, b"\xff\xfeput"])
def test_a_file_that_cannot_be_read_is_a_problem(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "script.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BadFile, match=r"cannot be read|not UTF-8"):
        read_script(path)


def test_a_script_may_come_with_a_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / "script.txt").write_text("put 1\n", encoding="utf-8-sig")
    assert read_script(tmp_path / "script.txt") == (Put(1),)
