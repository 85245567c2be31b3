"""Voids: a record that takes back the last standing sale, with all that the service compares."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.ids import SpeciesCode
from domain.units import Fen, Grams
from domain.weighing import TareKind, Weighing
from edge_agent.journal.entries import void_of
from edge_agent.journal.outbox import Outbox
from edge_agent.weighing.recording import Draft
from messages.weighings import decode_weighing
from tests.strategies import weighings
from tests.unit.edge_agent.test_outbox import NOW, OTHER, SCALE, assert_chained, draft

VOID = replace(draft(net_g=1), voids_last=True)
OF_THE_DRAFT = ("seq", "prev", "weighed_at", "clock_synced", "ticket_no", "stable", "zero_offset_g", "cap_warning")


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    opened = Outbox(tmp_path / "outbox.sqlite")
    yield opened
    opened.close()


def test_a_void_takes_over_the_last_sale_and_is_part_of_the_chain(outbox: Outbox) -> None:
    goods = replace(
        draft().weighing,
        gross_g=Grams(742),
        tare_g=Grams(30),
        tare_kind=TareKind.PRESET,
        pieces=3,
        plu="2031",
        species=SpeciesCode("F01"),
        grade="A",
        name="东星斑",
        amount_fen=Fen(6408),
        discount_fen=Fen(8),
        paid_fen=Fen(6400),
        fee_fen=Fen(500),
    )
    outbox.append([draft(), Draft(scale_id=SCALE, weighing=goods)])
    later = replace(VOID.weighing, weighed_at=NOW + timedelta(seconds=9), ticket_no="T9")
    (void,) = outbox.append([Draft(scale_id=SCALE, weighing=later, voids_last=True)])
    assert void is not None
    assert void == replace(
        goods, seq=3, voids_seq=2, prev=void.prev, weighed_at=NOW + timedelta(seconds=9), ticket_no="T9"
    )
    assert_chained(outbox, SCALE, 3)


@given(sale=weighings(), draft_of_void=weighings())
def test_a_void_says_of_the_goods_what_the_sale_said(sale: Weighing, draft_of_void: Weighing) -> None:
    void = void_of(sale, draft_of_void)
    assert void == replace(sale, voids_seq=sale.seq, **{name: getattr(draft_of_void, name) for name in OF_THE_DRAFT})


def test_without_a_standing_sale_nothing_is_recorded_for_a_void(outbox: Outbox) -> None:
    assert outbox.append([VOID]) == [None]
    assert outbox.journal(SCALE).last_seq == 0
    made = outbox.append([draft(), VOID, VOID, draft(OTHER)])
    assert [None if one is None else (one.seq, one.voids_seq) for one in made] == [(1, None), (2, 1), None, (1, None)]
    assert_chained(outbox, SCALE, 2)


def test_a_correction_is_a_void_and_its_replacement_in_one_transaction(outbox: Outbox) -> None:
    outbox.append([draft(net_g=712)])
    with pytest.raises(AttributeError):
        outbox.append([VOID, None])  # type: ignore[list-item]
    assert outbox.journal(SCALE).last_seq == 1
    void, sale = outbox.append([VOID, draft(net_g=650)])
    assert void is not None
    assert sale is not None
    assert (void.voids_seq, void.net_g, sale.voids_seq, sale.net_g) == (1, 712, None, 650)
    assert outbox.journal(SCALE).standing_sale == sale


def test_what_may_still_lie_on_the_pan_is_known_after_a_restart(tmp_path: Path) -> None:
    def after(*drafts: Draft) -> tuple[int | None, int | None]:
        outbox = Outbox(tmp_path / "again.sqlite")
        outbox.append(drafts)
        outbox.close()
        again = Outbox(tmp_path / "again.sqlite")
        journal = again.journal(SCALE)
        again.close()
        return journal.last_net_g, None if journal.standing_sale is None else journal.standing_sale.net_g

    assert after() == (None, None)
    assert after(draft(net_g=500)) == (500, 500)
    assert after(draft(net_g=600)) == (600, 600)
    assert after(VOID) == (None, 500), "the last sale is voided: its load may be sold again"
    assert after(VOID) == (None, None), "the one before is voided, the last was already"
    assert after(draft(net_g=700), VOID, draft(net_g=650)) == (650, 650)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(keys=st.lists(st.sampled_from("sv"), min_size=1, max_size=12))
def test_however_sales_and_voids_follow_each_other_a_sale_is_voided_once_and_the_last_first(
    tmp_path_factory: pytest.TempPathFactory, keys: list[str]
) -> None:
    outbox = Outbox(tmp_path_factory.mktemp("voids") / "outbox.sqlite")
    outbox._db.execute("PRAGMA synchronous = OFF")
    standing: list[Weighing] = []
    for place, key in enumerate(keys):
        (made,) = outbox.append([draft(net_g=500 + place) if key == "s" else VOID])
        if key == "s":
            assert made is not None
            standing.append(made)
        elif not standing:
            assert made is None
        else:
            assert made is not None
            last = standing.pop()
            assert (made.voids_seq, made.net_g, made.amount_fen) == (last.seq, last.net_g, last.amount_fen)
        assert outbox.journal(SCALE).standing_sale == (standing[-1] if standing else None)
    outbox.close()


def test_the_numbers_of_the_latest_sales_and_the_last_sale_are_known_after_a_restart(outbox: Outbox) -> None:
    numbered = [replace(draft(), weighing=replace(draft().weighing, ticket_no=str(n))) for n in range(40)]
    outbox.append([*numbered, VOID, draft(net_g=650), VOID])
    journal = outbox.journal(SCALE)
    assert journal.recent_tickets == tuple(str(n) for n in range(9, 40))
    assert journal.last_sale is not None
    assert (journal.last_sale.net_g, journal.last_net_g) == (650, None)


def test_an_entry_that_somebody_made_unreadable_does_not_stop_the_scale(outbox: Outbox) -> None:
    outbox.append([draft()])
    outbox._db.execute("DROP TRIGGER entries_never_change")
    outbox._db.execute("UPDATE entries SET body = x'00'")
    assert outbox.journal(SCALE).standing_sale is None
    void, sale = outbox.append([VOID, draft()])
    assert void is None
    assert sale is not None
    assert sale.seq == 2
    assert decode_weighing(outbox.pending(outbox.journal(SCALE).journal_id, after_seq=1, limit=1)[0].body) == sale
