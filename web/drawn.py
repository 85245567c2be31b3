"""Draws as they came out, kept once they were made: what was drawn never changes, and of a city it takes a second."""

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

from psycopg import Connection

from domain.inspection import Plan
from supervision.inspections.draw_file import PublishedVisit, file_of
from supervision.inspections.planning import published_draw

#: Each is as large as its file: some 9 MB with 100 000 subjects.
_MOST: Final = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class Drawn:
    """The visits of a draw, and the file it is repeated from."""

    visits: tuple[PublishedVisit, ...]
    file: bytes


@dataclass(slots=True)
class DrawnKept:
    """The draws that were asked for last. Who asks for one that is being made waits for it: it is made once."""

    _kept: OrderedDict[tuple[int, str | None], Drawn] = field(default_factory=OrderedDict)
    _making: threading.Lock = field(default_factory=threading.Lock)

    def of(self, conn: Connection, plan: Plan) -> Drawn:
        """Return what came of a draw. Raise IllegalTransition before it was drawn."""
        # Of the same database a seed is of one plan only; beside the number it tells a restored one's apart.
        key = (plan.plan_id, plan.seed)
        with self._making:
            found = self._kept.get(key)
            if found is None:
                told = published_draw(conn, plan)
                found = Drawn(visits=told.drawn, file=file_of(told))
                self._kept[key] = found
            self._kept.move_to_end(key)
            while len(self._kept) > _MOST:
                self._kept.popitem(last=False)
        return found
