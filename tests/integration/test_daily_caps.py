"""From a day's references to a list that judges: imported, calculated, drafted, published, and what vendors paid."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection, errors

from db import caps, exemptions, markup_rates, purchase_records, wholesale
from db.purchase_records import Which
from domain.errors import IllegalTransition, NotFound, RuleViolation
from domain.ids import MarketId, SpeciesCode, VendorId
from domain.price_cap import CapStatus, CapUnit, Channel
from domain.purchase import PurchaseState, SlipProblem
from domain.units import Fen
from domain.wholesale import MarkupRate, WholesaleReference
from ingest.batch import take_batch
from pricing import exempting, publishing, purchase_entry
from pricing.exempting import Grant
from pricing.policy import read_rules_policy
from pricing.price_book import BookKeeper
from pricing.price_sources import DayOf, calculated_day, draft_day, end_rate, import_rates, import_references
from pricing.purchase_entry import BadSlip, Slip
from steelyard.resources import policy_directory
from tests.factories import MARKET, NOW, delivery, message, put_market, weighing

POLICY = read_rules_policy(policy_directory() / "rules.toml")
TODAY = date(2026, 11, 22)
YESTERDAY = TODAY - timedelta(days=1)
OF_TODAY = DayOf(area="sanya", channel=Channel.EATERY, day=TODAY)
JPEG = b"\xff\xd8\xff\xe0slip\xff\xd9"


def reference(species: str, yuan: int | None, day: date = YESTERDAY) -> WholesaleReference:
    return WholesaleReference(
        species=SpeciesCode(species),
        grade="",
        day=day,
        price_fen=None if yuan is None else Fen(yuan * 200),
        unit=CapUnit.KG,
        published_as="/" if yuan is None else f"{yuan} yuan/500 g",
        source="the monitoring centre",
    )


#: 115, out of stock, above the ceiling of 300.
REFERENCES = (reference("F01", 36), reference("F02", None), reference("X01", 301))


def fish_rate(since: date = date(2026, 1, 1), until: date | None = None, percent: int = 190) -> MarkupRate:
    return MarkupRate(
        category="fish",
        valid_from=since,
        valid_until=until,
        markup_permille=percent * 10,
        allowance_permille=100,
        ceiling_fen_per_kg=60000,
        source="the bureau",
    )


@pytest.fixture
def market(conn: Connection) -> Connection:
    """A market without a list, with yesterday's references and a rate for fish."""
    put_market(conn, with_caps=False)
    import_rates(conn, "sanya", [fish_rate()], by="a", at=NOW)
    import_references(conn, "sanya", YESTERDAY, REFERENCES, by="a", at=NOW)
    conn.commit()
    return conn


@pytest.fixture
def listed(market: Connection) -> Connection:
    """The same with today's list, calculated and published."""
    publishing.publish(market, draft_day(market, OF_TODAY, by="a", at=NOW), by="b", at=NOW)
    market.commit()
    return market


def judged(conn: Connection, *elements: bytes, scale: str = "S-1", at: datetime = NOW) -> list[tuple[str, Any]]:
    """Store weighings, each with the journal of its own; return their verdicts and caps in order."""
    row = conn.execute("SELECT count(*) FROM weighings").fetchone()
    batch = f"after-{row[0] if row else 0}"
    deliveries = [
        delivery(message(element, journal=f"{batch}-{n}"), scale=scale, at=at) for n, element in enumerate(elements)
    ]
    take_batch(conn, deliveries, books=BookKeeper(), policy=POLICY, now=at)
    query = "SELECT verdict, cap_fen FROM weighings WHERE starts_with(journal_id, %s) ORDER BY weighed_at, journal_id"
    return conn.execute(query, [batch]).fetchall()


def enter(conn: Connection, **changed: Any) -> int:
    values: dict[str, Any] = {
        "market_id": MARKET,
        "vendor_id": VendorId("V-1"),
        "species": "老虎斑",
        "grade": "",
        "purchased_on": TODAY,
        "price": "40",
        "unit": "500g",
        "slip_no": "N-1",
    }
    return purchase_entry.enter(conn, Slip(**{**values, **changed}), by="manager", at=NOW)


