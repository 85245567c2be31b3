"""`caps`: read as written, the same bytes for the same lists, refused in words where half of it would judge wrongly."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import BadMessage
from domain.price_cap import CapStatus, CapUnit
from messages import limits
from messages.caps import MAX_COMING, MAX_ITEMS, Announcement, decode_caps, encode_caps, with_version
from tests.announcements import DAY, MIDNIGHT, announced, item

TODAY = announced(
    item("F01", 23000),
    item("S01", 9200, grade="大"),
    item("L01", 5000, unit=CapUnit.PIECE),
    item("F02", status=CapStatus.OUT_OF_STOCK),
    item("X01"),
    ends=MIDNIGHT,
)
TOMORROW = announced(item("F01", 24000, list_id=2), list_id=2, begins=MIDNIGHT)


def fields_of(announcement: Announcement) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(encode_caps(announcement))
    return found


def refusal(fields: dict[str, Any]) -> BadMessage:
    with pytest.raises(BadMessage) as refused:
        decode_caps(msgspec.json.encode(fields))
    return refused.value


@pytest.mark.parametrize(
    "announcement",
    [
        Announcement(in_force=TODAY, coming=(TOMORROW,)),
        Announcement(in_force=TODAY),
        Announcement(in_force=None, coming=(TOMORROW,)),
        Announcement(in_force=None),
    ],
)
def test_an_announcement_is_read_as_it_was_written(announcement: Announcement) -> None:
    payload = encode_caps(announcement)
    assert decode_caps(payload) == announcement
    assert encode_caps(decode_caps(payload)) == payload


def test_no_list_in_force_is_said_and_not_left_out() -> None:
    assert fields_of(Announcement(in_force=None)) == {
        "v": 1,
        "version": "none",
        "list_id": None,
        "items": [],
        "next": [],
    }
    for spelt in (b'{"v":1,"list_id":null}', b' { "list_id" : null , "v" : 1 } '):
        assert decode_caps(spelt) == Announcement(in_force=None)
    assert Announcement(in_force=None).version == "none"


def test_a_forgotten_list_id_is_not_taken_for_no_list() -> None:
    fields = fields_of(Announcement(in_force=TODAY))
    del fields["list_id"]
    assert str(refusal(fields)) == "list_id is missing; expected a value"


def test_the_version_moves_with_whatever_the_list_says_and_with_nothing_else() -> None:
    assert TODAY.version.startswith("1-")
    assert with_version(TODAY) == TODAY
    assert announced(item("F01", 23001), ends=MIDNIGHT).version != announced(item("F01", 23000), ends=MIDNIGHT).version
    assert announced(item("F01", 23000), ends=MIDNIGHT).version != announced(item("F01", 23000)).version


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"v": 2}, "v is 2"),
        ({"version": ""}, "version is ''"),
        ({"channel": "restaurant"}, "channel is 'restaurant'; expected one of 'eatery', 'stall'"),
        ({"published_at": "2026-11-22T00:00:00"}, "published_at is '2026-11-22T00:00:00'"),
        ({"effective_to": "2026-11-20T00:00:00Z"}, "expected later than effective_from"),
        ({"list_id": 0}, "list_id is 0"),
        ({"source": "a\x00b"}, "source is 'a\\x00b'; expected text without NUL"),
        ({"items": [{"species": "F01", "status": "capped"}]}, "items[0] is capped with 0 caps"),
        (
            {"items": [{"species": "F01", "status": "uncapped", "cap_fen_per_kg": 1}]},
            "items[0] is uncapped with 1 caps",
        ),
        (
            {"items": [{"species": "F", "status": "capped", "cap_fen_per_kg": 1, "cap_fen_per_piece": 1}]},
            "capped with 2 caps",
        ),
        ({"items": [{"species": "F01", "status": "capped", "cap_fen_per_kg": 0}]}, "cap_fen_per_kg is 0"),
        ({"items": [{"species": "F01", "status": "capped", "cap_fen_per_kg": 1.5}]}, "cap_fen_per_kg is 1.5"),
        ({"items": [{"species": "", "status": "uncapped"}]}, "items[0].species is ''"),
        ({"items": [{"species": "X", "status": "uncapped"}] * 2}, "items[1] is ('X', ''); expected each species"),
        ({"items": [{"species": f"X{n}", "status": "uncapped"} for n in range(MAX_ITEMS + 1)]}, "length <= 5000"),
        ({"next": [{"version": "x"}]}, "next[0].list_id is missing"),
    ],
)
def test_what_cannot_be_used_is_refused_in_words(change: dict[str, Any], says: str) -> None:
    assert says in str(refusal(fields_of(Announcement(in_force=TODAY)) | change))


def test_a_list_to_come_is_checked_as_one_in_force() -> None:
    fields = fields_of(Announcement(in_force=None, coming=(TOMORROW,)))
    fields["next"][0]["items"] = [{"species": "F01", "status": "capped"}]
    assert "next[0].items[0] is capped with 0 caps" in str(refusal(fields))
    fields["next"] = fields["next"] * (MAX_COMING + 1)
    assert refusal(fields).field == "next"


def test_unknown_fields_are_let_through() -> None:
    fields = fields_of(Announcement(in_force=TODAY)) | {"season": "winter"}
    assert decode_caps(msgspec.json.encode(fields)).in_force == TODAY


def test_a_message_beyond_the_contract_s_size_is_refused_unread() -> None:
    with pytest.raises(BadMessage, match="expected at most 262144"):
        decode_caps(b" " * (limits.MAX_PAYLOAD_BYTES + 1))


@given(st.binary(max_size=200) | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(msgspec.json.encode))
def test_no_payload_does_more_than_be_refused(payload: bytes) -> None:
    with pytest.raises(BadMessage):
        decode_caps(payload)


@given(st.integers(1, 10**6), st.integers(1, limits.MAX_PRICE_FEN), st.booleans())
def test_any_item_is_read_as_it_was_written(list_id: int, cap_fen: int, by_piece: bool) -> None:
    unit = CapUnit.PIECE if by_piece else CapUnit.KG
    one = announced(
        item("F01", cap_fen, unit=unit, list_id=list_id), list_id=list_id, begins=MIDNIGHT, ends=MIDNIGHT + DAY
    )
    assert decode_caps(encode_caps(Announcement(in_force=one))).in_force == one
    assert one.cap_list.effective_to == MIDNIGHT + timedelta(days=1)
