"""What a receiver's answer says of each record."""

import json

import pytest

from domain.export import DeliveryState
from supervision.exports.answers import Judged, judge
from supervision.notices.retrying import Outcome

SENT = [("first/V001", 1), ("first/V002", 3)]


def refusing(**said: object) -> Judged:
    refusal = {"record_id": "first/V001", "version": 1, "reason": "no such vendor", **said}
    return judge(Outcome(status=200, said=json.dumps({"refused": [refusal]})), SENT)


def test_a_record_that_is_named_is_refused_and_the_others_are_taken() -> None:
    judged = refusing()
    assert judged.state_of(SENT[0]) == (DeliveryState.REFUSED, "no such vendor")
    assert judged.state_of(SENT[1]) == (DeliveryState.ACCEPTED, "")


@pytest.mark.parametrize("nothing", ["\0", "\ud800", "\n", "\x1b"])
def test_what_no_database_and_no_page_takes_is_left_out_of_a_reason(nothing: str) -> None:
    assert refusing(reason=f"no{nothing}vendor").state_of(SENT[0])[1] == "no vendor"
    assert refusing(reason=nothing).state_of(SENT[0])[1] == "refused without a reason"
    strange = refusing(record_id=f"first{nothing}V9")
    assert strange.error == "the answer refuses first V9 version 1, which was not sent"


def test_a_strange_record_is_told_of_in_short() -> None:
    assert len(refusing(record_id="x" * 10_000).error) == 300


@pytest.mark.parametrize(
    "said", ["{", '{"refused": [{"version": 1}]}', '{"refused": 3}', '{"refused": [{"\\u0000": 1}]}']
)
def test_json_that_is_none_says_nothing(said: str) -> None:
    assert judge(Outcome(status=200, said=said), SENT).error.startswith("the answer cannot be read")
