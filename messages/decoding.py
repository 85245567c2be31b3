"""JSON to checked structs, with refusals that name field, value and expectation."""

import re
from functools import cache, lru_cache
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from domain.errors import BadMessage, show_value

T = TypeVar("T")

_AT_PATH = re.compile(r"^(?P<expected>.*) - at `(?P<path>[^`]*)`$", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(?P<name>[^`]+)`")
_PATH_STEP = re.compile(r"(?P<name>[^.\[\]]+)|\[(?P<index>\d+)\]")


def decode(decoder: msgspec.json.Decoder[T], payload: bytes, what: str) -> T:
    """Decode `payload`, or raise BadMessage. `what` names the whole payload where no field can be named."""
    try:
        return decoder.decode(payload)
    except msgspec.ValidationError as error:
        raise _refusal(str(error), decoder.type, payload, what) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadMessage("not_json", what, _show_payload(payload), f"UTF-8 JSON ({error})") from None
    except RecursionError:
        raise BadMessage("not_json", what, _show_payload(payload), "JSON that is not nested this deep") from None


def _refusal(message: str, wanted: Any, payload: bytes, what: str) -> BadMessage:
    matched = _AT_PATH.match(message)
    expected, path = (matched["expected"], matched["path"].removeprefix("$.")) if matched else (message, "")
    missing = _MISSING.match(expected)
    if missing:
        field = f"{path}.{missing['name']}".lstrip(".")
        return BadMessage("bad_field", field, "missing", _allowed(wanted, field) or "a value")
    if not path:
        return BadMessage("bad_field", what, _show_payload(payload), expected.removeprefix("Expected "))
    return BadMessage(
        "bad_field", path, _value_at(payload, path), _allowed(wanted, path) or expected.removeprefix("Expected ")
    )


@cache
def _hints(wanted: Any) -> dict[str, Any]:
    """Reckoned once: it takes a millisecond, and a flood of bad messages must not cost others their time."""
    return get_type_hints(wanted)


@lru_cache(maxsize=1000)
def _allowed(wanted: Any, field: str) -> str:
    """Name the values a field may take, where they are few enough to be listed in its type."""
    hint = _hints(wanted).get(field)
    choices = (hint, *get_args(hint)) if get_origin(hint) is not Literal else (hint,)
    values = [value for choice in choices if get_origin(choice) is Literal for value in get_args(choice)]
    return "one of " + ", ".join(repr(value) for value in values) if values else ""


def _value_at(payload: bytes, path: str) -> str:
    """Return how the value at `path` is shown. What cannot be read whole (1E400, nested too deep) is shown as bytes."""
    try:
        value: Any = msgspec.json.decode(payload)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return _show_payload(payload)
    for step in _PATH_STEP.finditer(path):
        try:
            value = value[step["name"]] if step["name"] else value[int(step["index"])]
        except (KeyError, IndexError, TypeError):
            break
    return show_value(value)


def _show_payload(payload: bytes) -> str:
    return f"{len(payload)} bytes {show_value(payload)}"
