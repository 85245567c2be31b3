"""A ticket's code: found again from what is stored, and from nothing less."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.weighing import Weighing
from messages.chain import digest
from messages.ticket_codes import LENGTH, code_of, fits, minute_of, normal, ticket_code
from messages.weighings import decode_weighing, encode_weighing
from tests.strategies import weighings

AT = datetime(2026, 11, 22, 2, 11, 8, 412_000, UTC)
DIGEST = sha256(b"frozen").digest()
DIGESTS = st.binary(min_size=32, max_size=32)
TIMES = st.datetimes(datetime.fromisoformat("1971-01-01"), datetime.fromisoformat("2999-01-01"), timezones=st.just(UTC))


def test_the_code_is_the_documented_one() -> None:
    """The example of docs/wire-contract.md: who prints tickets by themselves can hold theirs against it."""
    assert ticket_code(AT, DIGEST) == "0WH4K3QNRWC7Y63P59PE3J"


@given(at=TIMES, weighing_digest=DIGESTS)
def test_a_code_fits_its_weighing_and_names_its_minute(at: datetime, weighing_digest: bytes) -> None:
    code = ticket_code(at, weighing_digest)
    assert len(code) == LENGTH
    assert fits(code, at, weighing_digest)
    assert minute_of(code) == at.replace(second=0, microsecond=0)


@given(at=TIMES, one=DIGESTS, other=DIGESTS)
def test_another_weighings_code_does_not_fit(at: datetime, one: bytes, other: bytes) -> None:
    assert fits(ticket_code(at, one), at, other) == (one == other)
    assert not fits(ticket_code(at, one), at + timedelta(minutes=1), one)


@given(weighings())
def test_a_device_and_the_service_come_to_the_same_code(weighing: Weighing) -> None:
    frozen = encode_weighing(weighing)
    assert code_of(weighing) == ticket_code(decode_weighing(frozen).weighed_at, digest(frozen))


def test_a_code_says_nothing_of_the_digest() -> None:
    """Else a ticket would tell the `prev` of the weighing after it."""
    secret = ticket_code(AT, DIGEST)[6:]
    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    number = 0
    for sign in secret:
        number = number * 32 + alphabet.index(sign)
    assert number.to_bytes(10) not in DIGEST


@pytest.mark.parametrize("typed", ["0wh4k3qnrwc7y63p59pe3j", "OWH4K3-QNRWC7Y6-3P59PE3J", " owh4k3qnrwc7y63p59pe3j "])
def test_what_is_misread_from_paper_is_read_right(typed: str) -> None:
    assert normal(typed) == "0WH4K3QNRWC7Y63P59PE3J"
    assert fits(typed, AT, DIGEST)


@pytest.mark.parametrize("text", ["", "0", "U" * 22, "秤" * 22, "0" * 21, "0" * 23, "ß" * 11])
def test_what_is_no_code_names_no_minute(text: str) -> None:
    assert minute_of(text) is None
    assert not fits(text, AT, DIGEST)
