"""`python -m edge_agent CONFIG.toml`: run one agent until it is asked to stop (SIGTERM or Ctrl+C)."""

import signal
import sys
import threading
from pathlib import Path

from domain.errors import BadFile, Unavailable
from edge_agent.agent import run
from edge_agent.config import load_config

_USAGE_ERROR = 2


def main(arguments: list[str]) -> int:
    """Return the exit status: 2 where the configuration or the outbox cannot be used."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m edge_agent CONFIG.toml\n")
        return _USAGE_ERROR
    try:
        config = load_config(Path(arguments[0]))
    except BadFile as error:
        sys.stderr.write(f"{error}\n")
        return _USAGE_ERROR
    stop = threading.Event()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signal_number, lambda _number, _frame: stop.set())
    try:
        run(config, stop)
    except Unavailable as error:
        sys.stderr.write(f"{error}\n")
        return _USAGE_ERROR
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
