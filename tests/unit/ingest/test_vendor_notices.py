"""Who is told whose stall a scale stands on: each change once, and again whoever comes anew."""

from datetime import UTC, datetime
from typing import Literal

from db.scale_holders import ScaleHolder
from domain.ids import AgentId, MarketId, ScaleId, StallId, VendorId
from ingest.vendor_notices import Said, VendorNotices, said_of
from messages.notices import decode_notice, encode_notice
from messages.status import AgentStatus, ScaleStatus

MARKET, OTHER = MarketId("m1"), MarketId("m2")
ONE, TWO = ScaleId("S-1"), ScaleId("S-2")
AGENT = AgentId("gw-1")
NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
GOOD = Said("A-1", "阿珍海鲜", "A")
WORSE = Said("A-1", "阿珍海鲜", "B")


def holder(name: str = "阿珍海鲜", stall: str = "A-1") -> ScaleHolder:
    return ScaleHolder(scale_id=ONE, stall_id=StallId(stall), vendor_id=VendorId("V-1"), vendor_name=name)


def agent(state: str = "online", uptime_s: int | None = 5, scales: tuple[str, ...] = (ONE,)) -> AgentStatus:
    return AgentStatus(
        state="online" if state == "online" else "offline", at=NOON, scales=list(scales), uptime_s=uptime_s
    )


def scale(state: Literal["online", "offline"] = "online", agent_id: str = "") -> ScaleStatus:
    return ScaleStatus(state=state, at=NOON, agent_id=agent_id)


def told(notices: VendorNotices) -> dict[str, Said]:
    return {scale_id: said for (_market, scale_id), said in notices.due()}


def knowing(said: Said = GOOD) -> VendorNotices:
    notices = VendorNotices()
    notices.hold(MARKET, {ONE: said})
    return notices


def test_nobody_is_told_who_is_not_there() -> None:
    assert told(knowing()) == {}


def test_a_scale_is_told_when_its_agent_comes_and_only_once() -> None:
    notices = knowing()
    notices.agent_said(MARKET, AGENT, agent())
    assert told(notices) == {ONE: GOOD}
    notices.agent_said(MARKET, AGENT, agent(uptime_s=65))
    assert told(notices) == {}


def test_a_change_is_told_and_what_did_not_change_is_not() -> None:
    notices = knowing()
    notices.hold(MARKET, {ONE: GOOD, TWO: GOOD})
    notices.agent_said(MARKET, AGENT, agent(scales=(ONE, TWO)))
    assert told(notices) == {ONE: GOOD, TWO: GOOD}
    notices.hold(MARKET, {ONE: WORSE, TWO: GOOD})
    assert told(notices) == {ONE: WORSE}


def test_an_agent_that_started_anew_knows_nothing_any_more() -> None:
    notices = knowing()
    notices.agent_said(MARKET, AGENT, agent(uptime_s=600))
    told(notices)
    notices.agent_said(MARKET, AGENT, agent(uptime_s=2))
    assert told(notices) == {ONE: GOOD}


def test_an_agent_that_was_offline_may_have_missed_something() -> None:
    notices = knowing()
    notices.agent_said(MARKET, AGENT, agent(uptime_s=600))
    told(notices)
    notices.agent_said(MARKET, AGENT, agent("offline"))
    notices.hold(MARKET, {ONE: WORSE})
    assert told(notices) == {}
    notices.agent_said(MARKET, AGENT, agent(uptime_s=700))
    assert told(notices) == {ONE: WORSE}


def test_a_new_broker_tells_anew_who_is_there() -> None:
    notices = knowing()
    notices.agent_said(MARKET, AGENT, agent())
    told(notices)
    notices.forget_who_is_there()
    assert told(notices) == {}
    notices.agent_said(MARKET, AGENT, agent(uptime_s=65))
    assert told(notices) == {ONE: GOOD}


def test_a_scale_without_an_agent_speaks_for_itself() -> None:
    notices = knowing()
    notices.scale_said(MARKET, ONE, scale())
    assert told(notices) == {ONE: GOOD}
    notices.scale_said(MARKET, ONE, scale("offline"))
    notices.scale_said(MARKET, ONE, scale())
    assert told(notices) == {ONE: GOOD}


def test_a_silent_scale_of_an_agent_that_is_there_is_told() -> None:
    """The page hangs at the stall, whether the scale is switched on or not."""
    notices = knowing()
    notices.agent_said(MARKET, AGENT, agent())
    notices.scale_said(MARKET, ONE, scale("offline", agent_id=AGENT))
    assert told(notices) == {ONE: GOOD}


def test_a_scale_that_nobody_registered_and_one_of_another_market_are_told_nothing() -> None:
    notices = knowing()
    notices.agent_said(MARKET, AGENT, agent(scales=("S-9",)))
    notices.agent_said(OTHER, AGENT, agent())
    assert told(notices) == {}


def test_what_is_said_is_the_stall_the_vendor_and_the_tier() -> None:
    assert said_of(holder(), {VendorId("V-1"): "B"}) == WORSE
    assert said_of(holder(), {}).credit_tier == ""


def test_a_scale_on_nobodys_stall_says_nothing() -> None:
    nobodys = ScaleHolder(scale_id=ONE, stall_id=None, vendor_id=None, vendor_name=None)
    assert said_of(nobodys, {VendorId("V-1"): "A"}) == Said("", "", "")


def test_whatever_a_vendor_is_called_makes_a_notice_that_a_device_takes() -> None:
    said = said_of(holder(name="阿\x00珍\n" + "鱼" * 500, stall="A" * 200), {VendorId("V-1"): "much too long"})
    notice = said.as_notice(NOON)
    assert decode_notice(encode_notice(notice)) == notice
    assert said.vendor_name.startswith("阿珍鱼")
