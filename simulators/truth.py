"""What really was sold: the simulators' own record, against which everything that arrives is held."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self


@dataclass(frozen=True, kw_only=True, slots=True)
class Sale:
    """One sale. `over_cap` is None for goods without a cap.

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


class TruthFile:
    """A file of JSON lines, a sale a line; a line that was written is there whatever happens to the process."""

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
        line = asdict(sale) | {"sold_at": sale.sold_at.isoformat(timespec="milliseconds")}
        self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._file.flush()


def read_truth(path: Path) -> list[Sale]:
    """Read what a TruthFile holds."""
    with path.open(encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    return [Sale(**(row | {"sold_at": datetime.fromisoformat(row["sold_at"])})) for row in rows]