def test_a_day_is_calculated_drafted_and_published_by_a_second_person(market: Connection) -> None:
    drafted = draft_day(market, OF_TODAY, by="ann", at=NOW)
    assert caps.lists_in_force(market, NOW) == []
    with pytest.raises(RuleViolation, match="drafted by ann; a second person"):
        publishing.publish(market, drafted, by="ann", at=NOW)
    publishing.publish(market, drafted, by="ben", at=NOW)
    (in_force,) = caps.lists_in_force(market, NOW)
    assert in_force.effective_from == datetime(2026, 11, 21, 16, tzinfo=UTC)
    assert in_force.effective_to == datetime(2026, 11, 22, 16, tzinfo=UTC)
    items = wholesale.worked_items(market, drafted)
    assert [(one.species_code, one.status, one.cap_fen, one.markup_permille) for one in items] == [
        ("F01", CapStatus.CAPPED, 23000, None),
        ("F02", CapStatus.OUT_OF_STOCK, None, 1900),
        ("X01", CapStatus.UNCAPPED, None, None),
    ]
    assert items[0].working is not None
    assert (items[0].working["exact_yuan"], items[0].working["rounded_yuan"]) == ("114.84", 115)
    over = weighing(2, unit_price_fen=11501)
    assert judged(market, weighing(1), over, weighing(3, species="X01")) == [
        ("within", 23000),
        ("over", 23000),
        ("uncapped", None),
    ]


def test_the_next_day_says_what_changes_and_what_is_missing(listed: Connection) -> None:
    tomorrow = TODAY + timedelta(days=1)
    import_references(listed, "sanya", TODAY, [reference("F01", 50, TODAY)], by="a", at=NOW)
    found = calculated_day(listed, DayOf(area="sanya", channel=Channel.EATERY, day=tomorrow))
    assert [(one.species, one.kind, one.permille, one.is_large) for one in found.changes] == [
        ("F01", "up", 392, True),
        ("F02", "status", None, False),
        ("X01", "status", None, False),
    ]
    assert [(one.kind, one.species, one.day) for one in found.calculation.problems] == [
        ("missing_reference", "F02", YESTERDAY),
        ("missing_reference", "X01", YESTERDAY),
    ]


def test_what_stops_a_list_leaves_no_draft(market: Connection) -> None:
    market.execute("UPDATE species SET category = 'shrimp' WHERE species_code = 'X01'")
    with pytest.raises(RuleViolation, match=r"1 problem\(s\) stand in the way"):
        draft_day(market, OF_TODAY, by="a", at=NOW)
    with pytest.raises(RuleViolation, match="no market has the area 'sania' with the channel eatery"):
        calculated_day(market, DayOf(area="sania", channel=Channel.EATERY, day=TODAY))
    with pytest.raises(RuleViolation, match="from a day before it"):
        calculated_day(market, DayOf(area="sanya", channel=Channel.EATERY, day=TODAY, references_day=TODAY))
    assert market.execute("SELECT count(*) FROM cap_lists").fetchone() == (0,)


def test_the_same_references_twice_are_kept_once_and_others_only_where_they_may_replace(market: Connection) -> None:
    def keep(references: Sequence[WholesaleReference], *, may_replace: bool = False) -> bool:
        return import_references(market, "sanya", YESTERDAY, references, by="b", at=NOW, may_replace=may_replace)

    assert keep(tuple(reversed(REFERENCES))) is False
    with pytest.raises(RuleViolation, match="has 3 references of 2026-11-21 already"):
        keep(REFERENCES[:1])
    assert keep(REFERENCES[:1], may_replace=True) is True
    assert wholesale.references_of(market, "sanya", YESTERDAY) == [REFERENCES[0]]


def test_rates_never_overlap_and_the_refusal_names_each(market: Connection) -> None:
    with pytest.raises(RuleViolation, match="fish: 2026-01-01 → until it is ended has a rate already"):
        import_rates(market, "sanya", [fish_rate(TODAY)], by="a", at=NOW)
    with pytest.raises(RuleViolation, match="these days are taken"), market.transaction():
        markup_rates.insert(market, "sanya", [fish_rate(TODAY)], by="a", at=NOW)
    end_rate(market, "sanya", "fish", YESTERDAY)
    with pytest.raises(NotFound, match="no rate of fish in sanya holds on 2026-11-21 and goes on"):
        end_rate(market, "sanya", "fish", YESTERDAY)
    import_rates(market, "sanya", [fish_rate(TODAY, percent=140)], by="a", at=NOW)
    assert [(one.valid_from, one.valid_until) for one in markup_rates.rates(market, "sanya")] == [
        (TODAY, None),
        (date(2026, 1, 1), TODAY),
    ]
    (one, *_) = calculated_day(market, OF_TODAY).calculation.items
    assert one.working.markup_permille == 1400


