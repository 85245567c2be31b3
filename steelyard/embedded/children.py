"""Child processes of a stack: started with a log each, watched, and ended in the reverse order."""

import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from domain.errors import Unavailable
from steelyard.embedded.tether import command_line

_END_WAIT_S = 15.0
_LOG_TAIL_LINES = 15


def tail_of(log: Path) -> str:
    """Return the last lines of a log."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(lines[-_LOG_TAIL_LINES:])


@dataclass(frozen=True, slots=True)
class Child:
    """A running part of the stack and where it writes."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def tail(self) -> str:
        """Return the last lines of its log: what a person needs when it has died."""
        return tail_of(self.log)


@dataclass(slots=True)
class Children:
    """All children of one stack."""

    log_directory: Path
    environment: dict[str, str]
    _running: list[Child] = field(default_factory=list)

    def start(self, name: str, *command: str) -> Child:
        """Start a command. Ctrl-C reaches only the parent (own session); the parent's death reaches the child."""
        self.log_directory.mkdir(parents=True, exist_ok=True)
        log = self.log_directory / f"{name}.log"
        with log.open("wb") as out:
            process = subprocess.Popen(  # noqa: S603 - commands of this stack's own
                command_line(list(command)),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=self.environment,
                start_new_session=True,
            )
        child = Child(name, process, log)
        self._running.append(child)
        return child

    def require_alive(self) -> None:
        """Raise Unavailable, with the end of its log, where a child that should run has ended."""
        for child in self._running:
            code = child.process.poll()
            if code is not None:
                raise Unavailable(f"{child.name} ended with status {code}; the end of {child.log}:\n{child.tail()}")

    def end(self, child: Child) -> int:
        """Ask a child to end, wait for it, and end it for certain; return its exit status."""
        self._running.remove(child)
        if child.process.poll() is None:
            child.process.send_signal(signal.SIGTERM)
            try:
                child.process.wait(_END_WAIT_S)
            except subprocess.TimeoutExpired:
                child.process.kill()
        return child.process.wait()

    def end_all(self) -> None:
        """End what still runs, last started first: sources before sinks."""
        for child in reversed(list(self._running)):
            self.end(child)
