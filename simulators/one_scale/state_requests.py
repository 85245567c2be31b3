"""What an HTTP body asks of a simulated scale. Pure: JSON in, deeds or every problem out.

    {"load_g": 712, "unit_price": "90.00", "tare_g": 30, "plu": "2001", "fault": "drop 10% for 5",
     "add_g": -50, "zero": true, "total": true, "restart": true}

Each field may be left out; they are done in the order of the table below, whatever theirs is. `unit_price` is yuan for
the scale's price unit.
"""

import json
from typing import Any, Final

from domain.errors import BadFile, show_value
from simulators.one_scale.script import parse_step
from simulators.one_scale.steps import Deed, Repeat, Wait, WaitStable

MOST_BODY_BYTES: Final = 16_384
_NAME: Final = "body"
#: By field: the script's word for it, and whether it is a value or just `true`.
_FIELDS: Final = {
    "restart": ("restart", False),
    "fault": ("fault", True),
    "plu": ("plu", True),
    "unit_price": ("price", True),
    "tare_g": ("tare", True),
    "zero": ("zero", False),
    "load_g": ("put", True),
    "add_g": ("add", True),
    "total": ("total", False),
}


def parse_request(body: bytes) -> list[Deed]:
    """Return what is asked, in order. Raise BadFile with every problem."""
    try:
        wanted = json.loads(body, parse_float=str)
    except (ValueError, RecursionError) as error:
        raise BadFile(_NAME, (f"not JSON: {error}",)) from None
    if not isinstance(wanted, dict):
        raise BadFile(_NAME, (f"is {show_value(wanted)}; expected a JSON object",))
    problems = [f"{field}: not known; expected one of {', '.join(_FIELDS)}" for field in wanted if field not in _FIELDS]
    if not wanted:
        problems.append(f"nothing is asked; expected at least one of {', '.join(_FIELDS)}")
    deeds: list[Deed] = []
    for field in _FIELDS:
        if field in wanted:
            try:
                deeds += _deeds(field, wanted[field])
            except ValueError as error:
                problems.append(f"{field}: {error}")
    if problems:
        raise BadFile(_NAME, tuple(problems))
    return deeds


def _deeds(field: str, value: Any) -> list[Deed]:
    word, has_value = _FIELDS[field]
    if not has_value:
        if not isinstance(value, bool):
            raise ValueError(f"is {show_value(value)}; expected true or false")
        words = [word] if value else []
    elif isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError(f"is {show_value(value)}; expected a number or a text")
    else:
        words = [word, *str(value).split()]
    step = parse_step(words) if words else None
    return [] if step is None or isinstance(step, Wait | WaitStable | Repeat) else [step]
