"""What really was sold: the simulators' own record, against which everything that arrives is held."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self


@dataclass(frozen=True, kw_only=True, slots=True)
class Sale:
    """One weighing that the scale showed: what was keyed and weighed, and beside it what is true.

    `over_cap` is about the goods and the price that were keyed, None for goods without a cap. `trick` is what was done
    (simulators.market.vendors.Trick); `true_g` is how much there was of `true_species` and `true_grade`, and
    `true_unit_price_fen` what the customer was asked for. `voided`: it was voided or corrected afterwards.
    `warned`: the display showed a highest legal price before it; `lowered`: the vendor took that price then.
    `market_time` is the simulated time of the day, empty where no day is played.

    `sold_at` is when the display showed the total, or when the goods were taken off without it (`shown` is False then:
    the customer never saw it recorded, though it may have been).
    """

    n: int
    scale_id: str
    stall_id: str
    vendor_id: str
    plu: str
    species: str
    grade: str
    name: str
    net_g: int
    unit_price_fen: int
    price_unit: str
    amount_fen: int
    over_cap: bool | None
    sold_at: datetime
    shown: bool
    trick: str = "none"
    true_g: int | None = None
    true_species: str = ""
    true_grade: str = ""
    true_unit_price_fen: int | None = None
    voided: bool = False
    warned: bool = False
    lowered: bool = False
    market_time: str = ""


class TruthFile:
    """A file of JSON lines, a sale a line; a line that was written is there whatever happens to the process.

    What is no weighing has a `kind`: `off_scale` (a sale no scale showed), `binding` (a scale is on another stall from
    then on), `breakdown`.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def write(self, sale: Sale) -> None:
        """Add a sale."""
        self._add(asdict(sale) | {"sold_at": sale.sold_at.isoformat(timespec="milliseconds")})

    def note(self, kind: str, at: datetime, facts: Mapping[str, object]) -> None:
        """Add what is no weighing."""
        self._add({"kind": kind, "at": at.isoformat(timespec="milliseconds"), **facts})

    def _add(self, line: Mapping[str, object]) -> None:
        self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._file.flush()


def read_truth(path: Path) -> list[Sale]:
    """Read the sales that a TruthFile holds: all that scales showed, and nothing else."""
    rows = [row for row in read_lines(path) if "kind" not in row]
    return [Sale(**(row | {"sold_at": datetime.fromisoformat(row["sold_at"])})) for row in rows]


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Read every line that a TruthFile holds."""
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]
