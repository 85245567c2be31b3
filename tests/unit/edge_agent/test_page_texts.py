"""What stands on the page: true, in both languages, and gone when it may not be true any more."""

import threading
from dataclasses import replace
from string import Formatter

import pytest

from domain.ids import JournalId
from domain.price_cap import CapStatus, CapUnit, Verdict
from domain.units import Fen, FenPerKg, Grams, PriceUnit
from edge_agent.caps.cap_book import CapBook
from edge_agent.page.board import STALE_AFTER_S, Board, Placard, View
from edge_agent.page.html import scale_page
from edge_agent.page.shown import Texts, texts
from edge_agent.page.words import CONDITIONS, SIGNS, VERDICTS, WORDS, Language, pick
from edge_agent.weighing.readings import Condition
from messages.notices import LockNotice, OverCapNotice, UnlockNotice, VendorNotice
from tests.announcements import NOON, announced, item
from tests.page_rig import F01, LIST, OTHER, OVER, RECORDED, SCALE, WITHIN
from tests.waiting import wait_until

ZH, EN = Language.ZH, Language.EN


NO_NOTICE = Placard()


def shown(view: View | None, placard: Placard = NO_NOTICE, *, now: float = 1.0, language: Language = ZH) -> Texts:
    return texts(SCALE, view, placard, now, language, "Asia/Shanghai")


def test_every_word_is_there_in_both_languages_with_the_same_values() -> None:
    for code, (zh, en) in WORDS.items():
        assert zh, code
        assert en, code
        places = [[field for _, field, _, _ in Formatter().parse(side) if field is not None] for side in (zh, en)]
        assert places[0] == places[1], code
    assert set(VERDICTS) == set(SIGNS) == {*Verdict, None}
    assert set(CONDITIONS) == set(Condition)
    assert (pick("en"), pick("zh"), pick(""), pick("fr")) == (EN, ZH, ZH, ZH)


def test_a_price_above_the_cap_is_said_with_how_much_and_what_is_legal() -> None:
    found = shown(OVER)
    assert (found["verdict"], found["verdict_text"]) == ("over", "超过限价")
    assert found["verdict_more"] == "超出 43.00 元/500克，最高 115.00 元/500克"
    assert (found["price"], found["price_unit"], found["price_kg"]) == ("158.00", "元/500克", "316.00 元/公斤")
    assert (found["cap"], found["cap_unit"], found["cap_kg"]) == ("115.00", "元/500克", "230.00 元/公斤")
    assert (found["weight"], found["amount"], found["goods"]) == ("0.712", "224.99", "东星斑")
    assert shown(OVER, language=EN)["verdict_more"] == "43.00 yuan/500 g too much; at most 115.00 yuan/500 g"


def test_both_units_are_shown_whichever_the_scale_is_set_to() -> None:
    by_kg = replace(OVER, unit_price_fen=Fen(31601), price_unit=PriceUnit.KG)
    assert (shown(by_kg)["price"], shown(by_kg)["price_kg"]) == ("158.005", "316.01 元/公斤")


def test_the_list_is_named_by_its_day_in_the_market_and_its_version() -> None:
    assert shown(WITHIN)["list"] == f"2026-11-22 起执行 · 版本 {LIST.version}"
    assert shown(WITHIN)["demonstration"] == ""
    demo = CapBook((announced(item("F01", 23000), is_demonstration=True),)).lookup(F01, "", NOON)
    assert shown(replace(WITHIN, entry=demo), language=EN)["demonstration"] == "Demonstration list, not today's law"


@pytest.mark.parametrize("verdict", [Verdict.UNCAPPED, Verdict.OUT_OF_STOCK, Verdict.UNLISTED, Verdict.NO_LIST, None])
def test_without_a_cap_none_is_shown_and_the_words_say_why(verdict: Verdict | None) -> None:
    status = CapStatus.OUT_OF_STOCK if verdict is Verdict.OUT_OF_STOCK else CapStatus.UNCAPPED
    items = [item("F01", status=status)] if verdict in {Verdict.UNCAPPED, Verdict.OUT_OF_STOCK} else []
    book = CapBook() if verdict is Verdict.NO_LIST else CapBook((announced(*items),))
    found = shown(replace(OVER, entry=book.lookup(F01, "", NOON), verdict=verdict))
    assert (found["cap"], found["cap_kg"]) == ("—", "")
    assert found["verdict_text"] == VERDICTS[verdict][0]
    assert found["verdict_sign"] != SIGNS[Verdict.WITHIN]
    assert bool(found["list"]) == (verdict is not Verdict.NO_LIST)


def test_goods_by_the_piece() -> None:
    book = CapBook((announced(item("F01", 800, unit=CapUnit.PIECE)),))
    view = replace(
        OVER,
        unit_price_fen=Fen(900),
        price_unit=PriceUnit.PIECE,
        pieces=3,
        entry=book.lookup(F01, "", NOON),
    )
    found = shown(view, language=EN)
    assert (found["price"], found["price_unit"], found["price_kg"]) == ("9.00", "yuan/piece", "")
    assert (found["cap"], found["cap_unit"], found["also"]) == ("8.00", "yuan/piece", "Tare 0.030 kg · 3 pieces")
    assert found["verdict_more"] == "The amount is above the cap"


def test_goods_that_are_not_known_are_shown_by_their_number() -> None:
    assert shown(replace(OVER, name=""))["goods"] == "货号 2031"
    assert shown(replace(OVER, name="", plu=""))["goods"] == "请输入货号"


@pytest.mark.parametrize("condition", Condition)
def test_a_scale_without_a_weight_shows_none(condition: Condition) -> None:
    found = shown(replace(OVER, condition=condition))
    assert (found["weight"], found["steady"], found["steadiness"]) == ("—", "", CONDITIONS[condition][0])


