"""Ctrl-C and SIGTERM as an event that loops look at."""

import signal
import threading
from types import FrameType


class Stopped(Exception):
    """Somebody asked for the end before the work was done; whoever started something ends it on the way out."""


def wait_or_stop(stop: threading.Event, seconds: float) -> None:
    """Wait so long. Raise Stopped as soon as `stop` is set."""
    if stop.wait(seconds):
        raise Stopped


def stop_on_signals() -> threading.Event:
    """Return an event that SIGINT and SIGTERM set; a second one ends the process the hard way."""
    stop = threading.Event()

    def ask_to_stop(signum: int, _frame: FrameType | None) -> None:
        stop.set()
        signal.signal(signum, signal.SIG_DFL)

    for signum in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signum, ask_to_stop)
    return stop
