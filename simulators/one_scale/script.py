"""The text format of a scale's script, one step a line; `#` begins a comment. Every problem is named with its line.

put 712          grams on the pan in all            wait 1.5       seconds
add -50          so much more, or less              wait stable    until the scale is at rest
remove           take everything off                total          conclude the sale on the scale
price 90.00      yuan for the scale's price unit    fault drop 10% for 5
plu 2001         key the goods                      restart        switch it off and on
tare 30          key a tare, 0 takes it away        repeat         all of it again, without end
zero             press zero                         repeat 3       three times in all
"""

import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from domain.errors import BadFile, show_value
from simulators.faults import Fault, FaultKind, parse_fault
from simulators.one_scale.steps import (
    Add,
    HaveFault,
    KeyPlu,
    KeyPrice,
    KeyTare,
    Put,
    Repeat,
    Step,
    Total,
    Wait,
    WaitStable,
    Zero,
)

MOST_LOAD_G: Final = 1_000_000
MOST_PRICE_FEN: Final = 100_000_000
MOST_TARE_G: Final = 100_000
Check = Callable[[Step], None]
_MOST_STEPS: Final = 100_000
_LONGEST_WAIT_S: Final = 86_400
_WHOLE: Final = re.compile(r"-?\d{1,9}")
_YUAN: Final = re.compile(r"(\d{1,7})(?:\.(\d{1,2}))?")
_PLU: Final = re.compile(r"[0-9A-Za-z]{1,32}")


def read_script(path: Path, check: Check | None = None) -> tuple[Step, ...]:
    """Read a script from a file. Raise BadFile with every problem, or because it cannot be read."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise BadFile(str(path), (f"cannot be read: {error.strerror}",)) from None
    except UnicodeDecodeError as error:
        raise BadFile(path.name, (f"not UTF-8 at byte {error.start}",)) from None
    return parse_script(text, path.name, check)


def parse_script(text: str, name: str = "script", check: Check | None = None) -> tuple[Step, ...]:
    """Read a script. Raise BadFile with every problem; `check` raises ValueError where a scale cannot do a step."""
    problems: list[str] = []
    steps: list[Step] = []
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.split("#", 1)[0].split()
        if not words:
            continue
        if steps and isinstance(steps[-1], Repeat):
            problems.append(f"line {number}: comes after repeat, which is the last step")
            break
        try:
            step = parse_step(words)
            if check is not None:
                check(step)
            steps.append(step)
        except ValueError as error:
            problems.append(f"line {number}: {error}")
    problems += _problems_of_the_whole(steps, problems)
    if problems:
        raise BadFile(name, tuple(problems))
    return tuple(steps)


def parse_step(words: list[str]) -> Step:
    """Read the words of one step. Raise ValueError with a sentence that says what was expected."""
    reader = _READERS.get(words[0])
    if reader is None:
        raise ValueError(f"the step is {show_value(words[0])}; expected one of {', '.join(_READERS)}")
    return reader(words[1:])


def parse_yuan(text: str) -> int:
    """Read yuan with up to two decimals as fen. Raise ValueError."""
    match = _YUAN.fullmatch(text)
    fen = -1 if match is None else int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))
    if not 0 <= fen <= MOST_PRICE_FEN:
        raise ValueError(f"price is {show_value(text)}; expected yuan such as 90.00, at most {MOST_PRICE_FEN // 100}")
    return fen


def _problems_of_the_whole(steps: list[Step], problems: list[str]) -> list[str]:
    found = []
    if not steps and not problems:
        found.append("there is no step in it")
    if len(steps) > _MOST_STEPS:
        found.append(f"there are {len(steps)} steps; expected at most {_MOST_STEPS}")
    waits = any(isinstance(step, Wait) and step.seconds > 0 for step in steps)
    if steps and isinstance(steps[-1], Repeat) and not waits:
        found.append("it repeats without a `wait` of some seconds: it would never let time pass")
    return found


def _one(words: list[str], name: str) -> str:
    if len(words) != 1:
        raise ValueError(f"after {name} comes {show_value(' '.join(words))}; expected one value")
    return words[0]


def _whole(words: list[str], name: str, *, least: int, most: int) -> int:
    text = _one(words, name)
    if _WHOLE.fullmatch(text) is None or not least <= int(text) <= most:
        raise ValueError(f"{name} is {show_value(text)}; expected a whole number from {least} to {most}")
    return int(text)


def _plu(words: list[str]) -> KeyPlu:
    text = _one(words, "plu")
    if _PLU.fullmatch(text) is None:
        raise ValueError(f"plu is {show_value(text)}; expected 1 to 32 letters and digits")
    return KeyPlu(text)


def _wait(words: list[str]) -> Step:
    text = _one(words, "wait")
    if text == "stable":
        return WaitStable()
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds <= _LONGEST_WAIT_S:
        raise ValueError(f"wait is {show_value(text)}; expected seconds up to {_LONGEST_WAIT_S}, or stable")
    return Wait(seconds)


def _repeat(words: list[str]) -> Repeat:
    return Repeat(_whole(words, "repeat", least=2, most=1_000_000) if words else None)


def _bare(name: str, step: Step) -> Callable[[list[str]], Step]:
    def read(words: list[str]) -> Step:
        if words:
            raise ValueError(f"after {name} comes {show_value(' '.join(words))}; expected nothing more")
        return step

    return read


_READERS: Final[dict[str, Callable[[list[str]], Step]]] = {
    "put": lambda words: Put(_whole(words, "put", least=-MOST_LOAD_G, most=MOST_LOAD_G)),
    "add": lambda words: Add(_whole(words, "add", least=-MOST_LOAD_G, most=MOST_LOAD_G)),
    "remove": _bare("remove", Put(0)),
    "price": lambda words: KeyPrice(parse_yuan(_one(words, "price"))),
    "plu": _plu,
    "tare": lambda words: KeyTare(_whole(words, "tare", least=0, most=MOST_TARE_G)),
    "zero": _bare("zero", Zero()),
    "total": _bare("total", Total()),
    "wait": _wait,
    "fault": lambda words: HaveFault(parse_fault(" ".join(words))),
    "restart": _bare("restart", HaveFault(Fault(kind=FaultKind.RESTART))),
    "repeat": _repeat,
}
