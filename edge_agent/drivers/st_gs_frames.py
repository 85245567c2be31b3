"""The frames of the `ST,GS,` family: what one line says. Pure; `st_gs_lines.py` knows who sends which.

    ST,GS,+  4.876kg           T-Scale, Excell, KERN and many more: stable, gross
    US,NT,-001.568lb           not stable, net
    ST,GS,<id><lamps>,   1.234 kg      CAS, 22 bytes
    ST,+00123.45  g            A&D standard format, without gross or net
    QT,+00012345 PC            A&D, pieces
    OL,+9999999E+19            over, or with `-` under, what the scale weighs

Sources: A&D EJ series manual p. 24 and GC series p. 51; A&D AD-4406A p. 45 (`HD`, `TR`); CAS CI-400 p. 103 and
CI-600D p. 74 (lamps); Excell AM4 p. 13, EX-2001 Plus p. 25; Selleton SL-7516 p. 18; Dini Argeo DGT4X p. 52 (`UL`).
"""

import re
from collections.abc import Sequence
from typing import Final

from domain.units import Grams
from domain.weighing import TareKind
from edge_agent.drivers.lines import Line
from edge_agent.drivers.metric import UnitWatch, weight
from edge_agent.weighing.readings import Condition, Garbage, Heard, NoWeight, Reading

LONGEST_LINE: Final = 64
# CAS's lamps, one byte: what the indicator's own lamps say.
_LAMP_HOLD: Final = 0x10
_LAMP_TARE: Final = 0x02

_NUMBER: Final = rb"(?P<number>[-+]? *\d{1,9}(?:[.,]\d{1,6})?)"
_UNIT: Final = rb" *(?P<unit>[A-Za-z%.]{1,5}) *"
_UNIT_OF_3: Final = rb"(?P<unit>[ A-Za-z%]{3})"
_GROSS_OR_NET: Final = rb"(?P<state>ST|US|HD)[, ](?P<mode>GS|NT|TR|G|N|T)"
_LOOSE: Final = re.compile(_GROSS_OR_NET + rb"[, ] *" + _NUMBER + rb",?" + _UNIT)
_COMMON: Final = re.compile(_GROSS_OR_NET + rb",(?=[-+ \d.,]{7}\d(?: |,?[A-Za-z])) *" + _NUMBER + rb",?" + _UNIT)
_CAS: Final = re.compile(
    rb"(?P<state>ST|US),(?P<mode>GS|NT),[^\r\n](?P<lamps>[^\r\n]),(?P<number>[-+ \d.,]{7}\d)" + _UNIT_OF_3
)
_AND: Final = re.compile(rb"(?P<state>ST|US|HD|QT)(?:,(?:HI|OK|LO|--))?,(?P<number>[-+][\d.,]{8})" + _UNIT_OF_3)
_OUTSIDE: Final = re.compile(rb"(?P<state>OL|UL)[, ][ -~]{0,24}")
_CAS_OUTSIDE: Final = re.compile(rb"OL,(?:GS|NT),[^\r\n]{2}, *(?P<sign>-?)[ -~]{0,12}")
_SIGN: Final = re.compile(rb"[-+]")
# At the end of a line that began with something else, a frame begins with one of these.
_BEGINNINGS: Final = re.compile(rb"(?:ST|US|OL|UL|HD|QT),")

# Each form is as wide as its manual says: a byte that was lost on its way makes 4.87 kg of 14.87 kg, and only the width
# tells. Clones that write another width are read loosely.
COMMON: Final = (_COMMON, _OUTSIDE)
LOOSE: Final = (_LOOSE, _OUTSIDE)
CAS: Final = (_CAS, _CAS_OUTSIDE)
AND: Final = (_AND, _OUTSIDE)


def read_line(line: Line, forms: Sequence[re.Pattern[bytes]], units: UnitWatch) -> list[Heard]:
    """Return what the line says: one thing; two where a frame follows the torn half of another line."""
    starts = [match.start() for match in _BEGINNINGS.finditer(line.data)]
    if not line.is_tail and starts in ([], [0]):
        return [_read(line.data, forms, units)]
    found = _read(line.data[starts[-1] :], forms, units) if starts else Garbage(reason="not_a_frame", data=line.data)
    if isinstance(found, Garbage) and found.reason == "not_a_frame":
        return [] if line.is_tail else [Garbage(reason="not_a_frame", data=line.data)]
    return [found] if line.is_tail else [Garbage(reason="torn", data=line.data[: starts[-1]]), found]


def _read(line: bytes, forms: Sequence[re.Pattern[bytes]], units: UnitWatch) -> Heard:
    match = next((match for form in forms if (match := form.fullmatch(line))), None)
    if match is None:
        return Garbage(reason="not_a_frame", data=line)
    if "number" not in match.re.groupindex:
        return _outside(match)
    return _weighed(match, units)


def _outside(match: re.Match[bytes]) -> NoWeight:
    """A minus, where it stands as the sign, is below what the scale weighs (A&D, Excell)."""
    if "sign" in match.re.groupindex:
        return NoWeight(Condition.UNDERLOAD if match["sign"] else Condition.OVERLOAD)
    sign = _SIGN.search(match[0])
    is_below = match["state"] == b"UL" or (sign is not None and sign[0] == b"-")
    return NoWeight(Condition.UNDERLOAD if is_below else Condition.OVERLOAD)


def _weighed(match: re.Match[bytes], units: UnitWatch) -> Reading | Garbage:
    found = match.groupdict()
    number, unit = found["number"].decode("ascii").replace(" ", ""), found["unit"].decode("ascii").strip()
    mode = found.get("mode") or b""
    lamps = found["lamps"][0] if found.get("lamps") else 0
    if mode.startswith(b"T"):
        return Garbage(reason="tare_only", data=match[0])  # the tare is not what lies on the pan
    is_stable = found["state"] in {b"ST", b"QT"} and not lamps & _LAMP_HOLD  # a held weight lies there no more
    if unit == "PC":
        return _counted(number, is_stable=is_stable, line=match[0])
    if found["state"] == b"QT" or not re.fullmatch(r"[-+]?\d+([.,]\d+)?", number):
        return Garbage(reason="not_a_frame", data=match[0])
    net_g = weight(number, unit, match[0])
    if isinstance(net_g, Garbage):
        return net_g
    if not units.believes(unit):
        return Garbage(reason="unit_changed", data=match[0])
    has_no_tare = mode.startswith(b"G") and not lamps & _LAMP_TARE
    return Reading(
        net_g=net_g,
        stable=is_stable,
        tare_g=Grams(0) if has_no_tare else None,
        tare_kind=TareKind.NONE if has_no_tare else None,
    )


def _counted(number: str, *, is_stable: bool, line: bytes) -> Reading | Garbage:
    """A frame that counts carries no weight."""
    if not re.fullmatch(r"[-+]?\d+", number):
        return Garbage(reason="not_a_frame", data=line)
    return Reading(net_g=Grams(0), stable=is_stable, pieces=int(number))
