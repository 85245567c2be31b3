"""`steelyard registry codes`: the codes of the public pages of a market's vendors, listed and made."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from domain.errors import NotFound
from domain.ids import MarketId
from steelyard.commands.daily_caps import connection


def codes_command(
    market: Annotated[str, typer.Argument(help="Which market.")],
    make: Annotated[bool, typer.Option("--make", help="First make a code for who has a stall and none.")] = False,
    who: Annotated[str, typer.Option("--as", metavar="USERNAME", help="Who does it; left out: who is logged in.")] = "",
) -> None:
    """List the codes at the stalls: vendor, code and stalls, by tabs. None is ever replaced here."""
    from db import public_codes, public_pages
    from db.register import markets
    from steelyard.commands.acting import acting
    from supervision.register.public_codes import issue_for_all
    from web.access import Permission

    market_id, now = MarketId(market), datetime.now(UTC)
    with connection() as conn:
        if markets.one(conn, market_id) is None:
            raise NotFound(f"there is no market {market}")
        if make:
            by = acting(conn, who, Permission.ISSUE_VENDOR_CODES)
            with conn.transaction():
                made = issue_for_all(conn, market_id, by=by, at=now)
            typer.echo(f"{made} made", err=True)
        known = public_codes.of_market(conn, market_id)
        for one in public_pages.stallholders(conn, market_id, now):
            code = known[one.vendor_id].code if one.vendor_id in known else "-"
            typer.echo(f"{one.vendor_id}\t{code}\t{' '.join(one.stalls)}")
