"""The process of an edge agent, as `steelyard edge run` leaves it: the agent, and nothing of the command line.

What an agent does not use it does not load: on a small gateway these are megabytes.
"""

import signal
import sys
import threading
from pathlib import Path
from types import FrameType

from steelyard.leaving_out import leave_out


def main(path: Path) -> int:
    """Run the agent of a configuration until it is told to stop; return the exit status."""
    from domain.errors import SteelyardError
    from edge_agent.config.agent_config import load_config
    from edge_agent.running import run
    from steelyard.logs import configure_logs
    from steelyard.stopping import stop_on_signals

    configure_logs()
    stop, reload = stop_on_signals(), _reload_on_hangup()
    try:
        run(load_config(path), stop, reload=reload, path=path)
    except SteelyardError as error:
        print(f"steelyard: {error}", file=sys.stderr)  # noqa: T201 - what the command line says too
        return 2
    return 0


def _reload_on_hangup() -> threading.Event:
    reload = threading.Event()

    def ask_to_reload(_signum: int, _frame: FrameType | None) -> None:
        reload.set()

    signal.signal(signal.SIGHUP, ask_to_reload)
    return reload


if __name__ == "__main__":
    leave_out("rich")  # structlog loads it for coloured tracebacks, 4 MB; it is the command line's
    sys.exit(main(Path(sys.argv[1])))
