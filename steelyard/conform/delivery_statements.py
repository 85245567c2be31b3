"""Statements about receipts, connections and statuses: R, C and S."""

import json
from collections.abc import Callable, Iterator
from typing import Final

from domain.errors import BadMessage
from messages.status import decode_agent_status, decode_scale_status
from messages.topics import ROOT, ScaleChannel, ScaleTopic
from steelyard.conform.connect_packet import ConnectPacket
from steelyard.conform.statements import Finding, Statement, kept, no_breach, not_in_time, unseen
from steelyard.conform.transcript import Act, Line, Message, Transcript

Judge = Callable[[Transcript], Finding]
Breach = Callable[[Transcript, ConnectPacket], str]

GRACE_S: Final = 5.0  # what is on its way when a receipt is given may still arrive
_LONGEST_KEEP_ALIVE_S: Final = 60
_MQTT_VERSIONS: Final = {4: "3.1.1", 5: "5"}


def _sent_again(transcript: Transcript) -> Finding:
    """A weighing without a receipt comes again; the connection need not have been lost for that."""
    withheld = transcript.did(Act.WITHHOLD)
    if not withheld:
        return unseen("receipts were never withheld")
    ends = [deed.at for deed in transcript.did(Act.CUT, Act.RECEIPT) if deed.at > withheld[0].at]
    until = min(ends, default=transcript.ended_at)
    waiting = [
        line
        for line in transcript.first_lines.values()
        if line.at < until and not _has_receipt(transcript, line, withheld[0].at)
    ]
    if not waiting:
        return unseen("nothing was weighed while receipts were withheld")
    again = [line for line in waiting if _came_after(transcript, line, line.at)]
    if not again:
        since = max(withheld[0].at, min(line.at for line in waiting))
        lacking = f"{len(waiting)} weighings waited for their receipt, and none was sent again"
        return not_in_time(transcript, lacking, since=since, until=until)
    return kept(f"{len(again)} of {len(waiting)} weighings that waited for a receipt were sent again")


def _silent_after_receipt(transcript: Transcript) -> Finding:
    receipts = transcript.did(Act.RECEIPT)
    late = (
        f"journal {line.journal_id}, seq {line.weighing.seq} came again more than {GRACE_S:.0f} s after its receipt"
        for line in transcript.lines
        if line.weighing is not None
        and line is not transcript.first_lines[line.journal_id, line.weighing.seq]
        and transcript.committed_at(line.journal_id, line.at - GRACE_S) >= line.weighing.seq
    )
    return no_breach(late, receipts, "receipts")


def _deaf_to(act: Act) -> Judge:
    """A receipt that cannot be meant changes nothing: what waits is still sent again, and new weighings come."""

    def judge(transcript: Transcript) -> Finding:
        deeds = transcript.did(act)
        if not deeds:
            return unseen("none was given")
        since = deeds[0].at
        waiting = [
            line
            for line in transcript.first_lines.values()
            if line.at < since and not _has_receipt(transcript, line, since)
        ]
        if not waiting:
            return unseen("nothing waited for a receipt then")
        again = [line for line in waiting if _came_after(transcript, line, since)]
        if again:
            return kept(f"{len(again)} of {len(waiting)} weighings that waited were sent again afterwards")
        lacking = f"none of the {len(waiting)} weighings that waited was sent again afterwards"
        return not_in_time(transcript, lacking, since=since, until=_next_receipt(transcript, since))

    return judge


def _resent_after_cut(transcript: Transcript) -> Finding:
    cuts = transcript.did(Act.CUT)
    for cut in cuts:
        waiting = [
            line
            for line in transcript.first_lines.values()
            if line.at < cut.at and not _has_receipt(transcript, line, cut.at)
        ]
        lost = [line for line in waiting if not _came_after(transcript, line, cut.at)]
        if lost:
            lacking = f"{len(lost)} of {len(waiting)} weighings without a receipt did not come again after the cut"
            return not_in_time(transcript, lacking, since=cut.at, until=_next_receipt(transcript, cut.at))
    return no_breach(iter(()), cuts, "cuts")


def _reconnects(transcript: Transcript) -> Finding:
    cuts = transcript.did(Act.CUT)
    for cut in cuts:
        if not any(session.opened_at > cut.at for session in transcript.sessions):
            lacking = "no new connection came after the cut"
            return not_in_time(transcript, lacking, since=cut.at, until=transcript.ended_at)
    return no_breach(iter(()), cuts, "cuts")


def _each_connect(transcript: Transcript, breach: Breach) -> Finding:
    if not transcript.is_between:
        return unseen("the device did not connect through the check (--listen)")
    read = [session.connect for session in transcript.sessions if session.connect is not None]
    unread = (session.problem for session in transcript.sessions if session.problem)
    breaches = (said for connect in read if (said := breach(transcript, connect)))
    return no_breach(iter([*unread, *breaches]), transcript.sessions, "connections")


def _version(_transcript: Transcript, connect: ConnectPacket) -> str:
    return "" if connect.version in _MQTT_VERSIONS else f"protocol level {connect.version}; expected 4 or 5"


