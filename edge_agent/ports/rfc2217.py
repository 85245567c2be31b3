"""The client's half of RFC 2217 (Telnet Com Port Control), sans-I/O: a serial line set and used over one connection.

Telnet (RFC 854) puts commands into the stream after the byte IAC, 255; an IAC that is data is doubled. Once server and
client agree on the option COM-PORT (44), the client asks for each setting and the server answers with what it set.
"""

from collections.abc import Callable
from enum import Enum, auto
from typing import Final

from edge_agent.drivers.protocol import SerialSettings

_SE, _SB, _WILL, _WONT, _DO, _DONT, _IAC = 240, 250, 251, 252, 253, 254, 255  # RFC 854
_BINARY, _SUPPRESS_GO_AHEAD, _COM_PORT = 0, 3, 44  # RFC 856, RFC 858, RFC 2217
_WANTED: Final = (_BINARY, _SUPPRESS_GO_AHEAD, _COM_PORT)
_OPENING: Final = (
    (_WILL, _COM_PORT),
    (_WILL, _BINARY),
    (_DO, _BINARY),
    (_WILL, _SUPPRESS_GO_AHEAD),
    (_DO, _SUPPRESS_GO_AHEAD),
)
_SET_BAUDRATE, _SET_DATASIZE, _SET_PARITY, _SET_STOPSIZE, _SET_CONTROL = 1, 2, 3, 4, 5
_NOTIFY_LINESTATE, _SET_LINESTATE_MASK, _PURGE_DATA = 6, 10, 12
_FROM_SERVER: Final = 100  # the server answers a command with its number and 100
_NO_FLOW_CONTROL, _DTR_ON, _RTS_ON = b"\x01", b"\x08", b"\x0b"  # adapters and scales take power from DTR and RTS
_RECEIVE_BUFFER: Final = b"\x01"
_BROKEN_CHARACTER: Final = 0b1100  # line state: parity error, framing error
_PARITIES: Final = {"none": 1, "odd": 2, "even": 3, "mark": 4, "space": 5}
_NAMES: Final = {_SET_BAUDRATE: "baud", _SET_DATASIZE: "data_bits", _SET_PARITY: "parity", _SET_STOPSIZE: "stop_bits"}
_LONGEST_COMMAND: Final = 64


class _Mode(Enum):
    DATA = auto()
    COMMAND = auto()  # after IAC
    OPTION = auto()  # after IAC WILL, WONT, DO or DONT
    SUBNEGOTIATION = auto()
    SUBNEGOTIATION_COMMAND = auto()  # after IAC inside one


