"""From one listener to every open page: who is told of a change in which market, or for which person."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum

from domain.errors import Unavailable

_MOST_READERS = 2000


class Signal(StrEnum):
    """What a page is told; also the name of the event in its stream, where the stream has no other for a change."""

    CHANGED = "alerts"
    AWAY = "away"
    END = "end"


class Subscription:
    """One open page. It holds at most one signal, the newest: a slow reader costs nothing and misses nothing,
    since a signal only says that the list should be fetched again."""

    def __init__(self, scope: str | None) -> None:
        self._scope = scope
        self._signal: Signal | None = None
        self._arrived = asyncio.Event()

    def offer(self, signal: Signal, about: str | None) -> None:
        """Leave a signal about a market or a person (None: about all) for the reader, if it is theirs."""
        if None in (self._scope, about) or self._scope == about:
            self._signal = signal
            self._arrived.set()

    async def wait(self, timeout_s: float) -> bool:
        """Wait for a signal; say whether there is one."""
        try:
            await asyncio.wait_for(self._arrived.wait(), timeout_s)
        except TimeoutError:
            return False
        return True

    def take(self) -> Signal | None:
        """Return the newest signal and forget it."""
        signal, self._signal = self._signal, None
        self._arrived.clear()
        return signal


class Hub:
    """Fans out. Everything here happens on the event loop; the listener's thread goes through `tell_from_thread`."""

    def __init__(self) -> None:
        self._readers: set[Subscription] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self.is_live = False
        self._is_ending = False

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Take the loop that readers wait on."""
        self._loop = loop

    @contextmanager
    def subscribe(self, scope: str | None) -> Iterator[Subscription]:
        """Read along for the length of the block; `scope` is a market or a person.

        Raise Unavailable where there are too many readers.
        """
        if len(self._readers) >= _MOST_READERS:
            raise Unavailable(f"{_MOST_READERS} pages are open already; close some")
        reader = Subscription(scope)
        if self._is_ending:
            reader.offer(Signal.END, None)
        self._readers.add(reader)
        try:
            yield reader
        finally:
            self._readers.discard(reader)

    def end(self) -> None:
        """Send every reader away, for the service stops; who comes later is sent away too."""
        self._is_ending = True
        for reader in self._readers:
            reader.offer(Signal.END, None)

    def tell(self, signal: Signal, about: str | None = None) -> None:
        """Tell everybody who sees the market, or all pages of the person (None: everybody)."""
        if about is None:
            self.is_live = signal is not Signal.AWAY
        for reader in self._readers:
            reader.offer(signal, about)

    def tell_from_thread(self, signal: Signal, about: str | None = None) -> None:
        """Like `tell`, from another thread; once the loop is closed nobody is left to tell."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.tell, signal, about)
