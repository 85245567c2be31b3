"""A clock that was stepped is doubted until the next record. Pure."""

from dataclasses import replace

from domain.device_event import DeviceEvent
from edge_agent.clock.stepping import StepWatch
from edge_agent.weighing.device_watch import clock_stepped
from edge_agent.weighing.moments import Moment


class ClockDoubt:
    """One station's view of the machine's clock."""

    def __init__(self) -> None:
        self._steps, self._has_stepped = StepWatch(), False

    def look(self, moment: Moment) -> tuple[Moment, list[DeviceEvent]]:
        """Return the moment as far as it can be relied on, and the news of a step."""
        events = []
        if (step := self._steps.step(moment.now, moment.elapsed_s)) is not None:
            self._has_stepped = True
            events.append(clock_stepped(moment, step))
        if self._has_stepped and moment.clock_synced:
            moment = replace(moment, clock_synced=False)
        return moment, events

    def recorded(self) -> None:
        """What is doubted was said with a record: the next one has a clock to rely on."""
        self._has_stepped = False
