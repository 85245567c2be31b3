"""Signed heads of a journal's chain."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import BadMessage
from domain.ids import JournalId
from messages import limits
from messages.checkpoints import (
    ChainHead,
    Checkpoint,
    decode_checkpoint,
    encode_checkpoint,
    is_signed_by,
    key_id_of,
    sign,
    signed_bytes,
)
from tests.strategies import EPOCH

# RFC 8032, 7.1, test 1.
SECRET = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
PUBLIC = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
KEY = Ed25519PrivateKey.from_private_bytes(SECRET)
AT = datetime(2026, 11, 22, 10, 11, 9, 120_000, tzinfo=timezone(timedelta(hours=8)))
HEAD = ChainHead(journal_id=JournalId("0193a"), seq=4711, digest=sha256(b"{}").digest(), at=AT)


def test_what_is_signed_are_these_lines() -> None:
    assert signed_bytes(HEAD, "abc") == (
        b"steelyard-checkpoint-v1\n0193a\n4711\nRBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=\n"
        b"2026-11-22T02:11:09.120000Z\nabc\n"
    )


def test_the_signature_is_plain_ed25519_by_the_key_it_names() -> None:
    made = sign(HEAD, KEY)
    assert made.public_key == PUBLIC
    assert made.key_id == sha256(PUBLIC).hexdigest()[:32] == key_id_of(PUBLIC)
    KEY.public_key().verify(made.signature, signed_bytes(HEAD, made.key_id))
    assert is_signed_by(made, PUBLIC)


@pytest.mark.parametrize(
    "changed",
    [
        {"journal_id": JournalId("0193b")},
        {"seq": 4712},
        {"digest": sha256(b"{ }").digest()},
        {"at": AT + timedelta(microseconds=1)},
    ],
    ids=["journal", "seq", "digest", "a microsecond"],
)
def test_every_part_of_a_head_is_signed(changed: dict[str, object]) -> None:
    made = sign(HEAD, KEY)
    assert not is_signed_by(replace(made, head=replace(HEAD, **changed)), PUBLIC)  # type: ignore[arg-type]


def test_another_key_did_not_sign_it_whatever_it_is_called() -> None:
    other = Ed25519PrivateKey.from_private_bytes(bytes(32))
    theirs = other.public_key().public_bytes_raw()
    made = sign(HEAD, KEY)
    assert not is_signed_by(made, theirs)
    assert not is_signed_by(replace(made, key_id=key_id_of(theirs), public_key=theirs), theirs)


@given(
    seq=st.integers(1, limits.MAX_SEQ),
    digest=st.binary(min_size=32, max_size=32),
    micros=st.integers(0, 4_000_000_000_000_000),
    carries_key=st.booleans(),
)
def test_a_checkpoint_is_read_as_it_was_written(seq: int, digest: bytes, micros: int, carries_key: bool) -> None:
    at = EPOCH + timedelta(microseconds=micros)
    made: Checkpoint = sign(ChainHead(journal_id=JournalId("j"), seq=seq, digest=digest, at=at), KEY)
    sent = made if carries_key else replace(made, public_key=None)
    read = decode_checkpoint(encode_checkpoint(sent))
    assert read == sent
    assert is_signed_by(read, PUBLIC)


def test_its_time_is_said_in_utc() -> None:
    assert b'"at":"2026-11-22T02:11:09.120000Z"' in encode_checkpoint(sign(HEAD, KEY))
    assert decode_checkpoint(encode_checkpoint(sign(HEAD, KEY))).head.at == AT.astimezone(UTC)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (b'"v":1', b'"v":2', "v is 2"),
        (b'"seq":4711', b'"seq":0', "seq is 0; expected `int` >= 1"),
        (b'"journal_id":"0193a"', b'"journal_id":"#"', "journal_id is '#'"),
        (b'"digest":"R', b'"digest":"', "digest is "),
        (b'"digest":"RB', b'"digest":"*B', "expected base64 of 32 bytes"),
        (b'"signature":"', b'"signature":"AAAA', "expected base64 of 64 bytes"),
        (b'"key_id":"', b'"key_id":"X', "key_id is 'X"),
        (b'"key_id":"2', b'"key_id":"3', "the key's own"),
        (b'09.120000Z"', b'09"', "at is "),
    ],
)
def test_a_wrong_checkpoint_is_refused_in_words(old: bytes, new: bytes, says: str) -> None:
    message = encode_checkpoint(sign(HEAD, KEY))
    assert old in message
    with pytest.raises(BadMessage) as refused:
        decode_checkpoint(message.replace(old, new))
    assert says in str(refused.value)
