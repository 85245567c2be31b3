"""Between the device and the broker: bytes go both ways untouched, the CONNECT is read, and the line can be cut."""

import asyncio
import threading
import time
from typing import Final, Protocol

from domain.errors import Unavailable
from steelyard.conform.connect_packet import read_connect
from steelyard.conform.packets import PacketSplitter, Published, read_publish
from steelyard.conform.transcript import Session

_CHUNK: Final = 65_536
_END_WITHIN_S: Final = 2.0


class Witness(Protocol):
    """Is told what the device does, in the proxy's thread."""

    def session(self, session: Session) -> None:
        """The device opened a connection."""
        ...

    def published(self, published: Published) -> None:
        """The device published something."""
        ...


class CuttingProxy:
    """A TCP proxy in a thread of its own."""

    def __init__(self, listen: tuple[str, int], broker: tuple[str, int], witness: Witness) -> None:
        self._listen, self._broker, self._witness = listen, broker, witness
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="conform-proxy")
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    @property
    def port(self) -> int:
        """The port the device connects to."""
        if self._server is None:
            raise RuntimeError("the proxy was not started")
        return int(self._server.sockets[0].getsockname()[1])

    def start(self) -> None:
        """Listen. Raise Unavailable where that cannot be."""
        self._thread.start()
        try:
            self._server = asyncio.run_coroutine_threadsafe(self._serve(), self._loop).result()
        except OSError as error:
            self._end_thread()
            raise Unavailable(f"cannot listen on {self._listen[0]}:{self._listen[1]}: {error}") from error

    def cut(self) -> None:
        """Drop every connection without a word to either side."""
        asyncio.run_coroutine_threadsafe(self._cut(), self._loop).result()

    def close(self) -> None:
        """Cut everything and stop listening."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._end_thread()

    def _end_thread(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _serve(self) -> asyncio.Server:
        return await asyncio.start_server(self._carry, *self._listen)

    async def _cut(self) -> None:
        for writer in list(self._open):
            writer.transport.abort()

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
        await self._cut()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        if others:
            # What is cut ends by itself; only who still waits for the broker is told to.
            _ended, late = await asyncio.wait(others, timeout=_END_WITHIN_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

    async def _carry(self, device: asyncio.StreamReader, to_device: asyncio.StreamWriter) -> None:
        self._open.add(to_device)
        opened_at = time.monotonic()
        to_broker = None
        try:
            broker, to_broker = await asyncio.open_connection(*self._broker)
            self._open.add(to_broker)
            upwards = self._upwards(device, to_broker, opened_at)
            _done, pending = await asyncio.wait(
                [asyncio.ensure_future(upwards), asyncio.ensure_future(_pump(broker, to_device))],
                return_when=asyncio.FIRST_COMPLETED,
            )
            for task in pending:
                task.cancel()
            await asyncio.gather(*_done, *pending, return_exceptions=True)
        except OSError as error:
            problem = f"the broker does not answer: {error}"
            self._witness.session(Session(opened_at=opened_at, connect=None, problem=problem))
        finally:
            for writer in (to_device, to_broker):
                if writer is not None:
                    self._open.discard(writer)
                    writer.transport.abort()

    async def _upwards(self, device: asyncio.StreamReader, to_broker: asyncio.StreamWriter, opened_at: float) -> None:
        look = _Onlooker(self._witness, opened_at)
        while data := await device.read(_CHUNK):
            look.at(data)
            to_broker.write(data)
            await to_broker.drain()


class _Onlooker:
    """Reads along on one connection, and stops doing so where it makes no sense (TLS)."""

    def __init__(self, witness: Witness, opened_at: float) -> None:
        self._witness, self._opened_at = witness, opened_at
        self._splitter: PacketSplitter | None = PacketSplitter()
        self._has_connect = False

    def at(self, data: bytes) -> None:
        if self._splitter is None:
            return
        try:
            for packet in self._splitter.feed(data):
                self._take(packet)
        except ValueError as error:
            self._splitter = None
            if not self._has_connect:
                self._witness.session(Session(opened_at=self._opened_at, connect=None, problem=str(error)))

    def _take(self, packet: bytes) -> None:
        if not self._has_connect:
            connect = read_connect(packet)
            self._has_connect = True
            self._witness.session(Session(opened_at=self._opened_at, connect=connect))
        elif (published := read_publish(packet, time.monotonic())) is not None:
            self._witness.published(published)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(_CHUNK):
        writer.write(data)
        await writer.drain()
