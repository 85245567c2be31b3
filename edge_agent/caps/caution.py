"""The caps before the sale, for one scale: what is offered against the list the agent holds. Pure.

A price is looked at before the load is observed, so that a sale carries the warning it was made under.
"""

from collections.abc import Callable
from datetime import datetime

from domain.units import Grams, PriceUnit
from domain.weighing import CapWarning, Weighing
from edge_agent.caps import cap_warnings
from edge_agent.caps.before_sale import asking_of
from edge_agent.caps.cap_book import CapBook, book_of
from edge_agent.caps.cap_warnings import Asking, Clear, Looked, Show, Warned, WarningState
from edge_agent.weighing.offers import Offer, PricedReading
from edge_agent.weighing.readings import NoWeight


def no_caps() -> CapBook:
    """Return the caps of an agent that was told none."""
    return book_of(None)


class Caution:
    """Warns of a price above the cap. `book` is asked each time: lists change while a scale weighs."""

    def __init__(self, book: Callable[[], CapBook], *, scale_unit: PriceUnit, zero_band_g: Grams) -> None:
        self._book, self._scale_unit, self._zero_band_g = book, scale_unit, zero_band_g
        self._state = WarningState()
        self.seen: tuple[Asking, Looked] | None = None

    def reconfigure(self, zero_band_g: Grams) -> None:
        """Take another zero band."""
        self._zero_band_g = zero_band_g

    @property
    def shown(self) -> Warned | None:
        """The warning that is on the displays now."""
        return self._state.shown

    @property
    def book(self) -> CapBook:
        """The caps that are known now."""
        return self._book()

    def look(self, offer: Offer, heard: PricedReading | NoWeight | None, at: datetime) -> Show | Clear | None:
        """Compare what is offered with the caps, and return what to show; None: leave the displays as they are."""
        asking = asking_of(offer, heard, scale_unit=self._scale_unit, zero_band_g=self._zero_band_g)
        looked = cap_warnings.look(self._state, self._book(), asking, at)
        self._state, self.seen = looked.state, (asking, looked)
        return looked.step

    def to_record(self, weighing: Weighing) -> CapWarning | None:
        """Return the warning that was shown for just this sale."""
        return cap_warnings.to_record(
            self._state,
            unit_price_fen=weighing.unit_price_fen,
            price_unit=weighing.price_unit,
            species=weighing.species,
            grade=weighing.grade,
        )
