"""What can still be read of a damaged journal: weighings found in its raw bytes, put in order by their chain. Pure.

A frozen weighing is under a kilobyte, so SQLite keeps it in one piece within a page of the table or of the log
(sqlite.org/fileformat, 1.6), and it begins as no other text in the file does.
"""

import json
import re
from collections.abc import Iterator
from json import JSONDecodeError
from mmap import mmap
from typing import Final

from domain.errors import BadMessage
from messages.chain import prev_of
from messages.weighings import decode_weighing

_BEGINS: Final = re.compile(rb'\{"seq":[1-9][0-9]{0,15},"prev":"[A-Za-z0-9+/=]{0,64}","weighed_at":"')
_LONGEST: Final = 4096  # bytes; no page of ours is larger
_json: Final = json.JSONDecoder()


def carve(data: bytes | mmap) -> Iterator[bytes]:
    """Yield the weighings that stand whole in these bytes, as they were frozen, in the order of the bytes."""
    for found in _BEGINS.finditer(data):
        text = data[found.start() : found.start() + _LONGEST].decode("utf-8", "surrogateescape")
        try:
            _value, end = _json.raw_decode(text)
            body = text[:end].encode("utf-8", "surrogateescape")
            decode_weighing(body)
        except (JSONDecodeError, BadMessage):  # cut or overwritten: there is nothing to show of it
            continue
        yield body


def chains(bodies: Iterator[bytes]) -> list[list[bytes]]:
    """Put weighings in order: each chain is a piece of one journal, the longest first. Copies count once."""
    after: dict[str, list[bytes]] = {}
    digests: set[str] = set()
    for body in dict.fromkeys(bodies):
        after.setdefault(decode_weighing(body).prev, []).append(body)
        digests.add(prev_of(body))
    beginnings = [body for prev, found in after.items() if prev not in digests for body in found]
    return sorted((_follow(body, after) for body in beginnings), key=len, reverse=True)


def _follow(first: bytes, after: dict[str, list[bytes]]) -> list[bytes]:
    chain = [first]
    while followers := after.get(prev_of(chain[-1])):
        chain.append(followers[0])
    return chain
