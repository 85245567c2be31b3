"""Between paho's thread and the sender: nothing is lost, and nothing can pile up."""

from structlog.testing import capture_logs

from domain.ids import JournalId
from edge_agent.link.connection import Mailbox
from messages.receipts import Receipt

MINE, OTHER = JournalId("mine"), JournalId("other")


def test_of_many_receipts_the_highest_is_kept() -> None:
    mailbox = Mailbox([MINE])
    for committed in (3, 9, 5):
        mailbox.receipted(Receipt(MINE, committed))
    assert [heard.receipt for heard in mailbox.wait(0).receipts.values()] == [Receipt(MINE, 9)]
    assert mailbox.wait(0).receipts == {}


def test_receipts_for_other_journals_are_not_kept() -> None:
    mailbox = Mailbox([MINE])
    mailbox.receipted(Receipt(OTHER, 3))
    assert mailbox.wait(0).receipts == {}


def test_receipts_of_a_scale_that_moved_to_another_agent_do_not_fill_the_log() -> None:
    with capture_logs() as logs:
        Mailbox([MINE]).receipted(Receipt(OTHER, 3))
    assert [entry["log_level"] for entry in logs] == ["debug"]


def test_answers_keep_their_order() -> None:
    mailbox = Mailbox([MINE])
    mailbox.acked(1, taken=True)
    mailbox.acked(2, taken=False)
    mailbox.connected()
    word = mailbox.wait(0)
    assert (word.acked, word.connected, word.disconnected) == ([(1, True), (2, False)], True, False)
