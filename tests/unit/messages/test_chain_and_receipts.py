"""The chain, receipts and statuses."""

from base64 import b64decode
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256

import pytest

from domain.errors import BadMessage
from domain.ids import JournalId
from messages.chain import digest, prev_of
from messages.receipts import Receipt, decode_receipt, encode_receipt
from messages.status import AgentStatus, ScaleStatus, decode_agent_status, decode_scale_status, encode_status


def test_prev_is_the_sha256_of_the_exact_bytes_before() -> None:
    assert prev_of(None) == ""
    assert b64decode(prev_of(b'{"seq":1}')) == digest(b'{"seq":1}') == sha256(b'{"seq":1}').digest()


def test_a_receipt_is_read_as_it_was_written() -> None:
    receipt = Receipt(JournalId("0193a"), 4711)
    assert decode_receipt(encode_receipt(receipt)) == receipt


@pytest.mark.parametrize(
    ("payload", "says"),
    [
        (b'{"v":1,"journal_id":"j","committed_seq":-1}', "committed_seq is -1; expected `int` >= 0"),
        (b'{"v":1,"journal_id":"j j","committed_seq":1}', "journal_id is 'j j'"),
        (b'{"v":1,"journal_id":"j"}', "committed_seq is missing"),
        (b"nonsense", "expected UTF-8 JSON"),
    ],
)
def test_a_wrong_receipt_is_refused_in_words(payload: bytes, says: str) -> None:
    with pytest.raises(BadMessage) as refused:
        decode_receipt(payload)
    assert says in str(refused.value)


def test_statuses_are_read_as_they_were_written_and_say_their_time_in_utc() -> None:
    sanya = timezone(timedelta(hours=8))
    at = datetime(2026, 11, 22, 10, 0, tzinfo=sanya)
    scale = ScaleStatus(state="online", at=at, agent_id="agent-1", outbox_depth=3)
    agent = AgentStatus(state="offline", at=at, scales=["SC-001"])
    assert b'"at":"2026-11-22T02:00:00Z"' in encode_status(scale)
    assert decode_scale_status(encode_status(scale)).at == datetime(2026, 11, 22, 2, tzinfo=UTC)
    assert decode_agent_status(encode_status(agent)).scales == ["SC-001"]


def test_a_receipt_may_say_when_it_was_sent() -> None:
    sanya = timezone(timedelta(hours=8))
    sent = encode_receipt(Receipt(JournalId("j"), 1, datetime(2026, 11, 22, 10, 0, 0, 120_000, sanya)))
    assert b'"at":"2026-11-22T02:00:00.120000Z"' in sent
    assert decode_receipt(sent).at == datetime(2026, 11, 22, 2, 0, 0, 120_000, UTC)
    assert b'"at"' not in encode_receipt(Receipt(JournalId("j"), 1))
    assert decode_receipt(b'{"v":1,"journal_id":"j","committed_seq":1,"at":null}').at is None
    with pytest.raises(BadMessage, match="at is '2026-11-22T02:00:00'"):
        decode_receipt(b'{"v":1,"journal_id":"j","committed_seq":1,"at":"2026-11-22T02:00:00"}')
