"""The answers of MT-SICS: what each line says. Pure; `mt_sics.py` knows what was asked.

    S S     100.00 g      stable net weight, right-aligned in ten characters      (answer to S, SI, SIR, SR alike)
    S D     129.07 g      the same, not stable
    S I   S +   S -       not executable now; overload; underload
    T S      30.00 g      tared, and with what        (KERN KCP: `T A`)
    TA A     30.00 g      the tare
    I4 A "1234567"        the serial number
    ES   ET   EL          unknown command; damaged on its way; not executable
    TA L                  wrong parameter

Source: Mettler Toledo, Reference Manual MT-SICS 11780711, 3.2; the balances' operating instructions, "MT-SICS
commands"; KERN Communications Protocol, reference manual 1.3.8.
"""

import re
from dataclasses import dataclass
from typing import Final

from domain.units import Grams
from edge_agent.drivers.lines import Line
from edge_agent.drivers.metric import weight
from edge_agent.weighing.readings import Garbage

LONGEST_LINE: Final = 200
FIELD_WIDTH: Final = 10
ERRORS: Final = {"ES": "error_syntax", "ET": "error_transmission", "EL": "error_logical"}

_NUMBER: Final = rb"(?P<number>-?\d{1,10}(?:[.,]\d{1,9})?)"
_UNIT: Final = rb"(?P<unit>[A-Za-z%/]{1,5})"
_WEIGHT: Final = re.compile(rb"(?P<name>S|TI?|TA) (?P<status>[SDA]) (?P<field> *" + _NUMBER + rb") +" + _UNIT + rb" *")
_TEXTS: Final = re.compile(rb'(?P<name>I\d{1,2}) (?P<status>A)(?P<texts>(?: +"[ !#-~]*")+) *')
_PLAIN: Final = re.compile(rb"(?P<name>[A-Z@]{1,3}\d{0,2}) (?P<status>[A-Z+-]) *")
_FORMS: Final = (_WEIGHT, _TEXTS, _PLAIN)
_PLAIN_STATUSES: Final = {
    "S": "I+-L",
    "Z": "AI+-L",
    "ZI": "SDI+-L",
    "T": "AI+-L",
    "TI": "AI+-L",
    "TA": "IL",
    "TAC": "AIL",
    "D": "ARIL",
    "DW": "AIL",
    "I2": "IL",
    "I3": "IL",
    "I4": "IL",
}
# At the end of a line that began with something else, only what no half of another line can look like.
_WHOLE_AT_END: Final = re.compile(rb'[ST] [SD] (?=[ \d.-]{10} ) *-?\d+(?:\.\d+)? [a-z]{1,2}$|I4 A "[ !#-~]*"$')


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """One line: the command it answers, with which status, and what else it carries."""

    name: str
    status: str = ""
    net_g: Grams | None = None
    unit: str = ""
    text: str = ""
    line: bytes = b""


def read_line(line: Line, field_width: int | None = FIELD_WIDTH) -> list[Answer | Garbage]:
    """Return what the line says: one answer or garbage; both where an answer follows the torn half of another line.

    A weight of another width than `field_width` is garbage (None: every width will do): a byte that was lost on its
    way makes 10.00 g of 100.00 g, and only the width tells.
    """
    if not line.is_tail:
        whole = _read(line.data, field_width)
        if not (isinstance(whole, Garbage) and whole.reason == "not_a_frame"):
            return [whole]
    at_end = _WHOLE_AT_END.search(line.data)
    if at_end is None:
        return [] if line.is_tail else [Garbage(reason="not_a_frame", data=line.data)]
    torn = [] if line.is_tail else [Garbage(reason="torn", data=line.data[: at_end.start()])]
    return [*torn, _read(at_end[0], field_width)]


def _read(line: bytes, field_width: int | None) -> Answer | Garbage:
    if line.decode("latin-1").rstrip(" ") in ERRORS:
        return Answer(name=line.decode("ascii").rstrip(" "), line=line)
    match = next((match for form in _FORMS if (match := form.fullmatch(line))), None)
    found = {} if match is None else {name: text.decode("latin-1") for name, text in match.groupdict().items()}
    if match is None or (match.re is _PLAIN and found["status"] not in _PLAIN_STATUSES.get(found["name"], "")):
        return Garbage(reason="not_a_frame", data=line)
    texts = " ".join(text.strip() for text in re.findall(r'"([^"]*)"', found.get("texts", "")))
    if "number" not in found:
        return Answer(name=found["name"], status=found["status"], text=texts.strip(), line=line)
    if field_width is not None and len(found["field"]) != field_width:
        return Garbage(reason="field_width", data=line)
    net_g = weight(found["number"], found["unit"], line)
    if isinstance(net_g, Garbage):
        return net_g
    return Answer(name=found["name"], status=found["status"], net_g=net_g, unit=found["unit"], line=line)
