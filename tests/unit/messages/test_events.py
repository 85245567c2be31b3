"""Device events on the wire."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.device_event import DeviceEvent, EventKind
from domain.errors import BadMessage
from domain.ids import JournalId
from messages import limits
from messages.events import NumberedEvent, decode_event, encode_event
from tests.strategies import EPOCH

_text = st.characters(exclude_characters="\x00", exclude_categories=["Cs"])
_facts = st.dictionaries(
    st.text(_text, min_size=1, max_size=limits.MAX_FACT_NAME_LENGTH),
    st.text(_text, max_size=limits.MAX_FACT_LENGTH) | st.integers(-limits.MAX_SEQ, limits.MAX_SEQ),
    max_size=limits.MAX_EVENT_FACTS,
)


@given(
    event_no=st.integers(1, limits.MAX_SEQ),
    kind=st.sampled_from(EventKind),
    micros=st.integers(0, 4_000_000_000_000_000),
    clock_synced=st.booleans(),
    detail=_facts,
)
def test_an_event_is_read_as_it_was_written(
    event_no: int, kind: EventKind, micros: int, clock_synced: bool, detail: Mapping[str, str | int]
) -> None:
    at = EPOCH + timedelta(microseconds=micros)
    event = DeviceEvent(kind=kind, at=at, clock_synced=clock_synced, detail=detail)
    numbered = NumberedEvent(JournalId("j-1"), event_no, event)
    assert decode_event(encode_event(numbered)) == numbered


def test_an_event_is_these_bytes() -> None:
    at = datetime(2026, 11, 22, 10, 0, tzinfo=timezone(timedelta(hours=8)))
    event = DeviceEvent(kind=EventKind.TARE, at=at, clock_synced=True, detail={"grams": 30})
    assert encode_event(NumberedEvent(JournalId("0193a"), 7, event)) == (
        b'{"v":1,"journal_id":"0193a","event_no":7,"kind":"tare","at":"2026-11-22T02:00:00Z",'
        b'"clock_synced":true,"detail":{"grams":30}}'
    )


def test_what_is_left_out_has_its_meaning_and_what_is_unknown_is_let_be() -> None:
    read = decode_event(
        b'{"v":1,"journal_id":"j","event_no":1,"kind":"zero","at":"2026-11-22T02:00:00+00:00","later":[1]}'
    )
    assert read.event == DeviceEvent(kind=EventKind.ZERO, at=datetime(2026, 11, 22, 2, tzinfo=UTC))


def message(**changed: str) -> bytes:
    parts = {"v": "1", "journal_id": '"j"', "event_no": "1", "kind": '"zero"', "at": '"2026-11-22T02:00:00Z"'} | changed
    return ("{" + ",".join(f'"{name}":{value}' for name, value in parts.items() if value) + "}").encode()


@pytest.mark.parametrize(
    ("payload", "field", "says"),
    [
        (message(v="2"), "v", "v is 2"),
        (message(journal_id='"j j"'), "journal_id", "journal_id is 'j j'; expected 1 to 64 letters"),
        (message(event_no="0"), "event_no", "event_no is 0; expected `int` >= 1"),
        (message(event_no=""), "event_no", "event_no is missing"),
        (message(kind='"burnt"'), "kind", "kind is 'burnt'"),
        (message(at='"2026-11-22T02:00:00"'), "at", "at is '2026-11-22T02:00:00'"),
        (message(detail='{"a":1.5}'), "detail", "expected `int | str`"),
        (message(detail='{"":1}'), "detail", "detail is ''; expected names of 1 to 40 characters"),
        (message(detail='{"' + "n" * 41 + '":1}'), "detail", "expected names of 1 to 40 characters"),
        (message(detail='{"a":"' + "x" * 201 + '"}'), "detail", "expected `str` of length <= 200"),
        (message(detail="{" + ",".join(f'"{n}":1' for n in range(17)) + "}"), "detail", "length <= 16"),
        (message(detail='{"a":"\\u0000"}'), "detail", "text without NUL"),
        (message(detail=f'{{"a":{2**53}}}'), "detail", "expected `int` <= 9007199254740991"),
        (b"nonsense", "event", "expected UTF-8 JSON"),
        (b" " * (256 * 1024 + 1), "payload", "expected at most 262144"),
    ],
    ids=lambda value: None if isinstance(value, bytes) else str(value)[:30],
)
def test_a_wrong_event_is_refused_in_words(payload: bytes, field: str, says: str) -> None:
    with pytest.raises(BadMessage) as refused:
        decode_event(payload)
    assert says in str(refused.value)
    assert refused.value.field.startswith(field)


def test_every_kind_has_its_own_word() -> None:
    assert len({kind.value for kind in EventKind}) == len(EventKind)
