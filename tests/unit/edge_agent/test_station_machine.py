"""Whatever a scale and a keypad say, in whatever order: the station answers, and what it records can be sent."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.device_event import EventKind
from domain.ids import ScaleId, SpeciesCode
from domain.units import Fen, Grams, PriceUnit
from domain.weighing import TareKind, Weighing
from edge_agent.caps.cap_book import CapBook
from edge_agent.config.scale_config import ScaleConfig
from edge_agent.drivers.protocol import ScaleDriver
from edge_agent.station import Station
from edge_agent.weighing.goods import Goods
from edge_agent.weighing.moments import Moment
from edge_agent.weighing.outcomes import Outcome
from edge_agent.weighing.readings import Condition, DeviceSaid, DeviceSale, Garbage, Heard, Identity, NoWeight, Reading
from edge_agent.weighing.recording import Draft
from edge_agent.weighing.stability import Phase
from messages.weighings import decode_weighing, encode_weighing
from tests.announcements import NOON, announced, item

GOODS = (
    Goods(plu="2001", species=SpeciesCode("F01"), name="东星斑"),
    Goods(plu="2002", species=SpeciesCode("S01"), unit_price_fen=Fen(5000)),
    Goods(plu="7", species=SpeciesCode("L01"), unit_price_fen=Fen(1500), by_piece=True),
)
BOOK = CapBook((announced(item("F01", 10_000), item("L01", 9000)),))

grams = st.sampled_from([-500, -5, 0, 5, 50, 100, 500, 505, 900, 14_000, 99_999]).map(Grams)
prices = st.sampled_from([0, 1, 9000, 9900, 100_000_000]).map(Fen)
pieces = st.sampled_from([None, 0, 1, 3, 9999])
readings = st.builds(
    Reading,
    net_g=grams,
    stable=st.sampled_from([None, True, True, False]),
    unit_price_fen=st.none() | prices,
    amount_fen=st.none() | prices,
    tare_g=st.none() | grams,
    tare_kind=st.none() | st.sampled_from(TareKind),
    pieces=pieces,
    is_new_load=st.sampled_from([False, False, True]),
)
sales = st.builds(
    DeviceSale,
    number=st.none() | st.integers(1, 3),
    plu=st.sampled_from(["2001", "7", "9"]),
    net_g=grams.filter(lambda g: g >= 0),
    unit_price_fen=st.none() | prices,
    price_unit=st.sampled_from(PriceUnit),
    pieces=pieces,
)
heard = st.one_of(
    readings,
    readings,
    sales,
    st.sampled_from(Condition).map(NoWeight),
    st.sampled_from(EventKind).map(lambda kind: DeviceSaid(kind=kind, detail="30 g")),
    st.builds(Identity, serial=st.sampled_from(["", "1", "2"]), firmware=st.sampled_from(["", "1.0"])),
    st.just(Garbage(reason="torn", data=b"?")),
)
ORDERS = b"2001 2002 7/3 *98.50 2001*120 - -- +2002 +*80 +/2 /9999 2001*1000000 abc".split()
keys = st.lists(st.sampled_from(ORDERS), min_size=1, max_size=2).map(lambda lines: b"\r".join(lines) + b"\r")
steps = st.lists(
    st.one_of(
        st.tuples(st.just("scale"), st.lists(heard, max_size=4), st.integers(1, 4)),
        st.tuples(st.just("keypad"), keys, st.just(1)),
        st.tuples(st.sampled_from(["opened", "goods", "clock"]), st.none(), st.just(1)),
    ),
    max_size=40,
)


class Said(ScaleDriver):
    """A driver whose scale says what a test says."""

    def __init__(self) -> None:
        self.now: list[Heard] = []

    def feed(self, data: bytes) -> list[Heard]:
        return self.now

    def reset(self) -> None:
        self.now = []


class Book:
    """A journal's last sales, as far as voids go: which sale stands, and that a void takes the last."""

    def __init__(self) -> None:
        self.standing: list[Weighing] = []

    def take(self, drafts: list[Draft]) -> None:
        for draft in drafts:
            if draft.voids_last:
                self.standing = self.standing[:-1]
            else:
                self.standing.append(draft.weighing)


def fed(here: Station, what: str, said: object, moment: Moment) -> Outcome:
    if what == "scale":
        assert isinstance(here.driver, Said)
        assert isinstance(said, list)
        here.driver.now = said
        return here.feed_scale(b"", moment)
    if what == "keypad":
        assert isinstance(said, bytes)
        return here.feed_keypad(said, moment)
    if what == "opened":
        here.port_opened()
    if what == "goods":
        here.reconfigure(replace(here.config, goods={"2001": replace(GOODS[0], grade="大")}, tare_g=Grams(30)))
    return Outcome()


def assert_can_be_sent(draft: Draft) -> None:
    if draft.voids_last:
        return  # the journal makes it of the sale it voids
    weighing = replace(draft.weighing, seq=1)
    assert decode_weighing(encode_weighing(weighing)) == weighing
    assert weighing.paid_fen == weighing.amount_fen
    if weighing.gross_g is not None and weighing.tare_g is not None:
        assert weighing.gross_g == weighing.net_g + weighing.tare_g


@settings(max_examples=300, deadline=None)
@given(story=steps, protocol=st.sampled_from(["st_gs_lines", "yaohua_xk3190", "dialog06", "dp401"]))
def test_whatever_is_heard_and_keyed_the_station_answers_and_its_records_can_be_sent(
    story: list[tuple[str, object, int]], protocol: str
) -> None:
    config = ScaleConfig(
        scale_id=ScaleId("SC-001"), protocol=protocol, port="/dev/null", goods={goods.plu: goods for goods in GOODS}
    )
    here = Station(config, standing=None, book=lambda: BOOK, has_page=True)
    here.driver = Said()
    book, moment = Book(), Moment(now=NOON, clock_synced=True, elapsed_s=0.0)
    for what, said, times in story:
        leap = timedelta(days=1) if what == "clock" else timedelta()
        moment = replace(moment, now=moment.now + leap + timedelta(seconds=1), elapsed_s=moment.elapsed_s + 1)
        for _ in range(times):
            outcome = fed(here, what, said, moment)
            for draft in outcome.drafts:
                assert_can_be_sent(draft)
            book.take(outcome.drafts)
            assert (here.pan.sold is not None) == (here.pan.phase in {Phase.RECORDED, Phase.VOIDED})
            if (
                here.pan.phase is Phase.RECORDED
                and here.pan.sold is not None
                and protocol != "dp401"
                and not any(
                    isinstance(one, DeviceSale) for step in story if isinstance(step[1], list) for one in step[1]
                )
            ):
                assert book.standing, "what lies there as sold is a sale that stands"
                sold = book.standing[-1]
                assert (here.pan.sold.net_g, here.pan.sold.unit_price_fen) == (sold.net_g, sold.unit_price_fen)
