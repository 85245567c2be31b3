"""Who is told of what, and that a slow reader neither grows nor misses anything."""

import asyncio

import pytest

from domain.errors import Unavailable
from domain.ids import MarketId
from web import hub as hub_module
from web.hub import Hub, Signal
from web.stream import frames

HERE, ELSEWHERE = MarketId("here"), MarketId("elsewhere")


async def always() -> bool:
    return True


async def never() -> bool:
    return False


def test_a_reader_hears_only_of_the_market_it_sees() -> None:
    hub = Hub()
    with hub.subscribe(HERE) as manager, hub.subscribe(None) as regulator:
        hub.tell(Signal.CHANGED, ELSEWHERE)
        assert manager.take() is None
        assert regulator.take() is Signal.CHANGED
        hub.tell(Signal.CHANGED, HERE)
        assert manager.take() is Signal.CHANGED


def test_many_changes_are_one_signal_to_a_slow_reader() -> None:
    hub = Hub()
    with hub.subscribe(None) as reader:
        for _ in range(1000):
            hub.tell(Signal.CHANGED, HERE)
        assert reader.take() is Signal.CHANGED
        assert reader.take() is None


def test_who_left_is_not_told_any_more() -> None:
    hub = Hub()
    with hub.subscribe(None) as reader:
        pass
    hub.tell(Signal.CHANGED, HERE)
    assert reader.take() is None


def test_there_is_room_for_a_bounded_number_of_readers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "_MOST_READERS", 1)
    hub = Hub()
    with hub.subscribe(None), pytest.raises(Unavailable, match="1 pages are open"), hub.subscribe(None):
        pass


def test_a_stream_begins_with_a_signal_and_says_when_nobody_listens() -> None:
    async def begin() -> list[bytes]:
        stream = frames(Hub(), None, interval_s=0, ping_s=0.01, is_signed_in=never)
        return [frame async for frame in stream]

    first, second = asyncio.run(begin())
    assert first == b"retry: 2000\n\nevent: alerts\ndata: alerts\n\n"
    assert second == b"event: away\ndata: away\n\n"


def test_a_quiet_stream_pings_and_a_storm_is_told_as_one() -> None:
    async def read() -> tuple[bytes, bytes, bytes]:
        hub = Hub()
        hub.tell(Signal.CHANGED)
        stream = aiter(frames(hub, HERE, interval_s=0.01, ping_s=0.05, is_signed_in=always))
        await anext(stream)
        ping = await anext(stream)
        for _ in range(50):
            hub.tell(Signal.CHANGED, HERE)
        return ping, await anext(stream), await anext(stream)

    ping, told, after = asyncio.run(read())
    assert ping == after == b": ping\n\n"
    assert told == b"event: alerts\ndata: alerts\n\n"


def test_a_stream_ends_with_its_session() -> None:
    async def read() -> list[bytes]:
        hub = Hub()
        hub.tell(Signal.CHANGED)
        return [frame async for frame in frames(hub, HERE, interval_s=0, ping_s=0.01, is_signed_in=never)]

    assert len(asyncio.run(read())) == 1
