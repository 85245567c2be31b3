"""What every port can do."""

from typing import Final, Protocol

READ_BYTES: Final = 4096


class PeerReplaced(OSError):
    """The port is still good, but somebody else is at the other end now, or nobody: half a frame in hand is void."""


class Port(Protocol):
    """An open line. `read` and `write` never wait; they raise OSError where the line is gone."""

    def fileno(self) -> int:
        """Return what a selector watches for reading."""
        ...

    def read(self) -> bytes:
        """Return what is there, maybe nothing."""
        ...

    def write(self, data: bytes) -> bool:
        """Send a few bytes, and say whether the line took them all."""
        ...

    def close(self) -> None:
        """Close the line."""
        ...
