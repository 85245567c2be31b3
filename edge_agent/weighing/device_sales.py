"""Sales that a scale concludes itself, each recorded once: a line that comes again has the number it had. Pure.

A scale sends a line again whose answer was lost; and all of them, where the agent ended before it could answer any.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Final

from domain.weighing import Weighing
from edge_agent.weighing.goods import Goods, look_up
from edge_agent.weighing.moments import Moment
from edge_agent.weighing.readings import DeviceSale
from edge_agent.weighing.recording import weighing_of_sale

REMEMBERED: Final = 32


class DeviceSales:
    """`recorded`: the ticket numbers that the journal has of this scale, the latest last."""

    def __init__(self, recorded: Iterable[str]) -> None:
        self._numbers = deque((number for number in recorded if number), maxlen=REMEMBERED)

    def take(self, sale: DeviceSale, table: Mapping[str, Goods], moment: Moment) -> Weighing | None:
        """Return the record of a sale; None where it is recorded already."""
        ticket_no = "" if sale.number is None else str(sale.number)
        if ticket_no in self._numbers:
            return None
        if ticket_no:
            self._numbers.append(ticket_no)
        return weighing_of_sale(sale, look_up(table, sale.plu), moment, ticket_no=ticket_no)