class Rfc2217Session:
    """One connection. What is to be sent waits in `outgoing`, and whoever sends it takes it away there."""

    def __init__(self, settings: SerialSettings) -> None:
        self._wanted = {
            _SET_BAUDRATE: settings.baud.to_bytes(4, "big"),
            _SET_DATASIZE: bytes([settings.data_bits]),
            _SET_PARITY: bytes([_PARITIES[settings.parity]]),
            _SET_STOPSIZE: bytes([settings.stop_bits]),
        }
        self._unanswered = set(self._wanted)
        self._has_asked = False
        self._said: set[tuple[int, int]] = set()
        self.outgoing = bytearray()
        for verb, option in _OPENING:
            self._say(verb, option)
        self._mode = _Mode.DATA
        self._verb = 0
        self._command = bytearray()
        self._data = bytearray()
        self._steps: dict[_Mode, Callable[[int], _Mode]] = {
            _Mode.DATA: self._in_data,
            _Mode.COMMAND: self._in_command,
            _Mode.OPTION: self._in_option,
            _Mode.SUBNEGOTIATION: self._in_subnegotiation,
            _Mode.SUBNEGOTIATION_COMMAND: self._in_subnegotiation_command,
        }

    @property
    def is_ready(self) -> bool:
        """Say whether the line is set as asked. What it brought before is thrown away."""
        return not self._unanswered

    def write(self, data: bytes) -> None:
        """Put data into `outgoing`."""
        self.outgoing += data.replace(bytes([_IAC]), bytes([_IAC, _IAC]))

    def receive(self, data: bytes) -> bytes:
        """Take what the server sent, and return what the serial line brought.

        A character that arrived there with wrong parity has a NUL beside it, where the server tells. Raise
        ConnectionError where the server does not do RFC 2217, or not these settings.
        """
        for byte in data:
            self._mode = self._steps[self._mode](byte)
        found = bytes(self._data)
        self._data.clear()
        return found

    def _in_data(self, byte: int) -> _Mode:
        if byte == _IAC:
            return _Mode.COMMAND
        if self.is_ready:
            self._data.append(byte)
        return _Mode.DATA

    def _in_command(self, byte: int) -> _Mode:
        if byte in (_WILL, _WONT, _DO, _DONT):
            self._verb = byte
            return _Mode.OPTION
        if byte == _SB:
            self._command.clear()
            return _Mode.SUBNEGOTIATION
        if byte == _IAC and self.is_ready:
            self._data.append(byte)
        return _Mode.DATA  # any other command is a word of its own that asks for no answer

    def _in_option(self, option: int) -> _Mode:
        if option == _COM_PORT and self._verb in (_WONT, _DONT):
            raise ConnectionError("the device server does not do RFC 2217; a plain tcp:// port may be what it has")
        if self._verb in (_WILL, _DO):
            agreed, refused = (_DO, _DONT) if self._verb == _WILL else (_WILL, _WONT)
            self._say(agreed if option in _WANTED else refused, option)
        if option == _COM_PORT and not self._has_asked:
            self._ask()
        return _Mode.DATA

    def _say(self, verb: int, option: int) -> None:
        """An answer to what was only an answer would go back and forth without end (RFC 854)."""
        if (verb, option) not in self._said:
            self._said.add((verb, option))
            self.outgoing += bytes([_IAC, verb, option])

    def _ask(self) -> None:
        self._has_asked = True
        for command, value in self._wanted.items():
            self._ask_for(command, value)
        for control in (_NO_FLOW_CONTROL, _DTR_ON, _RTS_ON):
            self._ask_for(_SET_CONTROL, control)
        self._ask_for(_SET_LINESTATE_MASK, bytes([_BROKEN_CHARACTER]))
        self._ask_for(_PURGE_DATA, _RECEIVE_BUFFER)

    def _ask_for(self, command: int, value: bytes) -> None:
        self.outgoing += bytes([_IAC, _SB, _COM_PORT, command])
        self.write(value)
        self.outgoing += bytes([_IAC, _SE])

    def _in_subnegotiation(self, byte: int) -> _Mode:
        if byte == _IAC:
            return _Mode.SUBNEGOTIATION_COMMAND
        return self._keep(byte)

    def _in_subnegotiation_command(self, byte: int) -> _Mode:
        if byte != _SE:
            return self._keep(byte)
        if len(self._command) > 1 and self._command[0] == _COM_PORT:
            self._answered(self._command[1] - _FROM_SERVER, bytes(self._command[2:]))
        return _Mode.DATA

    def _keep(self, byte: int) -> _Mode:
        if len(self._command) == _LONGEST_COMMAND:
            raise ConnectionError("the device server sent a telnet command without an end")
        self._command.append(byte)
        return _Mode.SUBNEGOTIATION

    def _answered(self, command: int, value: bytes) -> None:
        if command == _NOTIFY_LINESTATE:
            if value and value[0] & _BROKEN_CHARACTER and self.is_ready:
                self._data.append(0)
            return
        wanted = self._wanted.get(command)
        if wanted is None:
            return
        if value != wanted:
            asked, done = int.from_bytes(wanted, "big"), int.from_bytes(value, "big")
            raise ConnectionError(f"the device server set {_NAMES[command]} to {done}; asked for {asked} (RFC 2217)")
        self._unanswered.discard(command)
