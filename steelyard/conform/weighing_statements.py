"""Statements about messages with weighings: W."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Final

from domain.units import amount_due, amount_for_pieces
from domain.weighing import Weighing
from messages.chain import prev_of
from messages.limits import MAX_PAYLOAD_BYTES
from messages.topics import ScaleChannel, ScaleTopic
from steelyard.conform.statements import Finding, Statement, no_breach, unseen
from steelyard.conform.transcript import Line, Transcript

_AHEAD: Final = timedelta(minutes=10)  # policy/rules.toml: a later time is not believed
_ROUNDING_FEN: Final = 1


def _transport(transcript: Transcript) -> Finding:
    """Seen from between: a broker may hand a message on with another QoS than it came with."""
    if not transcript.is_between:
        return unseen("the device did not connect through the check (--listen)")
    topic = str(ScaleTopic(transcript.market_id, transcript.scale_id, ScaleChannel.WEIGHINGS))
    published = [message for message in transcript.published if message.topic == topic]

    def breaches() -> Iterator[str]:
        for message in published:
            if message.qos != 1:
                yield f"a message was sent with QoS {message.qos}; expected 1"
            if message.retained:
                yield "a message with weighings is to be retained; expected not"

    return no_breach(breaches(), published, "messages with weighings")


def _size(transcript: Transcript) -> Finding:
    messages = transcript.on(ScaleChannel.WEIGHINGS)
    too_large = (
        f"a message of {len(message.payload)} bytes; expected at most {MAX_PAYLOAD_BYTES}"
        for message in messages
        if len(message.payload) > MAX_PAYLOAD_BYTES
    )
    return no_breach(too_large, messages, "messages with weighings")


def _envelope(transcript: Transcript) -> Finding:
    refused = (
        problem
        for message, envelope, problem in transcript.envelopes
        if envelope is None and len(message.payload) <= MAX_PAYLOAD_BYTES
    )
    return no_breach(refused, transcript.envelopes, "messages with weighings")


def _usable(transcript: Transcript) -> Finding:
    refused = (f"{line.problem}: {line.body[:120]!r}" for line in transcript.lines if line.weighing is None)
    return no_breach(refused, transcript.lines, "weighings")


def _seq_without_gaps(transcript: Transcript) -> Finding:
    keys = list(transcript.first_lines)
    gaps = (
        f"journal {journal}: {seq} is followed by {after}; expected {seq + 1}"
        for (journal, seq), (next_journal, after) in pairwise(keys)
        if journal == next_journal and after != seq + 1
    )
    return no_breach(gaps, keys, "weighings")


def _frozen_bytes(transcript: Transcript) -> Finding:
    changed = (
        f"journal {line.journal_id}, seq {line.weighing.seq} came again with other bytes"
        for line in transcript.lines
        if line.weighing is not None and transcript.first_lines[line.journal_id, line.weighing.seq].body != line.body
    )
    return no_breach(changed, transcript.lines, "weighings")


def _chain(transcript: Transcript) -> Finding:
    def breaches() -> Iterator[str]:
        for (journal, seq), line in transcript.first_lines.items():
            before = transcript.first_lines.get((journal, seq - 1))
            said = _weighing(line).prev
            if seq == 1 and said:
                yield f"journal {journal}, seq 1: prev is {said!r}; expected it empty"
            if before is not None and said != prev_of(before.body):
                yield f"journal {journal}, seq {seq}: prev is {said!r}; expected {prev_of(before.body)!r}"

    return no_breach(breaches(), list(transcript.first_lines), "weighings")


def _time(transcript: Transcript) -> Finding:
    ahead = (
        f"seq {seq}: weighed_at is {_weighing(line).weighed_at.isoformat()}, which is yet to come"
        for (_journal, seq), line in transcript.first_lines.items()
        if _weighing(line).weighed_at > transcript.judged_at + _AHEAD
    )
    return no_breach(ahead, list(transcript.first_lines), "weighings")


def _order_of_times(transcript: Transcript) -> Finding:
    back = (
        f"journal {journal}, seq {_weighing(line).seq}: weighed_at went back by"
        f" {_weighing(before).weighed_at - _weighing(line).weighed_at} and clock_synced is true"
        for ((before_journal, _), before), ((journal, _seq), line) in pairwise(transcript.first_lines.items())
        if journal == before_journal
        and _weighing(line).clock_synced
        and _weighing(line).weighed_at < _weighing(before).weighed_at
    )
    return no_breach(back, list(transcript.first_lines), "weighings")


def _stable(transcript: Transcript) -> Finding:
    live = (
        f"seq {seq}: stable is {_weighing(line).stable}; expected true"
        for (_journal, seq), line in transcript.first_lines.items()
        if _weighing(line).stable is not True
    )
    return no_breach(live, list(transcript.first_lines), "weighings")


def _amount(transcript: Transcript) -> Finding:
    wrong = (
        f"seq {seq}: amount_fen is {_weighing(line).amount_fen}; expected {_expected_amount(_weighing(line))}"
        for (_journal, seq), line in transcript.first_lines.items()
        if abs(_weighing(line).amount_fen - _expected_amount(_weighing(line))) > _ROUNDING_FEN
    )
    return no_breach(wrong, list(transcript.first_lines), "weighings")


def _voids(transcript: Transcript) -> Finding:
    voids = [(key, _weighing(line)) for key, line in transcript.first_lines.items() if _weighing(line).voids_seq]

    def breaches() -> Iterator[str]:
        taken: set[tuple[str, int]] = set()
        for (journal, seq), void in voids:
            named = journal, void.voids_seq or 0
            sale = transcript.first_lines.get(named)
            if named in taken or named[1] >= seq:
                yield f"seq {seq} voids {named[1]}; expected an earlier sale that nothing else has voided"
            elif sale is not None and not _is_same_sale(_weighing(sale), void):
                yield f"seq {seq} voids {named[1]}; expected the same net weight and amount"
            taken.add(named)

    return no_breach(breaches(), voids, "voids")


def _is_same_sale(sale: Weighing, void: Weighing) -> bool:
    return sale.voids_seq is None and (sale.net_g, sale.amount_fen) == (void.net_g, void.amount_fen)


def _expected_amount(weighing: Weighing) -> int:
    per_kg = weighing.unit_price_fen_per_kg
    if per_kg is None:
        return amount_for_pieces(weighing.pieces or 0, weighing.unit_price_fen)
    return amount_due(weighing.net_g, per_kg)


def _weighing(line: Line) -> Weighing:
    """First lines are usable by their making."""
    if line.weighing is None:
        raise ValueError("a line without a weighing is no first line")
    return line.weighing


WEIGHING_STATEMENTS = (
    Statement(number="W1", text="Weighings are published with QoS 1 and not retained.", judge=_transport),
    Statement(number="W2", text="A message is at most 256 KiB.", judge=_size),
    Statement(
        number="W3",
        text="A message is one UTF-8 JSON object with v 1, journal_id, and 1 to 500 weighings.",
        judge=_envelope,
    ),
    Statement(
        number="W4",
        text="A weighing has seq, weighed_at with its offset, net_g, unit_price_fen and price_unit, and no field"
        " contradicts another (gross less tare is net; a price per piece has pieces).",
        judge=_usable,
    ),
    Statement(number="W5", text="seq counts 1, 2, 3 … within a journal, without a gap.", judge=_seq_without_gaps),
    Statement(number="W6", text="The same seq always has the same bytes.", judge=_frozen_bytes),
    Statement(
        number="W7",
        text="prev is the base64 SHA-256 of the bytes of the weighing before it, and empty for the first.",
        judge=_chain,
    ),
    Statement(number="W8", text="weighed_at is not yet to come.", judge=_time),
    Statement(
        number="W9",
        text="weighed_at never goes back while clock_synced is true.",
        judge=_order_of_times,
    ),
    Statement(number="W10", text="Only a stable load is a weighing.", judge=_stable),
    Statement(
        number="W11",
        text="amount_fen is net weight times unit price, rounded half up, to the fen.",
        judge=_amount,
    ),
    Statement(
        number="W12",
        text="voids_seq names an earlier sale of the journal, of the same net weight and amount, once.",
        judge=_voids,
    ),
)