def _keep_alive(_transcript: Transcript, connect: ConnectPacket) -> str:
    if 0 < connect.keep_alive_s <= _LONGEST_KEEP_ALIVE_S:
        return ""
    return f"keep alive is {connect.keep_alive_s} s; expected 1 to {_LONGEST_KEEP_ALIVE_S}"


def _client_id(_transcript: Transcript, connect: ConnectPacket) -> str:
    return "" if connect.client_id else "the client id is empty; expected one that stays the same"


def _will(transcript: Transcript, connect: ConnectPacket) -> str:
    if connect.will_topic is None:
        return "there is no last will; expected one that says offline"
    ours = f"{ROOT}/{transcript.market_id}/"
    if not (connect.will_topic.startswith(ours) and connect.will_topic.endswith("/status")):
        return f"the last will is for {connect.will_topic!r}; expected a status topic of the market"
    if not connect.will_retained:
        return "the last will is not retained; expected it to be"
    return "" if _state(connect.will_payload) == "offline" else "the last will does not say state offline"


def _statuses(transcript: Transcript) -> Finding:
    messages = _own_statuses(transcript)
    kept_topics = {message.topic for message in messages if message.retained}

    def breaches() -> Iterator[str]:
        for message in messages:
            if problem := _status_problem(message):
                yield f"{message.topic}: {problem}"
        for topic in sorted({message.topic for message in messages} - kept_topics):
            yield f"the broker keeps nothing of {topic}; expected it to be retained"

    return no_breach(breaches(), messages, "status messages")


def _offline_when_cut(transcript: Transcript) -> Finding:
    cuts = transcript.did(Act.CUT)
    if not cuts:
        return unseen("the connection was not cut")
    offline = [
        message
        for message in _own_statuses(transcript)
        if message.at > cuts[0].at and _state(message.payload) == "offline"
    ]
    if offline:
        return kept(f"{offline[0].topic} said offline")
    lacking = "nothing said offline after the cut"
    return not_in_time(transcript, lacking, since=cuts[0].at, until=transcript.ended_at)


def _own_statuses(transcript: Transcript) -> list[Message]:
    """The scale's, and its agent's: that of its last wills, or any where its connections were not seen."""
    own = {str(ScaleTopic(transcript.market_id, transcript.scale_id, ScaleChannel.STATUS))}
    own |= {one.connect.will_topic for one in transcript.sessions if one.connect and one.connect.will_topic}
    return [
        message
        for message in transcript.messages
        if message.topic.endswith("/status") and (message.topic in own or not transcript.is_between)
    ]


def _status_problem(message: Message) -> str:
    decode = decode_agent_status if "/agents/" in message.topic else decode_scale_status
    try:
        decode(message.payload)
    except BadMessage as error:
        return str(error)
    return ""


def _state(payload: bytes) -> str:
    try:
        document = json.loads(payload)
    except ValueError:
        return ""
    return str(document.get("state", "")) if isinstance(document, dict) else ""


def _came_after(transcript: Transcript, line: Line, at: float) -> bool:
    return any(other.at > at and other.body == line.body for other in transcript.lines)


def _next_receipt(transcript: Transcript, at: float) -> float:
    """Until when something may wait in vain: what has its receipt need not come again."""
    return min((deed.at for deed in transcript.did(Act.RECEIPT) if deed.at > at), default=transcript.ended_at)


def _has_receipt(transcript: Transcript, line: Line, at: float) -> bool:
    return line.weighing is not None and transcript.committed_at(line.journal_id, at) >= line.weighing.seq


def _connect_statement(number: str, text: str, breach: Breach) -> Statement:
    return Statement(number=number, text=text, judge=lambda transcript: _each_connect(transcript, breach))


DELIVERY_STATEMENTS = (
    Statement(number="R1", text="What stays without a receipt is sent again, byte for byte.", judge=_sent_again),
    Statement(number="R2", text="What has its receipt is not sent again.", judge=_silent_after_receipt),
    Statement(
        number="R3",
        text="A receipt for another journal changes nothing.",
        judge=_deaf_to(Act.FOREIGN_RECEIPT),
    ),
    Statement(
        number="R4",
        text="A receipt for weighings that were never made changes nothing.",
        judge=_deaf_to(Act.RECEIPT_AHEAD),
    ),
    Statement(
        number="R5",
        text="A receipt that cannot be read changes nothing and ends nothing.",
        judge=_deaf_to(Act.BROKEN_RECEIPT),
    ),
    _connect_statement("C1", "The device speaks MQTT 5 or 3.1.1.", _version),
    _connect_statement("C2", "The device has a client id of its own.", _client_id),
    _connect_statement("C3", "Keep alive is 1 to 60 s, so that a half-open connection is noticed.", _keep_alive),
    _connect_statement("C4", "The last will is a retained status that says offline.", _will),
    Statement(number="C5", text="A device that is cut off connects again.", judge=_reconnects),
    Statement(
        number="C6",
        text="After a new connection everything without a receipt is sent again.",
        judge=_resent_after_cut,
    ),
    Statement(number="S1", text="Statuses are retained and can be read.", is_must=False, judge=_statuses),
    Statement(
        number="S2",
        text="A device whose connection is cut is said to be offline.",
        is_must=False,
        judge=_offline_when_cut,
    ),
)
