"""Checkpoints through the batch: kept byte for byte, each once; a false signature and an unknown scale are held."""

from datetime import timedelta
from hashlib import sha256

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from psycopg import Connection

from db import checkpoints
from domain.ids import JournalId, ScaleId
from domain.quarantine import ReplayOutcome
from ingest.batch import Taken
from ingest.reading import Delivery
from ingest.replaying import Replayer
from ingest.subscriber import TOPIC_FILTERS
from messages.checkpoints import ChainHead, encode_checkpoint, sign
from tests.factories import MARKET, NOW, delivery, message, put_market, topic, weighing
from tests.integration.test_device_events import POLICY, take

KEY = Ed25519PrivateKey.generate()


def head(seq: int, body: bytes = b"a line", *, journal: str = "j1") -> bytes:
    return encode_checkpoint(
        sign(ChainHead(journal_id=JournalId(journal), seq=seq, digest=sha256(body).digest(), at=NOW), KEY)
    )


def arrived(payload: bytes, *, scale: str = "S-1") -> Delivery:
    return delivery(payload, on=topic(scale, channel="checkpoints"), at=NOW)


def counts(taken: Taken) -> tuple[int, int, int]:
    return taken.checkpoints, taken.redelivered, taken.held


def held(conn: Connection) -> list[tuple[int, str, bytes]]:
    rows = conn.execute("SELECT quarantine_id, reason, payload FROM quarantine ORDER BY quarantine_id").fetchall()
    return [(row[0], row[1], bytes(row[2])) for row in rows]


@pytest.fixture
def market(conn: Connection) -> Connection:
    put_market(conn)
    conn.commit()
    return conn


def test_workers_ask_for_checkpoints_too() -> None:
    assert "$share/ingest-checkpoints/steelyard/v1/+/+/checkpoints" in TOPIC_FILTERS


def test_a_checkpoint_is_kept_byte_for_byte_once_beside_weighings(market: Connection) -> None:
    one = head(3)
    taken = take(market, arrived(one), delivery(message(weighing(1))), arrived(one))
    assert (counts(taken), taken.stored) == ((1, 1, 0), 1)
    assert counts(take(market, arrived(one))) == (0, 1, 0)
    (kept,) = checkpoints.of_scale(market, MARKET, ScaleId("S-1"))
    assert (kept.body, kept.seq, kept.is_signed, kept.at) == (one, 3, True, NOW)


def test_two_heads_for_one_place_are_both_kept(market: Connection) -> None:
    assert counts(take(market, arrived(head(3)), arrived(head(3, b"another chain")))) == (2, 0, 0)
    assert len(checkpoints.of_scale(market, MARKET, ScaleId("S-1"))) == 2


def test_one_without_its_key_is_kept_unchecked(market: Connection) -> None:
    whole = head(3)
    start, end = whole.index(b'"public_key"'), whole.index(b'"signature"')
    assert counts(take(market, arrived(whole[:start] + whole[end:]))) == (1, 0, 0)
    (kept,) = checkpoints.of_scale(market, MARKET, ScaleId("S-1"))
    assert not kept.is_signed


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (head(3).replace(b'"seq":3', b'"seq":4'), "bad_signature"),
        (b"{}", "bad_field"),
        (b"\xff", "not_json"),
    ],
    ids=["forged", "empty", "no text"],
)
def test_what_proves_nothing_is_held_and_the_rest_goes_on(market: Connection, payload: bytes, reason: str) -> None:
    assert counts(take(market, arrived(payload), arrived(head(3)))) == (1, 0, 1)
    assert [one[1:] for one in held(market)] == [(reason, payload)]


def test_one_of_an_unregistered_scale_is_held_and_read_again_once_it_is_registered(market: Connection) -> None:
    assert counts(take(market, arrived(head(3), scale="S-77"))) == (0, 0, 1)
    [(quarantine_id, reason, _)] = held(market)
    assert reason == "unknown_scale"
    market.execute("INSERT INTO scales (market_id, scale_id) VALUES (%s, 'S-77')", [MARKET])
    market.commit()
    replayed = Replayer(POLICY).replay(market, quarantine_id, actor="x", now=NOW + timedelta(hours=1))
    assert replayed.outcome is ReplayOutcome.STORED
    assert len(checkpoints.of_scale(market, MARKET, ScaleId("S-77"))) == 1


def test_what_was_signed_is_not_changed(market: Connection) -> None:
    take(market, arrived(head(3)))
    for statement in ("UPDATE journal_checkpoints SET seq = 4", "DELETE FROM journal_checkpoints"):
        with pytest.raises(psycopg.errors.RestrictViolation), market.transaction():
            market.execute(statement.encode())
