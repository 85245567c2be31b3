"""A TCP proxy before a real broker: it may speak TLS towards the client, and fall silent as a dead network does."""

import asyncio
import contextlib
import ssl
import threading
from types import TracebackType
from typing import Self


class Proxy:
    """Listens on a loopback port in a thread of its own. `heard`: what clients said, decrypted."""

    def __init__(self, target_port: int, tls: ssl.SSLContext | None = None) -> None:
        self.heard = bytearray()
        self.accepted = 0
        self.port = 0
        self._target_port, self._tls = target_port, tls
        self._loop = asyncio.new_event_loop()
        self._silent: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._stop: asyncio.Event | None = None
        self._is_listening = threading.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._serve(),), name="proxy")

    def fall_silent(self) -> None:
        """From now on nothing passes on the connections there are, and none of them ends. New ones are served."""
        self._silent.update(range(self.accepted + 1))

    def cut(self) -> None:
        """End the connections there are, as a cable that is pulled and put back does. New ones are served."""
        self._loop.call_soon_threadsafe(lambda: [task.cancel() for task in self._tasks])

    def __enter__(self) -> Self:
        self._thread.start()
        self._is_listening.wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._stop is not None
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        self._loop.close()

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        self._loop.set_exception_handler(lambda _loop, _context: None)  # handshakes that fail are what tests are about
        server = await asyncio.start_server(self._connect, "127.0.0.1", 0, ssl=self._tls)
        self.port = server.sockets[0].getsockname()[1]
        self._is_listening.set()
        await self._stop.wait()
        server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connect(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        self.accepted += 1
        number = self.accepted
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        to_broker = None
        try:
            broker, to_broker = await asyncio.open_connection("127.0.0.1", self._target_port)
            pumps = [
                asyncio.ensure_future(self._pump(number, client, to_broker, heard=True)),
                asyncio.ensure_future(self._pump(number, broker, to_client, heard=False)),
            ]
            try:
                await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for pump in pumps:
                    pump.cancel()
                await asyncio.gather(*pumps, return_exceptions=True)
        except OSError:
            pass  # the broker is gone, and so is this connection
        finally:
            self._tasks.discard(task)
            for writer in (to_client, to_broker):
                if writer is not None:
                    writer.transport.abort()

    async def _pump(
        self, number: int, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, heard: bool
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(65536):
                if number in self._silent:
                    await asyncio.Event().wait()
                if heard:
                    self.heard += data
                sink.write(data)
                await sink.drain()
            if number in self._silent:
                await asyncio.Event().wait()
