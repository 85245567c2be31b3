"""Each statement of the contract is kept by a good device and broken by one that breaks just it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.device_event import DeviceEvent, EventKind
from domain.ids import JournalId, MarketId, ScaleId
from domain.units import Fen, Grams, PriceUnit
from domain.weighing import Weighing
from messages.chain import digest, prev_of
from messages.checkpoints import ChainHead, Checkpoint, encode_checkpoint, sign
from messages.events import NumberedEvent, encode_event
from messages.weighings import encode_envelope, encode_weighing
from steelyard.conform.check import STATEMENTS, judge
from steelyard.conform.connect_packet import ConnectPacket
from steelyard.conform.packets import Published
from steelyard.conform.statements import Outcome
from steelyard.conform.transcript import Act, Deed, Message, Session, Transcript

NOW = datetime(2026, 11, 22, 2, 11, 8, tzinfo=UTC)
JOURNAL = JournalId("j1")
TOPIC = "steelyard/v1/m/s/weighings"
STATUS = "steelyard/v1/m/s/status"
AGENT = "steelyard/v1/m/agents/a/status"
EVENTS = "steelyard/v1/m/s/events"
CHECKPOINTS = "steelyard/v1/m/s/checkpoints"
ONLINE = b'{"v":1,"state":"online","at":"2026-11-22T02:11:00Z"}'
OFFLINE = ONLINE.replace(b"online", b"offline")
SALE = Weighing(
    seq=0,
    weighed_at=NOW,
    net_g=Grams(500),
    unit_price_fen=Fen(9000),
    price_unit=PriceUnit.KG,
    amount_fen=Fen(4500),
    paid_fen=Fen(4500),
    stable=True,
    clock_synced=True,
)


def chained(weighings: list[Weighing]) -> list[bytes]:
    bodies: list[bytes] = []
    for number, weighing in enumerate(weighings, start=1):
        seq = weighing.seq or number
        prev = weighing.prev or prev_of(bodies[-1] if bodies else None)
        bodies.append(encode_weighing(replace(weighing, seq=seq, prev=prev)))
    return bodies


def sent(at: float, *bodies: bytes) -> Message:
    payload = encode_envelope(JOURNAL, NOW, list(bodies))
    return Message(at=at, topic=TOPIC, payload=payload, retained=False)


def status(at: float, topic: str, payload: bytes, *, retained: bool = True) -> Message:
    return Message(at=at, topic=topic, payload=payload, retained=retained)


def event(number: int, at: float, **detail: int) -> Message:
    happened = DeviceEvent(kind=EventKind.TARE, at=NOW, clock_synced=True, detail=detail)
    payload = encode_event(NumberedEvent(JOURNAL, number, happened))
    return Message(at=at, topic=EVENTS, payload=payload, retained=False)


def checkpoint(made: Checkpoint) -> Message:
    return Message(at=16.0, topic=CHECKPOINTS, payload=encode_checkpoint(made), retained=False)


KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def signed(seq: int, body: bytes) -> Checkpoint:
    return sign(ChainHead(journal_id=JOURNAL, seq=seq, digest=digest(body), at=NOW), KEY)


CONNECT = ConnectPacket(
    version=5,
    client_id="a",
    keep_alive_s=20,
    clean_start=True,
    will_topic=AGENT,
    will_payload=OFFLINE,
    will_qos=1,
    will_retained=True,
)
SALES = [replace(SALE, weighed_at=NOW + timedelta(seconds=n)) for n in range(5)]
VOID = replace(SALE, voids_seq=2, weighed_at=NOW + timedelta(seconds=5))
BODIES = chained([*SALES, VOID])
FIRST, WAITING = BODIES[:4], BODIES[4:]


def deed(at: float, act: Act, seq: int = 0) -> Deed:
    return Deed(at=at, act=act, journal_id=JOURNAL if seq else "", seq=seq)


#: Four with receipts, two that wait through everything and get theirs at the end.
GOOD = Transcript(
    market_id=MarketId("m"),
    scale_id=ScaleId("s"),
    judged_at=NOW + timedelta(minutes=5),
    is_between=True,
    messages=(
        status(0.5, AGENT, ONLINE, retained=False),
        status(0.6, STATUS, ONLINE, retained=False),
        sent(1.0, *FIRST),
        sent(3.0, *WAITING),
        *(sent(at, *WAITING) for at in (4.0, 11.0, 13.0, 15.0)),
        status(20.1, AGENT, OFFLINE, retained=False),
        sent(22.0, *WAITING),
        status(40.0, AGENT, ONLINE),
        status(40.0, STATUS, ONLINE),
        event(7, 1.5),
        event(8, 5.0),
        event(7, 22.0),
        checkpoint(signed(4, FIRST[3])),
    ),
    deeds=(
        deed(1.1, Act.RECEIPT, 4),
        deed(2.0, Act.WITHHOLD),
        deed(10.0, Act.FOREIGN_RECEIPT),
        deed(12.0, Act.RECEIPT_AHEAD),
        deed(14.0, Act.BROKEN_RECEIPT),
        deed(20.0, Act.CUT),
        deed(30.0, Act.RECEIPT, 6),
    ),
    published=(Published(at=1.0, topic=TOPIC, qos=1, retained=False),),
    sessions=(Session(opened_at=0.1, connect=CONNECT), Session(opened_at=21.0, connect=CONNECT)),
    ended_at=42.0,
    due_within_s=10.0,
)


def outcomes(transcript: Transcript) -> dict[str, Outcome]:
    return {verdict.statement.number: verdict.finding.outcome for verdict in judge(transcript)}


def broken(transcript: Transcript) -> set[str]:
    return {number for number, outcome in outcomes(transcript).items() if outcome is Outcome.BROKEN}


def with_weighings(*weighings: Weighing) -> Transcript:
    messages = [message for message in GOOD.messages if message.topic != TOPIC]
    return replace(GOOD, messages=(*messages, sent(1.0, *chained(list(weighings)))), deeds=())


def with_payload(payload: bytes) -> Transcript:
    message = Message(at=1.0, topic=TOPIC, payload=payload, retained=False)
    return replace(GOOD, messages=(*GOOD.messages, message))


def with_published(**changes: Any) -> Transcript:
    return replace(GOOD, published=(*GOOD.published, replace(GOOD.published[0], **changes)))


def with_connect(**changes: Any) -> Transcript:
    return replace(GOOD, sessions=(Session(opened_at=0.1, connect=replace(CONNECT, **changes)), GOOD.sessions[1]))


def with_more(*messages: Message) -> Transcript:
    return replace(GOOD, messages=(*GOOD.messages, *messages))


def without_messages(wanted: Callable[[Message], bool]) -> Transcript:
    return replace(GOOD, messages=tuple(message for message in GOOD.messages if not wanted(message)))


def test_a_good_device_keeps_every_statement_and_none_is_left_unseen() -> None:
    assert set(outcomes(GOOD).values()) == {Outcome.KEPT}


def test_of_a_device_that_was_never_heard_nothing_is_said() -> None:
    silent = replace(GOOD, messages=(), deeds=(), sessions=(), published=(), is_between=False)
    assert set(outcomes(silent).values()) == {Outcome.UNSEEN}


def altered(body: bytes) -> bytes:
    return body.replace(b'"plu":""', b'"plu":"9"')


SECOND, THIRD = SALES[1], SALES[2]
BREACHES: dict[str, list[Transcript]] = {
    "W1": [with_published(qos=0), with_published(qos=2), with_published(retained=True)],
    "W2": [
        replace(GOOD, messages=(*GOOD.messages, Message(at=1.0, topic=TOPIC, payload=b" " * 262_145, retained=False)))
    ],
    "W3": [replace(GOOD, messages=(*GOOD.messages, Message(at=1.0, topic=TOPIC, payload=b"{}", retained=False)))],
    "W4": [replace(GOOD, messages=(*GOOD.messages, sent(1.0, b'{"seq":9}')))],
    "W5": [with_weighings(SALE, replace(SECOND, seq=3, prev=prev_of(chained([SALE])[0])))],
    "W6": [replace(GOOD, messages=(*GOOD.messages, sent(1.2, altered(FIRST[0]))))],
    "W7": [
        with_weighings(SALE, replace(SECOND, prev=prev_of(b"another"))),
        with_weighings(replace(SALE, prev=prev_of(b"before the first"))),
    ],
    "W8": [with_weighings(replace(SALE, weighed_at=NOW + timedelta(minutes=16)))],
    "W9": [with_weighings(SECOND, SALE)],
    "W10": [with_weighings(replace(SALE, stable=False)), with_weighings(replace(SALE, stable=None))],
    "W11": [with_weighings(replace(SALE, amount_fen=Fen(4502))), with_weighings(replace(SALE, amount_fen=Fen(450)))],
    "W12": [
        with_weighings(SALE, SECOND, replace(THIRD, voids_seq=3)),
        with_weighings(SALE, replace(SECOND, voids_seq=1, net_g=Grams(100), amount_fen=Fen(900))),
        with_weighings(SALE, replace(SECOND, voids_seq=1), replace(THIRD, voids_seq=1)),
    ],
    "C1": [with_connect(version=3)],
    "C2": [with_connect(client_id="")],
    "C3": [with_connect(keep_alive_s=0), with_connect(keep_alive_s=61)],
    "C4": [
        with_connect(will_topic=None),
        with_connect(will_topic="somewhere/else"),
        with_connect(will_retained=False),
        with_connect(will_payload=ONLINE),
    ],
    "C5": [replace(GOOD, sessions=GOOD.sessions[:1])],
    "C6": [without_messages(lambda message: message.at == 22.0)],
    "S1": [
        replace(GOOD, messages=(*GOOD.messages, status(0.7, STATUS, b"{}"))),
        without_messages(lambda message: message.topic == STATUS and message.retained),
    ],
    "S2": [without_messages(lambda message: message.payload == OFFLINE)],
    "E1": [
        with_more(Message(at=6.0, topic=EVENTS, payload=b'{"v":1,"event_no":9}', retained=False)),
        with_more(event(10, 6.0)),
    ],
    "E2": [with_more(event(8, 6.0, grams=30))],
    "K1": [
        with_more(Message(at=6.0, topic=CHECKPOINTS, payload=b"{}", retained=False)),
        with_more(checkpoint(replace(signed(4, FIRST[3]), signature=bytes(64)))),
        with_more(checkpoint(replace(signed(4, FIRST[3]), signature=bytes(64), public_key=None))),
    ],
    "K2": [with_more(checkpoint(signed(3, FIRST[0])))],
    "R2": [replace(GOOD, messages=(*GOOD.messages, sent(9.0, FIRST[0])))],
}


@pytest.mark.parametrize(
    ("number", "transcript"), [(number, made) for number, all_made in BREACHES.items() for made in all_made]
)
def test_a_breach_breaks_just_its_statement(number: str, transcript: Transcript) -> None:
    assert broken(transcript) == {number}


def test_a_device_that_never_sends_again_breaks_all_that_is_about_it() -> None:
    once = without_messages(lambda message: message.topic == TOPIC and message.at > 3.0)
    assert broken(once) == {"R1", "R3", "R4", "R5", "C6"}


@pytest.mark.parametrize(
    ("due_within_s", "expected"), [(10.0, Outcome.BROKEN), (10.1, Outcome.UNDECIDED)], ids=["just", "a moment short"]
)
def test_what_was_watched_too_shortly_is_not_called_broken(due_within_s: float, expected: Outcome) -> None:
    """Its cut was watched from 20.0 to the receipt at 30.0."""
    found = outcomes(replace(without_messages(lambda message: message.at == 22.0), due_within_s=due_within_s))
    assert found["C6"] is expected


def test_nothing_that_should_have_come_is_called_broken_before_its_time() -> None:
    gone = without_messages(lambda message: message.payload == OFFLINE or (message.topic == TOPIC and message.at > 3.0))
    found = outcomes(replace(gone, sessions=GOOD.sessions[:1], due_within_s=120.0))
    undecided = {number for number, outcome in found.items() if outcome is Outcome.UNDECIDED}
    assert undecided == {"R1", "R3", "R4", "R5", "C5", "C6", "S2"}
    assert Outcome.BROKEN not in found.values()


def test_the_time_it_was_watched_is_told() -> None:
    hasty = replace(without_messages(lambda message: message.at == 22.0), due_within_s=75.0)
    (c6,) = [verdict.finding for verdict in judge(hasty) if verdict.statement.number == "C6"]
    assert c6.evidence == (
        "2 of 2 weighings without a receipt did not come again after the cut, but it was watched for 10 s only:"
        " cannot be told in less than 75 s"
    )


def test_without_cuts_what_waited_until_the_next_receipt_has_waited() -> None:
    uncut = replace(GOOD, deeds=tuple(deed for deed in GOOD.deeds if deed.act is not Act.CUT))
    found = {verdict.statement.number: verdict.finding.outcome for verdict in judge(uncut)}
    assert found["R1"] is Outcome.KEPT


@pytest.mark.parametrize(("number", "at"), [("R3", 10.0), ("R4", 12.0), ("R5", 14.0)])
def test_a_device_that_believes_a_false_receipt_sends_nothing_again_after_it(number: str, at: float) -> None:
    believed = without_messages(lambda message: message.topic == TOPIC and message.at > at)
    assert number in broken(believed)


def test_events_and_checkpoints_of_another_journal_are_no_gap_and_no_breach() -> None:
    other = JournalId("j2")
    begun = encode_event(NumberedEvent(other, 1, DeviceEvent(kind=EventKind.TARE, at=NOW)))
    head = sign(ChainHead(journal_id=other, seq=9, digest=bytes(32), at=NOW), KEY)
    message = Message(at=6.0, topic=EVENTS, payload=begun, retained=False)
    assert broken(with_more(message, checkpoint(head))) == set()


def test_a_signature_without_a_key_proves_nothing_either_way() -> None:
    keyless = checkpoint(replace(signed(4, FIRST[3]), public_key=None))
    alone = without_messages(lambda message: message.topic == CHECKPOINTS)
    found = outcomes(replace(alone, messages=(*alone.messages, keyless)))
    assert (found["K1"], found["K2"]) == (Outcome.UNSEEN, Outcome.KEPT)


def test_a_weighing_from_before_the_check_is_known_by_the_one_after_it() -> None:
    """The check heard nothing of seq 3, but seq 4 says what its digest is."""
    begun_late = [message for message in GOOD.messages if message.topic not in {TOPIC, CHECKPOINTS}]

    def late(body: bytes) -> Transcript:
        return replace(GOOD, deeds=(), messages=(*begun_late, sent(1.0, FIRST[3]), checkpoint(signed(3, body))))

    assert outcomes(late(FIRST[2]))["K2"] is Outcome.KEPT
    assert outcomes(late(FIRST[1]))["K2"] is Outcome.BROKEN


def test_what_another_agent_says_is_not_this_devices_status() -> None:
    other = [status(at, AGENT.replace("/a/", "/b/"), OFFLINE, retained=False) for at in (0.7, 20.2)]
    silent = without_messages(lambda message: message.topic in {AGENT, STATUS})
    found = outcomes(replace(silent, messages=(*silent.messages, *other)))
    assert (found["S1"], found["S2"]) == (Outcome.UNSEEN, Outcome.BROKEN)


def test_every_statement_has_a_breach_that_is_tested() -> None:
    tested = {*BREACHES, "R1", "R3", "R4", "R5"}
    assert {statement.number for statement in STATEMENTS} == tested