def test_what_is_out_of_stock_is_judged_by_the_vendors_own_accepted_purchase(listed: Connection) -> None:
    """Paid 40 yuan/500 g: capped at 40 x 2.9 = 116 yuan/500 g, for that vendor alone."""
    at_the_cap, above = (
        weighing(1, species="F02", unit_price_fen=11600),
        weighing(2, species="F02", unit_price_fen=11601),
    )
    assert judged(listed, at_the_cap, above) == [("out_of_stock", None)] * 2
    purchase = enter(listed)
    assert judged(listed, at_the_cap, above) == [("out_of_stock", None)] * 2
    purchase_entry.accept(listed, purchase, by="regulator", at=NOW)
    assert judged(listed, at_the_cap, above) == [("within", 23200), ("over", 23200)]
    assert judged(listed, at_the_cap, scale="S-2") == [("out_of_stock", None)]


def test_a_purchase_counts_from_its_day_for_as_long_as_the_policy_says(market: Connection) -> None:
    assert POLICY.purchases.valid_days == 3
    rows = [reference("F01", 36), reference("F02", None)]
    first = date(2026, 11, 18)
    for day in (first + timedelta(days=n) for n in range(6)):
        import_references(market, "sanya", day - timedelta(days=1), rows, by="a", at=NOW, may_replace=True)
        drafted = draft_day(market, DayOf(area="sanya", channel=Channel.EATERY, day=day), by="a", at=NOW)
        publishing.publish(market, drafted, by="b", at=NOW)
    purchase = enter(market, purchased_on=first + timedelta(days=1))
    purchase_entry.accept(market, purchase, by="regulator", at=NOW)
    # Midnight in Sanya is 16:00 UTC: the last second of the 18th, the first of the 19th, and so on.
    moments = [datetime(2026, 11, 18, 15, 59, 59, tzinfo=UTC), datetime(2026, 11, 18, 16, tzinfo=UTC)]
    moments += [datetime(2026, 11, 22, 15, 59, 59, tzinfo=UTC), datetime(2026, 11, 22, 16, tzinfo=UTC)]
    market.execute("UPDATE scale_bindings SET valid = tstzrange('2026-01-01', NULL)")
    elements = [weighing(1, species="F02", weighed_at=moment.isoformat()) for moment in moments]
    assert judged(market, *elements, at=moments[-1]) == [
        ("out_of_stock", None),
        ("within", 23200),
        ("within", 23200),
        ("out_of_stock", None),
    ]


def test_two_purchases_of_which_the_newer_counts_and_a_refused_one_never(listed: Connection) -> None:
    older, newer, refused = enter(listed, purchased_on=YESTERDAY), enter(listed, price="30"), enter(listed, price="10")
    for purchase in (newer, older):
        purchase_entry.accept(listed, purchase, by="regulator", at=NOW)
    purchase_entry.refuse(listed, refused, by="regulator", at=NOW, because="the slip cannot be read")
    assert judged(listed, weighing(1, species="F02", unit_price_fen=8700)) == [("within", 17400)]


def test_a_purchase_is_decided_on_once_by_somebody_else_and_never_changed(market: Connection) -> None:
    purchase = enter(market, photo=JPEG, slip_no="", unit="kg", price="80.5")
    with pytest.raises(RuleViolation, match="entered by manager; a second person"):
        purchase_entry.accept(market, purchase, by="manager", at=NOW)
    with pytest.raises(RuleViolation, match="refused for a reason"):
        purchase_entry.refuse(market, purchase, by="regulator", at=NOW, because=" ")
    decided = purchase_entry.refuse(market, purchase, by="regulator", at=NOW, because="blurred")
    assert (decided.state, decided.decided_by, decided.note) == (PurchaseState.REFUSED, "regulator", "blurred")
    assert (decided.price_fen, decided.published_as, decided.has_photo) == (8050, "80.5 yuan/kg", True)
    with pytest.raises(IllegalTransition):
        purchase_entry.accept(market, purchase, by="regulator", at=NOW)
    with pytest.raises(NotFound):
        purchase_entry.accept(market, purchase + 1, by="regulator", at=NOW)
    assert purchase_records.photo(market, purchase) == (JPEG, "image/jpeg")
    for statement in ("UPDATE purchase_records SET price_fen = 1", "DELETE FROM purchase_records"):
        with pytest.raises(errors.RestrictViolation), market.transaction():
            market.execute(statement.encode())
    entered = enter(market)
    with pytest.raises(errors.CheckViolation) as refused, market.transaction():
        purchase_records.decide(market, entered, PurchaseState.ACCEPTED, by="manager", at=NOW, note="")
    assert refused.value.diag.constraint_name == "purchase_records_decided_by_a_second"


