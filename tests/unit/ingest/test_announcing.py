"""Each market is told the list that binds it and what comes next, the same by every worker."""

from dataclasses import replace
from datetime import timedelta

from db.cap_announcements import ListToAnnounce
from domain.ids import MarketId
from domain.price_cap import CapList, Channel
from ingest.announcing import Scope, announcements
from messages.caps import MAX_COMING, Announcement, decode_caps
from messages.limits import MAX_PAYLOAD_BYTES
from tests.announcements import DAY, MIDNIGHT, NOON, item

SANYA = MarketId("sanya-1")
HAIKOU = MarketId("haikou-1")
SCOPES: list[Scope] = [(SANYA, "sanya", Channel.EATERY), (HAIKOU, "haikou", Channel.EATERY)]


def published(
    list_id: int, *, begins_after: timedelta = -DAY / 2, items: int = 1, area: str = "sanya"
) -> ListToAnnounce:
    begins = MIDNIGHT - DAY / 2 + begins_after
    return ListToAnnounce(
        cap_list=CapList(
            cap_list_id=list_id,
            area=area,
            channel=Channel.EATERY,
            effective_from=begins,
            effective_to=begins + DAY,
            items=tuple(item(f"F{n:020d}", 23000 + n, list_id=list_id, grade="大") for n in range(items)),
        ),
        source="s",
        authority="a",
        document_no="d",
        is_demonstration=False,
        loaded_at=NOON - DAY,
    )


TODAY = published(1)
TOMORROW = published(2, begins_after=DAY / 2)


def told(*lists: ListToAnnounce) -> dict[MarketId, Announcement]:
    found = announcements(SCOPES, lists, NOON)
    return {market_id: decode_caps(payload) for market_id, payload in found.payloads.items()}


def ids(announcement: Announcement) -> tuple[int | None, list[int]]:
    in_force = announcement.in_force
    now = None if in_force is None else in_force.cap_list.cap_list_id
    return now, [one.cap_list.cap_list_id for one in announcement.coming]


def test_a_market_is_told_its_own_list_and_the_next() -> None:
    found = told(TODAY, TOMORROW, published(3, area="haikou"))
    assert {market_id: ids(one) for market_id, one in found.items()} == {SANYA: (1, [2]), HAIKOU: (3, [])}
    in_force = found[SANYA].in_force
    assert in_force is not None
    assert in_force.cap_list == TODAY.cap_list
    assert in_force.published_at == TODAY.loaded_at


def test_a_market_without_a_list_is_told_so() -> None:
    assert told() == {SANYA: Announcement(in_force=None), HAIKOU: Announcement(in_force=None)}
    assert ids(told(TOMORROW)[SANYA]) == (None, [2])


def test_the_next_change_is_when_a_list_begins_or_ends() -> None:
    assert announcements(SCOPES, [TODAY, TOMORROW], NOON).until == MIDNIGHT
    assert announcements(SCOPES, [TODAY], NOON).until == MIDNIGHT
    assert announcements(SCOPES, [TODAY], MIDNIGHT).until is None
    assert ids(decode_caps(announcements(SCOPES, [TODAY, TOMORROW], MIDNIGHT).payloads[SANYA])) == (2, [])


def test_what_does_not_fit_is_left_out_from_the_far_end() -> None:
    large = [replace_id(published(1, items=1100), n) for n in range(1, 5)]
    found = announcements(SCOPES, large, NOON)
    now, coming = ids(decode_caps(found.payloads[SANYA]))
    assert now == 1
    assert coming == [2]
    assert all(len(payload) <= MAX_PAYLOAD_BYTES for payload in found.payloads.values())
    many = [TODAY, *(published(n, begins_after=n * DAY) for n in range(2, MAX_COMING + 5))]
    assert len(ids(told(*many)[SANYA])[1]) == MAX_COMING


def replace_id(one: ListToAnnounce, list_id: int) -> ListToAnnounce:
    begins = one.cap_list.effective_from + (list_id - 1) * DAY
    return replace(
        one,
        cap_list=replace(one.cap_list, cap_list_id=list_id, effective_from=begins, effective_to=begins + DAY),
    )


def test_a_list_no_device_could_take_is_named_and_the_other_markets_are_told() -> None:
    large = announcements(SCOPES, [published(1, items=4000), published(2, area="haikou")], NOON)
    assert set(large.payloads) == {HAIKOU}
    assert [(one.cap_list_id, "expected at most 262144" in one.problem) for one in large.untold] == [(1, True)]
    wordy = announcements(SCOPES, [replace(TODAY, authority="a" * 501)], NOON)
    assert set(wordy.payloads) == {HAIKOU}
    assert "authority is" in wordy.untold[0].problem


def test_a_list_to_come_that_no_device_could_take_costs_nobody_todays() -> None:
    found = announcements(SCOPES, [TODAY, replace(TOMORROW, document_no="\x00")], NOON)
    assert ids(decode_caps(found.payloads[SANYA])) == (1, [])
    assert [one.cap_list_id for one in found.untold] == [2]


def test_two_workers_say_the_same_bytes_whenever_they_look() -> None:
    first, second = (announcements(SCOPES, [TODAY, TOMORROW], NOON + n * timedelta(minutes=7)) for n in (0, 1))
    assert first.payloads == second.payloads
