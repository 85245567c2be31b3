"""`steelyard reweigh`: what the fair scale showed of a sale."""

from datetime import UTC, datetime
from typing import Annotated

import typer


def reweigh(
    market: Annotated[str, typer.Option(help="The market's id.")],
    scale: Annotated[str, typer.Option(help="The scale the goods were sold on.")],
    seq: Annotated[int, typer.Option(min=1, help="The sale's number on that scale: it is on the ticket.")],
    actual_g: Annotated[int, typer.Option(min=0, help="What the fair scale showed, in grams.")],
    fair_scale: Annotated[str, typer.Option(help="Which fair scale.")],
    by: Annotated[str, typer.Option(help="Who weighed it again.")],
    contact: Annotated[
        str, typer.Option(help="Where it is short: complain about it at once; how the customer can be reached.")
    ] = "",
    words: Annotated[str, typer.Option(help="What the customer says, where they complain.")] = "",
) -> None:
    """Enter a re-weighing on the fair scale; where the goods are short beyond the tolerance, an alert tells of it.

    The table is that of the Measures on Weighing in Retail (table 1). Live fish are not in it: for them the market's
    own tolerance holds, and the answer says so.
    """
    from db.pool import connect
    from domain.ids import MarketId, ScaleId
    from ingest.reweighing import reweigh as enter
    from pricing.policy import read_rules_policy
    from steelyard.fair_scale import ShortWeight, complain_of_short_weight, newest_ticket
    from steelyard.settings import read_settings
    from supervision.complaints.policy import read_complaints_policy
    from web.ticket_view import path_of

    settings = read_settings()
    policy = read_rules_policy(settings.policy_file("rules.toml")).findings
    complaints_policy = read_complaints_policy(settings.policy_file("complaints.toml"))
    with connect(settings.database_url_with_password) as conn:
        found = enter(
            conn,
            MarketId(market),
            ScaleId(scale),
            seq,
            actual_g=actual_g,
            fair_scale=fair_scale,
            by=by,
            now=datetime.now(UTC),
            policy=policy,
        )
        ticket = newest_ticket(conn, MarketId(market), ScaleId(scale), seq)
        filed = None
        if found.is_short and contact:
            said = ShortWeight(words=words, contact=contact, actual_g=actual_g, fair_scale=fair_scale)
            filed = complain_of_short_weight(conn, ticket, said, by=by, policy=complaints_policy)
    whose = "statutory" if found.tolerance.is_statutory else "the market's own, not statutory"
    allowed = found.tolerance.short_g
    limit = (
        "the table ends below this weight: decide by hand" if allowed is None else f"{allowed} g tolerated ({whose})"
    )
    verdict = "short weight: an alert tells of it" if found.is_short else "within the tolerance"
    answer = verdict if allowed is not None else "not judged"
    typer.echo(
        f"settled {found.settled_g} g, fair scale {found.actual_g} g: {found.short_g} g short; {limit}. {answer}"
    )
    if filed is not None:
        typer.echo(f"complaint {filed.complaint_id}; the customer sees the answer under {filed.status_path}")
    elif found.is_short:
        typer.echo(f"to complain: --contact here, or the customer's own way under {path_of(ticket)}")
