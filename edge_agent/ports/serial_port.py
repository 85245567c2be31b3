"""A serial line: any settings, one reader only, and no character that arrived broken.

`/dev/serial/by-id/…` is a link that udev makes for the adapter, whatever ttyUSB it became this time: the link is looked
up at every opening, so an adapter that was pulled and put back is found under its new name.
"""

import errno
import os
import termios
from pathlib import Path
from typing import Final

import serial

from edge_agent.drivers.protocol import SerialSettings
from edge_agent.ports.port import READ_BYTES

_PARITIES: Final = {
    "none": serial.PARITY_NONE,
    "even": serial.PARITY_EVEN,
    "odd": serial.PARITY_ODD,
    "mark": serial.PARITY_MARK,
    "space": serial.PARITY_SPACE,
}
_PSEUDO_TERMINALS: Final = range(136, 144)  # the Linux kernel's list of device numbers
_INPUT_FLAGS: Final = 0
_CONTROL_CHARACTERS: Final = 6
_EXPLAINED: Final = {
    errno.EAGAIN: "another program has it locked; end that one first: two readers steal bytes from each other",
    errno.EACCES: "no permission; the agent's user has to be in the group that owns it (often dialout)",
    errno.ENOENT: "it is not there; unplugged, or another name",
}


def _is_pseudo_terminal(device: str) -> bool:
    """It has no bits on a wire: kernels refuse to set 7 of them, or a parity, where nothing else changes."""
    try:
        return os.major(Path(device).stat().st_rdev) in _PSEUDO_TERMINALS
    except OSError:  # not there, as opening it will say
        return False


class SerialPort:
    """A serial line. What came before it was opened is thrown away.

    A byte whose parity is wrong, or that has no stop bit, is read as NUL, as POSIX has it with INPCK and without IGNPAR
    and PARMRK. No frame of any scale holds a NUL (a checksum may be one, and then vouches for the rest), so the driver
    calls the frame garbage instead of taking a digit for another.
    """

    def __init__(self, device: str, settings: SerialSettings) -> None:
        """Open it and lock it, or raise OSError, or ValueError for settings the device cannot do."""
        has_wire = not _is_pseudo_terminal(device)
        try:
            self._serial = serial.Serial(
                device,
                baudrate=settings.baud,
                bytesize=settings.data_bits if has_wire else 8,
                parity=_PARITIES[settings.parity if has_wire else "none"],
                stopbits=settings.stop_bits,
                timeout=0,
                write_timeout=0,
                exclusive=True,
            )
        except serial.SerialException as error:
            # Its text holds the system's twice over; a person at a stall wants to know what to do.
            raise OSError(error.errno, _EXPLAINED.get(error.errno or 0, str(error)), device) from error
        except termios.error as error:
            raise OSError(error.args[0], f"it cannot be set to {settings}", device) from error
        self._refuse_broken_characters(checks_parity=settings.parity != "none")

    def _refuse_broken_characters(self, *, checks_parity: bool) -> None:
        """Pyserial leaves these as the last program had them, and never checks the parity that it sets."""
        attributes = termios.tcgetattr(self.fileno())
        attributes[_INPUT_FLAGS] &= ~(termios.IGNPAR | termios.PARMRK | termios.BRKINT | termios.INPCK)
        if checks_parity:
            attributes[_INPUT_FLAGS] |= termios.INPCK
        # It leaves VMIN at 0 too, where "nothing yet" and "hung up" both read as no bytes; with 1 they differ.
        attributes[_CONTROL_CHARACTERS][termios.VMIN] = 1
        termios.tcsetattr(self.fileno(), termios.TCSANOW, attributes)

    def fileno(self) -> int:
        """Return what a selector watches."""
        return int(self._serial.fileno())

    def read(self) -> bytes:
        """Return what is there. Raise OSError where the device is gone (unplugged, hung up)."""
        try:
            data = os.read(self.fileno(), READ_BYTES)
        except BlockingIOError:
            return b""
        if not data:
            raise OSError("the device hung up")
        return data

    def write(self, data: bytes) -> bool:
        """Send a few bytes, and say whether the line took them all."""
        try:
            return os.write(self.fileno(), data) == len(data)
        except BlockingIOError:
            return False

    def close(self) -> None:
        """Close the line, and with it the lock."""
        self._serial.close()
