"""The weighings message: what is taken, and how a refusal reads."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import BadMessage
from domain.ids import JournalId
from domain.weighing import Weighing
from messages import limits
from messages.weighings import (
    decode_envelope,
    decode_weighing,
    encode_envelope,
    encode_weighing,
    readable_seq,
)
from tests.strategies import weighings

SMALLEST = b'{"seq":1,"weighed_at":"2026-11-22T02:11:08.412Z","net_g":712,"unit_price_fen":15800,"price_unit":"500g"}'
CONTRACT_EXAMPLE = """{"v": 1, "journal_id": "0193a", "sent_at": "2026-11-22T02:11:09.120Z",
 "weighings": [
   {"seq": 4711, "prev": "", "weighed_at": "2026-11-22T02:11:08.412Z", "clock_synced": true,
    "plu": "2031", "species": "F01", "grade": "", "name": "东星斑",
    "gross_g": 742, "tare_g": 30, "net_g": 712, "stable": true, "zero_offset_g": 0, "pieces": null,
    "unit_price_fen": 15800, "price_unit": "500g", "amount_fen": 22499, "discount_fen": 0, "paid_fen": 22499,
    "fee_fen": 0, "voids_seq": null, "ticket_no": "A-1"}]}""".encode()


def envelope(*elements: bytes, v: bytes = b"1", journal: bytes = b'"j1"') -> bytes:
    return b'{"v":%s,"journal_id":%s,"weighings":[%s]}' % (v, journal, b",".join(elements))


@given(weighings())
def test_what_is_encoded_is_decoded_again(weighing: Weighing) -> None:
    assert decode_weighing(encode_weighing(weighing)) == weighing


@given(st.lists(weighings(), min_size=1, max_size=5))
def test_the_bytes_of_a_weighing_are_the_same_however_messages_are_put_together(many: list[Weighing]) -> None:
    frozen = [encode_weighing(one) for one in many]
    together = decode_envelope(encode_envelope(JournalId("j"), datetime(2026, 11, 22, tzinfo=UTC), frozen))
    assert list(together.weighings) == frozen


def test_the_example_of_the_contract_is_read() -> None:
    read = decode_envelope(CONTRACT_EXAMPLE)
    weighing = decode_weighing(read.weighings[0])
    assert (read.journal_id, weighing.seq, weighing.name, weighing.unit_price_fen_per_kg) == (
        "0193a",
        4711,
        "东星斑",
        31600,
    )


def test_what_may_be_left_out_is_worked_out() -> None:
    weighing = decode_weighing(SMALLEST)
    assert (weighing.amount_fen, weighing.paid_fen, weighing.stable) == (22499, 22499, None)


def test_a_discount_lowers_what_was_paid() -> None:
    assert decode_weighing(SMALLEST[:-1] + b',"discount_fen":499}').paid_fen == 22000


def test_pieces_are_priced_by_the_piece() -> None:
    weighing = decode_weighing(SMALLEST.replace(b'"500g"', b'"piece","pieces":2'))
    assert (weighing.amount_fen, weighing.unit_price_fen_per_kg) == (31600, None)


def test_unknown_fields_are_kept_in_the_bytes_and_do_not_disturb() -> None:
    element = SMALLEST[:-1] + b',"temperature":[1,{"x":2}]}'
    assert decode_envelope(envelope(element)).weighings == (element,)
    assert decode_weighing(element).seq == 1


@pytest.mark.parametrize(
    ("payload", "reason", "says"),
    [
        (b"", "not_json", "payload is 0 bytes"),
        (b"{", "not_json", "expected UTF-8 JSON"),
        (b"[]", "bad_field", "expected `object`, got `array`"),
        (b"5", "bad_field", "expected `object`, got `int`"),
        (b"\xff\xfe{}", "not_utf8", "payload byte 0"),
        (envelope(SMALLEST)[:-4] + b"\xc3(]}", "not_utf8", "expected UTF-8 text"),
        (envelope(), "bad_field", "weighings is []; expected `array` of length >= 1"),
        (envelope(*[SMALLEST] * 501), "bad_field", "expected `array` of length <= 500"),
        (envelope(SMALLEST, v=b"2"), "bad_field", "v is 2; expected one of 1"),
        (envelope(SMALLEST, journal=b'""'), "bad_field", "journal_id is ''"),
        (envelope(SMALLEST, journal=b'"a/b"'), "bad_field", "journal_id is 'a/b'"),
        (b'{"v":1,"weighings":[{}]}', "bad_field", "journal_id is missing"),
        (b" " * (limits.MAX_PAYLOAD_BYTES + 1), "too_large", "262145 bytes; expected at most 262144"),
        (b'{"a":' * 40_000, "not_json", "not nested this deep"),
        (envelope(SMALLEST, v=b"1E400"), "bad_field", "v is "),
        (b'{"v":2,"x":1E400}', "bad_field", "v is 17 bytes"),
        (b'{"v":2,"x":' + b"[" * 5000 + b"]" * 5000 + b"}", "bad_field", "v is "),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_unusable_message_is_refused_in_words(payload: bytes, reason: str, says: str) -> None:
    with pytest.raises(BadMessage) as refused:
        decode_envelope(payload)
    assert refused.value.reason == reason
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (b"712", b"-5", "net_g is -5; expected `int` >= 0"),
        (b"712", b'"712"', "net_g is '712'; expected `int`, got `str`"),
        (b"712", b"7.5", "net_g is 7.5; expected `int`, got `float`"),
        (b"712", b"1e99", "net_g is 1e+99"),
        (b"712", b"1E400", "net_g is "),
        (b"712", b"9" * 5000, "net_g is "),
        (b"712", b'"x","other":1E400', "net_g is "),
        (b"712", b"99999999999999999999", "expected `int` <= 10000000"),
        (b"712", b"null", "net_g is None; expected `int`, got `null`"),
        (b"712", b"0", "net_g is 0; expected more than 0"),
        (b"712", b'712,"gross_g":800,"tare_g":50', "net_g is 712; expected gross_g - tare_g = 750"),
        (b"15800", b"-1", "unit_price_fen is -1; expected `int` >= 0"),
        (b"15800", b"100000001", "unit_price_fen is 100000001; expected `int` <= 100000000"),
        (b'"500g"', b'"jin"', "price_unit is 'jin'; expected one of 'kg', '500g', '100g', 'piece'"),
        (b'"500g"', b'"piece"', "pieces is None; expected at least 1"),
        (b"08.412Z", b"08.412", "expected `datetime` with a timezone component"),
        (b"2026-11-22T", b"2026-13-22T", "weighed_at is '2026-13-22T02:11:08.412Z'"),
        (b'"2026-11-22T02:11:08.412Z"', b"1795313468", "weighed_at is 1795313468"),
        (b'"seq":1', b'"seq":0', "seq is 0; expected `int` >= 1"),
        (b'"seq":1', b'"seq":9007199254740992', "expected `int` <= 9007199254740991"),
        (b'"seq":1', b'"seq":true', "seq is True"),
        (b'"seq":1,', b"", "seq is missing; expected a value"),
        (b"15800", b'15800,"name":"a\\u0000b"', "name is 'a\\x00b'; expected text without NUL"),
        (
            b"15800",
            b'15800,"cap_warning":{"cap_fen_per_kg":1,"list_version":"a\\u0000b"}',
            "cap_warning.list_version is 'a\\x00b'; expected text without NUL",
        ),
        (b"15800", b'15800,"cap_warning":{"cap_fen_per_kg":1}', "cap_warning.list_version is missing; expected"),
        (
            b"15800",
            b'15800,"tare_kind":"guessed"',
            "tare_kind is 'guessed'; expected one of 'none', 'preset', 'weighed'",
        ),
        (b"15800", b'15800,"discount_fen":22500', "discount_fen is 22500; expected at most the amount, 22499"),
        (b"15800", b'15800,"name":"' + b"x" * 121 + b'"', "expected `str` of length <= 120"),
    ],
    ids=lambda value: value.decode("ascii", "replace")[:30] if isinstance(value, bytes) else "",
)
def test_an_unusable_weighing_is_refused_in_words(old: bytes, new: bytes, says: str) -> None:
    with pytest.raises(BadMessage) as refused:
        decode_weighing(SMALLEST.replace(old, new))
    assert says in str(refused.value)


def test_nothing_is_refused_for_when_it_was_sent() -> None:
    for sent_at in (b"null", b'"noon"', b"1E400", b'"2026-11-22T02:11:09"'):
        payload = b'{"v":1,"sent_at":%s,"journal_id":"j1","weighings":[%s]}' % (sent_at, SMALLEST)
        assert decode_envelope(payload).weighings == (SMALLEST,)


_numbers = st.sampled_from([b"1E400", b"-0", b"712.0", b"1e2", b"9" * 400, b"-1", b"true", b"null", b'"x"', b"[[[]]]"])
_fields = st.sampled_from(
    [b"seq", b"net_g", b"unit_price_fen", b"weighed_at", b"price_unit", b"pieces", b"other", b"v"]
)


@given(st.lists(st.tuples(_fields, _numbers), max_size=6))
def test_json_with_anything_in_it_gives_a_weighing_or_a_refusal(pairs: list[tuple[bytes, bytes]]) -> None:
    element = SMALLEST[:-1] + b"".join(b',"%s":%s' % pair for pair in pairs) + b"}"
    for decode, payload in (
        (decode_weighing, element),
        (decode_envelope, element),
        (decode_envelope, envelope(element)),
    ):
        try:
            decode(payload)
        except BadMessage as refused:
            assert refused.expected


def test_a_lone_surrogate_is_refused() -> None:
    with pytest.raises(BadMessage):
        decode_weighing(SMALLEST.replace(b"15800", b'15800,"name":"\\ud800"'))


@given(st.binary(max_size=400) | st.binary(max_size=60).map(lambda noise: SMALLEST[:50] + noise + SMALLEST[50:]))
def test_noise_gives_a_refusal_and_nothing_else(noise: bytes) -> None:
    for decode in (decode_envelope, decode_weighing):
        try:
            decode(noise)
        except BadMessage as refused:
            assert refused.reason
            assert refused.expected


def test_the_place_of_an_unusable_weighing_in_its_journal_is_still_read() -> None:
    assert readable_seq(b'{"seq":7,"net_g":"x"}') == 7
    assert readable_seq(b'{"seq":0}') is None
    assert readable_seq(b"{") is None
