"""The fixed corpus, fed to every decoder: no exception but a refusal, and no memory out of proportion."""

import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messages import limits
from tests.factories import message, weighing
from tests.fuzz.corpus import DICTIONARY, FOLDER, seeds
from tests.fuzz.targets import TARGETS, feed_all

_MOST_A_BYTE = 120
_AT_LEAST = 512 * 1024


@pytest.mark.parametrize("path", sorted(FOLDER.iterdir()), ids=lambda path: str(path.name))
def test_every_decoder_takes_or_refuses(path: Path) -> None:
    feed_all(path.read_bytes())


@given(st.lists(st.sampled_from(DICTIONARY) | st.binary(max_size=3), max_size=30), st.data())
def test_words_of_json_in_any_order_or_inside_a_good_message(words: list[bytes], data: st.DataObject) -> None:
    noise = b"".join(words)
    feed_all(noise)
    good = data.draw(st.sampled_from(seeds()))[:4000]
    at = data.draw(st.integers(0, len(good)))
    feed_all(good[:at] + noise + good[at:])


#: As large as a message may be, and shaped to be expensive.
_LARGEST: dict[str, Callable[[int], bytes]] = {
    "brackets": lambda size: b"[" * size,
    "empty weighings": lambda size: b'{"v":1,"journal_id":"j1","weighings":[' + b"{}," * (size // 3 - 20) + b"{}]}",
    "one long string": lambda size: b'{"v":1,"journal_id":"' + b"x" * (size - 40) + b'"}',
    "one long number": lambda size: b'{"v":' + b"9" * (size - 10) + b"}",
    "many unknown fields": lambda size: b"{" + b",".join(b'"%d":0' % n for n in range(size // 10)) + b"}",
    "escapes": lambda size: b'{"v":1,"journal_id":"' + b"\\u0000" * (size // 6 - 10) + b'"}',
    "good weighings": lambda size: message(*(weighing(n, filler="x" * 300) for n in range(1, size // 600))),
    "all refused": lambda size: message(*(weighing(n, net_g=-1) for n in range(1, 501))),
}


@pytest.mark.parametrize("shape", _LARGEST)
@pytest.mark.parametrize("name", ["ingest", "caps"])
def test_no_message_takes_memory_out_of_proportion(shape: str, name: str) -> None:
    payload = _LARGEST[shape](limits.MAX_PAYLOAD_BYTES)
    assert len(payload) <= limits.MAX_PAYLOAD_BYTES
    TARGETS[name](payload)  # what is kept from call to call is made now
    tracemalloc.start()
    try:
        TARGETS[name](payload)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < _AT_LEAST + _MOST_A_BYTE * len(payload), f"{peak / len(payload):.0f} bytes for each of the message"