def test_a_slip_is_refused_with_every_problem_at_once(market: Connection) -> None:
    tomorrow = TODAY + timedelta(days=1)
    with pytest.raises(BadSlip) as refused:
        enter(market, species="石斑", price="0", purchased_on=tomorrow, slip_no="", photo=b"<svg>")
    assert refused.value.problems == (
        (SlipProblem.BAD_PRICE, "0"),
        (SlipProblem.IN_THE_FUTURE, "2026-11-23"),
        (SlipProblem.NO_PHOTO, ""),
        (SlipProblem.UNKNOWN_SPECIES, "石斑"),
    )
    with pytest.raises(BadSlip) as bare:
        enter(market, unit="lb", purchased_on=None, slip_no=" ", grade="x" * 65)
    assert [problem for problem, _ in bare.value.problems] == [
        *(SlipProblem.BAD_UNIT, SlipProblem.BAD_DAY, SlipProblem.NO_PROOF, SlipProblem.TOO_LONG)
    ]
    with pytest.raises(BadSlip, match="no vendor 'V-9'"):
        enter(market, vendor_id=VendorId("V-9"))
    with pytest.raises(NotFound, match="no market 'nowhere'"):
        enter(market, market_id=MarketId("nowhere"))
    assert purchase_records.listed(market, Which()) == []


def exempt(conn: Connection, **changed: Any) -> int:
    values: dict[str, Any] = {
        "market_id": MARKET,
        "vendor_id": VendorId("V-1"),
        "first_day": TODAY,
        "last_day": TODAY,
        "reason": "five stars",
        "document_no": "三发改 [2026] 1",
    }
    return exempting.grant(conn, Grant(**{**values, **changed}), by="regulator", at=NOW)


def test_an_exempt_vendor_is_uncapped_exactly_within_the_dates(listed: Connection) -> None:
    exempt(listed)
    listed.execute(
        "UPDATE cap_lists SET declared = tstzrange('2026-01-01', NULL), effective = tstzrange('2026-01-01', NULL)"
    )
    listed.execute("UPDATE scale_bindings SET valid = tstzrange('2026-01-01', NULL)")
    begins, ends = datetime(2026, 11, 21, 16, tzinfo=UTC), datetime(2026, 11, 22, 16, tzinfo=UTC)
    second = timedelta(seconds=1)
    dear = [
        weighing(1, unit_price_fen=99900, weighed_at=moment.isoformat())
        for moment in (begins - second, begins, ends - second, ends)
    ]
    assert judged(listed, *dear, at=ends) == [("over", 23000), ("uncapped", None), ("uncapped", None), ("over", 23000)]
    assert judged(listed, dear[1], scale="S-2", at=ends) == [("over", 23000)]


def test_a_revoked_exemption_ends_at_that_moment_and_stays_on_record(listed: Connection) -> None:
    number = exempt(listed, last_day=None)
    dear = weighing(1, unit_price_fen=99900)
    assert judged(listed, dear) == [("uncapped", None)]
    exempting.revoke(listed, number, by="admin", at=NOW, because="the stars are gone")
    assert judged(listed, dear) == [("over", 23000)]
    (kept,) = exemptions.listed(listed)
    assert (kept.until, kept.granted_until, kept.revoked_by) == (NOW, None, "admin")
    with pytest.raises(IllegalTransition):
        exempting.revoke(listed, number, by="admin", at=NOW, because="again")


def test_an_exemption_revoked_before_it_began_never_holds(market: Connection) -> None:
    number = exempt(market, first_day=TODAY + timedelta(days=9), last_day=None)
    exempting.revoke(market, number, by="admin", at=NOW, because="a mistake")
    (kept,) = exemptions.listed(market, market_id=MARKET)
    assert (kept.until, kept.holds_at(kept.since)) == (kept.since, False)
    assert caps.exemptions(market) == []


def test_exemptions_are_refused_without_a_reason_a_document_or_where_they_overlap(market: Connection) -> None:
    exempt(market)
    for changed, said in (
        ({"reason": " ", "document_no": ""}, "for a reason: say which; an exemption rests on a document"),
        ({"last_day": YESTERDAY}, "would end on 2026-11-21, before 2026-11-22"),
        ({"first_day": YESTERDAY}, "V-1 is exempt in a part of that time already"),
        ({"vendor_id": VendorId("V-9")}, "no vendor 'V-9'"),
        ({"market_id": MarketId("nowhere")}, "no market 'nowhere'"),
    ):
        with pytest.raises(RuleViolation, match=said):
            exempt(market, **changed)
    with pytest.raises(RuleViolation, match="cannot end in the past"):
        exempting.revoke(market, 1, by="a", at=NOW, because="b", ends=NOW - timedelta(seconds=1))
    with pytest.raises(NotFound):
        exempting.revoke(market, 99, by="a", at=NOW, because="b")
