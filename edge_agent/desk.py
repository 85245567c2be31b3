"""A desk: a station with its lines. Carries the bytes; what they mean, the station says."""

import selectors
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from domain.ids import ScaleId
from domain.weighing import Weighing
from edge_agent import display
from edge_agent.caps.before_sale import view_of, with_sale
from edge_agent.caps.cap_book import CapBook
from edge_agent.caps.cap_warnings import Clear, Show
from edge_agent.config.scale_config import ScaleConfig
from edge_agent.drivers.protocol import SerialSettings
from edge_agent.journal.entries import Journal
from edge_agent.link.health import LastHour, ScaleHealth
from edge_agent.page.board import View
from edge_agent.ports import Line
from edge_agent.station import Station
from edge_agent.weighing import stability
from edge_agent.weighing.moments import Moment
from edge_agent.weighing.outcomes import Outcome
from edge_agent.weighing.stability import Phase


@dataclass(frozen=True, slots=True)
class Watched:
    """What a selector watches: a line of a desk."""

    desk: "Desk"
    line: Line


class Desk:
    """One scale of the agent, for one thread. Times without a date are seconds of the monotonic clock."""

    def __init__(
        self,
        config: ScaleConfig,
        journal: Journal,
        book: Callable[[], CapBook],
        selector: selectors.BaseSelector,
        *,
        has_page: bool = False,
    ) -> None:
        # The load of the last sale may still lie on the pan; of an older one that stands, it does not.
        lying, is_voided = journal.last_sale, journal.last_net_g is None
        tickets = journal.recent_tickets
        self.station = Station(
            config, standing=lying, is_voided=is_voided, tickets=tickets, book=book, has_page=has_page
        )
        self.displays_missed = 0
        self._selector = selector
        self._scale = Line(config.port, config.serial)
        keypad_settings = SerialSettings(baud=config.keypad_baud)
        self._keypad = None if config.keypad is None else Line(config.keypad, keypad_settings)
        self._heard_at: float | None = None
        self._journal_id, self._sold = journal.journal_id, None if is_voided else lying
        self._warning_is_up = False  # on the customer display
        self._last_weighing_at = journal.last_weighed_at
        self._garbage = LastHour()

    @property
    def scale_id(self) -> ScaleId:
        """The scale's id."""
        return self.station.scale_id

    def is_heard(self, now: float) -> bool:
        """Say whether the scale has sent anything lately: a port may well be open while its scale is switched off."""
        if self._scale.port is None or self._heard_at is None:
            return False
        return now - self._heard_at <= self.station.config.quiet_s

    def health(self, now: float) -> ScaleHealth:
        """Return what the scale's status says of it."""
        return ScaleHealth(
            port_open=self._scale.port is not None,
            identity=self.station.device.identity,
            last_weighing_at=self._last_weighing_at,
            verified_until=self.station.config.verified_until,
            garbage_last_hour=self._garbage.grown(self.station.counters.garbage, now),
        )

    def is_keypad(self, line: Line) -> bool:
        """Say which of its lines this is."""
        return line is self._keypad

    def tend(self, now: float) -> None:
        """Open what is closed and due."""
        if self._tend(self._scale, now):
            self.station.port_opened()
        if self._keypad is not None and self._tend(self._keypad, now):
            self.station.keypad.reset()

    def poll(self, now: float) -> bool:
        """Write what the driver has to say (a question, an answer, a command), and return whether it said anything."""
        if self._scale.port is None or not (word := self.station.driver.poll(now)):
            return False
        self._write(self._scale, word, now)
        return True

    def read(self, line: Line, moment: Moment) -> Outcome:
        """Take what waits on a line."""
        data = self._read(line, moment.elapsed_s)
        if not data:
            return Outcome()
        if self.is_keypad(line):
            outcome = self.station.feed_keypad(data, moment)
        else:
            self._heard_at = moment.elapsed_s
            outcome = self.station.feed_scale(data, moment)
        if outcome.drafts:
            self._sold = None  # what lies there is not the sale that was shown, and is shown when it is durable
        for step in outcome.steps:
            self._show_step(step, moment.elapsed_s)
        return outcome

    def view(self) -> View | None:
        """Return what the page shows of this scale; None before it was heard."""
        station, seen = self.station, self.station.caution.seen
        if self._heard_at is None:
            return None
        if station.config.sells_itself:
            view = View(heard_at=self._heard_at, quiet_s=station.config.quiet_s, tells_weights=False)
            return view if self._sold is None else with_sale(view, station.caution.book, self._journal_id, self._sold)
        if seen is None:
            return None
        asking, looked = seen
        view = view_of(
            station.offer,
            station.heard,
            asking,
            looked,
            heard_at=self._heard_at,
            preset_tare_g=station.config.tare_g,
        )
        view = replace(view, stable=stability.is_steady(station.config.stability, station.pan))
        if station.pan.phase is Phase.RECORDED and self._sold is not None:
            return with_sale(view, station.caution.book, self._journal_id, self._sold)
        return view

    def reconfigure(self, config: ScaleConfig) -> bool:
        """Take another configuration while it weighs, and say whether that is possible: not for another line."""
        before = self.station.config
        same_line = replace(
            config,
            goods=before.goods,
            stability=before.stability,
            tare_g=before.tare_g,
            verified_until=before.verified_until,
            contacts=before.contacts,
        )
        if same_line != before:
            return False
        self.station.reconfigure(config)
        return True

    def show_recorded(self, weighing: Weighing) -> None:
        """Say "recorded" to vendor and customer; of a sale that was taken back nothing is left to pay."""
        self._last_weighing_at = weighing.weighed_at
        self._sold = weighing if weighing.voids_seq is None else None
        self._warning_is_up = False
        shown = display.CLEAR if self._sold is None else display.recorded(weighing)
        if self._keypad is not None and not self._write(self._keypad, shown, time.monotonic()):
            self.displays_missed += 1

    def close(self) -> None:
        """Close the lines."""
        for line in (self._scale, self._keypad):
            if line is not None:
                self._unwatch(line)
                line.close()

    def _show_step(self, step: Show | Clear, now: float) -> None:
        """A warning that is over leaves the display as it is where the total has taken its place, or gives it back."""
        if self._keypad is None:
            return
        if isinstance(step, Clear):
            if self._warning_is_up:
                lies_there = self._sold if self.station.pan.phase is Phase.RECORDED else None
                self._write(self._keypad, display.CLEAR if lies_there is None else display.recorded(lies_there), now)
            self._warning_is_up = False
        elif (cap_fen_per_kg := step.warned.entry.cap_fen_per_kg) is not None:
            self._write(self._keypad, display.over_cap(cap_fen_per_kg, step.warned.price_unit), now)
            self._warning_is_up = True

    def _tend(self, line: Line, now: float) -> bool:
        port = line.tend(now)
        if port is not None:
            self._selector.register(port.fileno(), selectors.EVENT_READ, Watched(self, line))
        return port is not None

    def _read(self, line: Line, now: float) -> bytes | None:
        fd = -1 if line.port is None else line.port.fileno()
        data = line.read(now)
        if data is None and fd != -1:
            self._selector.unregister(fd)
        return data

    def _write(self, line: Line, data: bytes, now: float) -> bool:
        if not data:
            return True
        if line.port is None:
            return False
        try:
            return line.port.write(data)
        except OSError as error:
            self._unwatch(line)
            line.lose(now, error)
            return False

    def _unwatch(self, line: Line) -> None:
        if line.port is not None:
            self._selector.unregister(line.port.fileno())
