"""Weighings of a journal as lines: a table for people, CSV for spreadsheets, JSON for programs."""

import csv
import io
import json
from dataclasses import dataclass
from datetime import UTC
from enum import StrEnum
from typing import Final

from domain.errors import BadMessage
from domain.units import yuan
from domain.weighing import Weighing
from messages.weighings import decode_weighing

_COLUMNS: Final = (
    "scale_id", "journal_id", "seq", "weighed_at", "clock_synced", "gross_g", "tare_g", "net_g", "unit_price_fen",
    "price_unit", "amount_fen", "paid_fen", "plu", "species", "grade", "name", "voids_seq", "voided_by", "receipted",
)  # fmt: skip
_HEADING: Final = "     seq  weighed at (UTC)       gross g  tare g   net g  unit price     amount  goods"
_SHORT_BODY: Final = 60


class Layout(StrEnum):
    """How lines are written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One entry of a journal, and what later entries and the service say of it; None where that is not known."""

    scale_id: str
    journal_id: str
    seq: int
    body: bytes
    voided_by: int | None
    is_receipted: bool | None


def heading(layout: Layout) -> str:
    """Return the line above all lines; empty where there is none."""
    return {Layout.TABLE: _HEADING, Layout.CSV: ",".join(_COLUMNS), Layout.JSON: ""}[layout]


def write(line: Line, layout: Layout) -> str:
    """Return a line as text. An entry that cannot be read is shown as it is: its bytes are the evidence."""
    if layout is Layout.JSON:
        return _json(line)
    try:
        weighing = decode_weighing(line.body)
    except BadMessage:
        shown = repr(line.body[:_SHORT_BODY])
        return f"{line.seq:>8}  cannot be read: {shown}" if layout is Layout.TABLE else f",,{line.seq}"
    return _row(line, weighing) if layout is Layout.TABLE else _csv(line, weighing)


def _row(line: Line, weighing: Weighing) -> str:
    at = weighing.weighed_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
    clock = " " if weighing.clock_synced else "?"
    price = f"{yuan(weighing.unit_price_fen)}/{weighing.price_unit}" if weighing.has_unit_price else "not known"
    goods = " ".join(part for part in (weighing.plu, weighing.name) if part)
    marks = ", ".join(_marks(line, weighing))
    return (
        f"{line.seq:>8}  {at}{clock}  {_or_dash(weighing.gross_g):>9} {_or_dash(weighing.tare_g):>7}"
        f" {weighing.net_g:>7}  {price:>10} {yuan(weighing.amount_fen):>10}  {goods}{f'  [{marks}]' if marks else ''}"
    )


def _marks(line: Line, weighing: Weighing) -> list[str]:
    marks = [] if weighing.voids_seq is None else [f"voids {weighing.voids_seq}"]
    marks += [] if line.voided_by is None else [f"voided by {line.voided_by}"]
    return marks + {None: [], True: ["receipted"], False: ["waiting"]}[line.is_receipted]


def _or_dash(weight: int | None) -> str:
    return "-" if weight is None else str(weight)


def _csv(line: Line, weighing: Weighing) -> str:
    text = io.StringIO()
    values = {name: getattr(weighing, name) for name in _COLUMNS if hasattr(weighing, name)}
    values |= {"scale_id": line.scale_id, "journal_id": line.journal_id, "voided_by": line.voided_by}
    values |= {"weighed_at": weighing.weighed_at.astimezone(UTC).isoformat(), "receipted": line.is_receipted}
    csv.writer(text, lineterminator="").writerow([values[name] for name in _COLUMNS])
    return text.getvalue()


def _json(line: Line) -> str:
    """The weighing stays the exact text that was recorded, so that its hash can be made again."""
    about = {
        "scale_id": line.scale_id,
        "journal_id": line.journal_id,
        "seq": line.seq,
        "voided_by": line.voided_by,
        "receipted": line.is_receipted,
        "recorded": line.body.decode("utf-8", "backslashreplace"),
    }
    return json.dumps(about, ensure_ascii=False)
