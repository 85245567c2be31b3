"""What a QR code leads to: the code in it is that of the bytes which the journal froze, also after a restart."""

from pathlib import Path

import pytest

from domain.ids import MarketId
from edge_agent.caps.before_sale import with_sale
from edge_agent.journal.outbox import Outbox
from edge_agent.page.board import Recorded, View
from edge_agent.page.tickets import ticket_address
from messages.chain import digest
from messages.ticket_codes import ticket_code
from tests.page_rig import BOOK
from tests.unit.edge_agent.test_outbox import SCALE, draft, recorded

TEMPLATE = "https://tickets.example/t/{market_id}/{scale_id}/{journal_id}/{seq}/{code}"


def shown(outbox: Outbox, is_restarted: bool) -> Recorded:
    journal = outbox.journal(SCALE)
    sold = journal.last_sale if is_restarted else recorded(outbox, draft(), draft(net_g=713))[-1]
    assert sold is not None
    view = with_sale(View(heard_at=1.0), BOOK, journal.journal_id, sold)
    assert view.recorded is not None
    return view.recorded


@pytest.mark.parametrize("is_restarted", [False, True], ids=["as it is sold", "after a restart"])
def test_the_address_has_the_code_of_the_frozen_bytes(tmp_path: Path, is_restarted: bool) -> None:
    outbox = Outbox(tmp_path / "outbox.sqlite")
    if is_restarted:
        recorded(outbox, draft(), draft(net_g=713))
    found = shown(outbox, is_restarted)
    entry = outbox.pending(found.journal_id, after_seq=1, limit=1)[0]
    code = ticket_code(found.at, digest(entry.body))
    outbox.close()
    address = ticket_address(TEMPLATE, MarketId("sanya-1"), SCALE, found)
    assert address == f"https://tickets.example/t/sanya-1/SC-001/{found.journal_id}/2/{code}"


def test_a_template_of_before_has_no_code(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.sqlite")
    found = shown(outbox, is_restarted=False)
    outbox.close()
    older = TEMPLATE.removesuffix("/{code}")
    assert ticket_address(older, MarketId("sanya-1"), SCALE, found).endswith(f"/{found.journal_id}/2")
