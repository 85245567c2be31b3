"""`notices`: read as written, and refused in words."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import BadMessage
from domain.ids import JournalId, SpeciesCode
from domain.units import Fen, FenPerKg, PriceUnit
from messages.notices import (
    LockNotice,
    Notice,
    OverCapNotice,
    UnlockNotice,
    VendorNotice,
    decode_notice,
    encode_notice,
)
from tests.announcements import NOON

OVER = OverCapNotice(
    at=NOON,
    journal_id=JournalId("0193a"),
    seq=4711,
    unit_price_fen=Fen(15800),
    price_unit=PriceUnit.HALF_KG,
    cap_fen_per_kg=FenPerKg(23000),
    species=SpeciesCode("F01"),
    name="东星斑",
    list_version="7-0123456789ab",
)


@pytest.mark.parametrize(
    "notice",
    [
        OVER,
        LockNotice(at=NOON, reason="检定过期"),
        UnlockNotice(at=NOON),
        VendorNotice(at=NOON, stall_id="A-12", vendor_name="阿珍海鲜", credit_tier="B"),
        VendorNotice(at=NOON),
    ],
)
def test_a_notice_is_read_as_it_was_written(notice: Notice) -> None:
    assert decode_notice(encode_notice(notice)) == notice


@pytest.mark.parametrize(
    ("payload", "reason", "says"),
    [
        (b"nonsense", "not_json", "expected UTF-8 JSON"),
        (b"[]", "bad_field", "notice is"),
        (b'{"v":1}', "bad_field", "kind is missing"),
        (b'{"v":1,"kind":"dance"}', "unknown_kind", "kind is 'dance'; expected one of 'over_cap', 'lock'"),
        (b'{"v":2,"kind":"lock","at":"2026-11-22T04:00:00Z"}', "bad_field", "v is 2"),
        (b'{"v":1,"kind":"lock","at":"2026-11-22T04:00:00"}', "bad_field", "at is '2026-11-22T04:00:00'"),
        (b'{"v":1,"kind":"vendor"}', "bad_field", "at is missing"),
        (
            b'{"v":1,"kind":"vendor","at":"2026-11-22T04:00:00Z","credit_tier":"A+++++++++"}',
            "bad_field",
            "credit_tier is 'A+++++++++'",
        ),
        (
            b'{"v":1,"kind":"unlock","at":"2026-11-22T04:00:00Z","reason":"\\u0000"}',
            "bad_field",
            "reason is '\\x00'; expected text without NUL",
        ),
        (
            (
                b'{"v":1,"kind":"over_cap","at":"2026-11-22T04:00:00Z","journal_id":"a/b","seq":1,"unit_price_fen":1,'
                b'"price_unit":"kg","cap_fen_per_kg":1}'
            ),
            "bad_field",
            "journal_id is 'a/b'",
        ),
        (b"x" * 300_000, "too_large", "expected at most"),
    ],
)
def test_what_cannot_be_used_is_refused_in_words(payload: bytes, reason: str, says: str) -> None:
    with pytest.raises(BadMessage) as refused:
        decode_notice(payload)
    assert refused.value.reason == reason
    assert says in str(refused.value)


@given(st.dictionaries(st.sampled_from(["v", "kind", "at", "seq", "reason"]), st.none() | st.integers() | st.text()))
def test_no_object_does_more_than_be_refused(fields: dict[str, object]) -> None:
    try:
        decode_notice(msgspec.json.encode(fields))
    except BadMessage as refused:
        assert refused.reason in {"bad_field", "unknown_kind", "not_json"}
    else:
        assert fields["kind"] in {"lock", "unlock", "vendor"}
