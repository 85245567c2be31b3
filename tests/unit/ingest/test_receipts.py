"""Receipts: at once, but at most once a second a scale."""

from db.journals import JournalKey
from domain.ids import JournalId, MarketId, ScaleId
from ingest.receipts import ReceiptPacer

START = 1000.0


def journal(scale: str = "S-1", name: str = "j") -> JournalKey:
    return JournalKey(MarketId("m"), ScaleId(scale), JournalId(name))


def after(seconds: float) -> float:
    return START + seconds


def test_the_first_receipt_goes_at_once_and_the_next_waits_for_its_second() -> None:
    pacer = ReceiptPacer()
    pacer.add({journal(): 5})
    assert pacer.due(START) == {journal(): 5}
    pacer.add({journal(): 6})
    pacer.add({journal(): 7})
    assert pacer.due(after(0.999)) == {}
    assert pacer.due(after(1)) == {journal(): 7}
    assert pacer.due(after(5)) == {}


def test_scales_do_not_wait_for_each_other() -> None:
    pacer = ReceiptPacer()
    pacer.add({journal("S-1"): 1})
    pacer.due(START)
    pacer.add({journal("S-1"): 2, journal("S-2"): 9})
    assert pacer.due(after(0.5)) == {journal("S-2"): 9}


def test_a_redelivery_is_receipted_again() -> None:
    pacer = ReceiptPacer()
    pacer.add({journal(): 5})
    pacer.due(START)
    pacer.add({journal(): 5})
    assert pacer.due(after(2)) == {journal(): 5}
