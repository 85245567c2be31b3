"""What the log says of held messages: each while they are few, how many when they are not."""

from collections.abc import Sequence
from typing import Any

from structlog.testing import capture_logs

from db.quarantine import HeldMessage
from ingest.held_log import HeldLog
from tests.factories import NOW, topic

START = 1000.0


def held(*reasons: str) -> list[HeldMessage]:
    return [
        HeldMessage(topic=topic(), payload=b"%d" % n, reason=reason, explanation="no JSON", received_at=NOW)
        for n, reason in enumerate(reasons)
    ]


def told(log: HeldLog, messages: Sequence[HeldMessage], now_s: float) -> list[Any]:
    with capture_logs() as lines:
        log.tell(messages, now_s)
    return [line.get("reason", line.get("reasons")) for line in lines]


def test_a_few_have_a_line_each_with_the_name_they_have_in_quarantine() -> None:
    messages = held("not_json", "bad_field")
    with capture_logs() as lines:
        HeldLog().tell(messages, START)
    assert [(line["held_id"], line["reason"]) for line in lines] == [
        (one.identity.hex(), one.reason) for one in messages
    ]


def test_beyond_a_second_s_lines_they_are_counted_and_the_count_is_told_when_it_is_over() -> None:
    log = HeldLog(most_lines=3)
    assert told(log, held("not_json", "not_json"), START) == ["not_json", "not_json"]
    assert told(log, held("bad_field", "bad_field", "not_json"), START + 0.5) == ["bad_field"]
    assert told(log, held("not_json"), START + 0.99) == []
    assert told(log, [], START + 0.999) == []
    assert told(log, held("not_json"), START + 1) == [{"bad_field": 1, "not_json": 2}, "not_json"]
    assert told(log, [], START + 9) == []


def test_the_count_is_told_though_nothing_more_comes() -> None:
    log = HeldLog(most_lines=1)
    told(log, held("not_json", "not_json"), START)
    with capture_logs() as lines:
        log.tell_others(START + 0.9)
        log.tell_others(START + 1)
        log.tell_others(START + 2)
    assert [(line["event"], line["messages"]) for line in lines] == [("more held in quarantine", 1)]


def test_a_fault_of_our_own_is_told_before_a_flood() -> None:
    log = HeldLog(most_lines=2)
    with capture_logs() as lines:
        log.tell(held("not_json", "not_json", "our_bug"), START)
    assert [(line["reason"], line["log_level"]) for line in lines] == [("our_bug", "error"), ("not_json", "info")]