def test_a_weight_below_zero_and_a_moving_one() -> None:
    found = shown(replace(OVER, net_g=Grams(-30), stable=False))
    assert (found["weight"], found["steadiness"], found["steady"]) == ("-0.030", "称重中", "")


def test_an_old_reading_is_no_reading() -> None:
    """Exactly at the limit it still is one; what was recorded is a fact and stays."""
    view = replace(OVER, recorded=RECORDED)
    assert shown(view, now=STALE_AFTER_S)["state"] == "live"
    found = shown(view, now=STALE_AFTER_S + 0.1)
    assert (found["state"], found["state_text"]) == ("stale", "秤已 5 秒无读数")
    assert {found[name] for name in ("weight", "amount", "price", "cap", "goods")} == {"—"}
    assert (found["verdict"], found["steady"]) == ("none", "")
    assert (found["recorded"], found["ticket"]) == ("yes", "/scale/SC-001/ticket.svg?seq=4711")


def test_a_scale_that_tells_only_sales_has_no_weight_and_is_not_sent_to_its_cable() -> None:
    heard = View(heard_at=0.0, quiet_s=65.0, tells_weights=False)
    found = shown(heard, now=65.0)
    assert (found["state"], found["weight"], found["steadiness"], found["goods"]) == ("live", "—", "", "—")
    assert shown(heard, now=65.1)["state"] == "stale"
    sold = shown(replace(OVER, tells_weights=False, recorded=RECORDED))
    assert (sold["weight"], sold["goods"], sold["verdict"], sold["recorded"]) == ("—", "东星斑", "over", "yes")
    unpriced = shown(replace(OVER, unit_price_fen=None, amount_fen=None, recorded=replace(RECORDED, amount_fen=None)))
    assert "¥" not in unpriced["recorded_more"]
    assert (unpriced["price"], unpriced["amount"]) == ("—", "—")


def test_a_scale_that_never_spoke_says_so() -> None:
    found = shown(None, language=EN)
    assert (found["state"], found["state_text"], found["weight"]) == ("stale", "No reading yet", "—")


def test_every_page_has_every_text() -> None:
    names = set(shown(None))
    for view in (OVER, WITHIN, replace(OVER, recorded=RECORDED), replace(OVER, unit_price_fen=None, verdict=None)):
        for now in (1.0, 100.0):
            assert set(shown(view, now=now)) == names
    page = scale_page(SCALE, shown(OVER), ZH)
    written = {name for name in names if f'data-text="{name}"' in page or f'data-{name}="' in page}
    assert names - written == {"ticket"}


def test_recorded_says_what_was_recorded() -> None:
    found = shown(replace(WITHIN, recorded=RECORDED))
    assert found["recorded_text"] == "已记录 · 第 4711 笔"
    assert found["recorded_more"] == "东星斑 · 0.712 kg · ¥163.76"
    assert shown(WITHIN)["recorded_text"] == "尚未记录"


OBJECTION = OverCapNotice(
    at=NOON,
    journal_id=JournalId("0193ab77"),
    seq=4711,
    unit_price_fen=Fen(15800),
    price_unit=PriceUnit.HALF_KG,
    cap_fen_per_kg=FenPerKg(23000),
)


def test_what_the_service_told_is_shown() -> None:
    board = Board((SCALE, OTHER))
    board.told(SCALE, VendorNotice(at=NOON, stall_id="A-12", vendor_name="阿珍海鲜", credit_tier="B"))
    board.told(SCALE, LockNotice(at=NOON, reason="检定过期"))
    board.told(SCALE, OBJECTION)
    found = shown(OVER, board.sight(SCALE).placard)
    assert (found["vendor"], found["stall"], found["tier"]) == ("阿珍海鲜", "摊位 A-12", "信用等级 B")
    assert found["locked"] == "本秤已停用：检定过期"
    assert found["objected"].startswith("第 4711 笔超过限价")
    board.told(SCALE, UnlockNotice(at=NOON))
    later = replace(OVER, recorded=replace(RECORDED, seq=4712))
    assert shown(later, board.sight(SCALE).placard)["locked"] == ""
    assert shown(later, board.sight(SCALE).placard)["objected"] == ""
    assert board.sight(OTHER).placard == Placard()


def test_nothing_told_becomes_markup() -> None:
    wicked = replace(OVER, name="<script>alert(1)</script>", plu='"><img src=x>')
    placard = Placard(vendor=VendorNotice(at=NOON, vendor_name="<b>", stall_id='"onload="x', credit_tier="&"))
    page = scale_page(SCALE, shown(wicked, placard), ZH)
    assert "<script>alert" not in page
    assert "<b>" not in page
    assert '"onload=' not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_a_board_wakes_who_waits_and_only_for_news() -> None:
    board = Board((SCALE, OTHER))
    seen = board.sight(SCALE).change
    assert board.wait(SCALE, seen, 0.0).change == seen
    found: list[View | None] = []
    thread = threading.Thread(target=lambda: found.append(board.wait(SCALE, seen, 30.0).view))
    thread.start()
    board.show(OTHER, WITHIN)
    board.show(SCALE, OVER)
    thread.join(timeout=10)
    wait_until(lambda: found == [OVER], what="the watcher has seen it")


def test_of_a_scale_that_was_taken_away_there_is_nothing_to_see_and_another_one_keeps_its_view() -> None:
    board = Board((SCALE, OTHER))
    board.show(SCALE, OVER)
    board.show(OTHER, WITHIN)
    board.keep((OTHER,))
    board.show(SCALE, OVER)
    assert (board.scales, board.sight(SCALE).view, board.sight(OTHER).view) == ((OTHER,), None, WITHIN)
