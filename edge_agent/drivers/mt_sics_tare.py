"""What is known of an MT-SICS scale's tare. It is never sent by itself, so what is known is what was answered. Pure."""

from domain.device_event import EventKind
from domain.units import Grams
from domain.weighing import TareKind
from edge_agent.weighing.readings import DeviceSaid


class TareMemory:
    """The tare in grams and where it is from; None while not known."""

    def __init__(self) -> None:
        self.tare_g: Grams | None = None
        self._kind: TareKind | None = None

    @property
    def kind(self) -> TareKind | None:
        """Where the tare is from: None where it is not known, or was set by somebody else's hand."""
        return None if self.tare_g is None else self._kind

    def forget(self, kind: TareKind | None = None) -> None:
        """Know nothing until the next answer; `kind`: where the tare that it will tell is from (KCP's `T A`)."""
        self.tare_g, self._kind = None, kind

    def set(self, tare_g: Grams, kind: TareKind) -> list[DeviceSaid]:
        """Take what a command of ours was answered with."""
        self.tare_g, self._kind = tare_g, kind if tare_g else TareKind.NONE
        return [_said(tare_g)]

    def told(self, tare_g: Grams) -> list[DeviceSaid]:
        """Take the answer to `TA`. A tare that differs from the last one was set at the scale's own keys."""
        before = self.tare_g
        if before not in {None, tare_g}:
            self._kind = None
        self.tare_g = tare_g
        if tare_g == 0:
            self._kind = TareKind.NONE
        return [] if before in {None, tare_g} else [_said(tare_g)]


def _said(tare_g: Grams) -> DeviceSaid:
    return DeviceSaid(kind=EventKind.TARE, detail=f"{tare_g} g")
